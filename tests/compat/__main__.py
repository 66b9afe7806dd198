"""`python -m tests.compat [--url URL] [--only NAME …] [--list]`: each tool against the demo; writes docs/compat.md.

Without --url it starts a demo of its own, which takes a minute or two; with it, PGSB_API_KEY is the key of that one.
With --only nothing is written: the page tells one run of all tools. The exit code is 1 when a tool failed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx2

from tests.compat import known
from tests.compat.catalogue import TOOLS
from tests.compat.ground import ROOT, Ground, wait_for_files
from tests.compat.page import Outcome, page
from tests.compat.tool import Tool
from tests.journeys.demo import demo

PAGE = ROOT / "docs" / "compat.md"


@dataclass(frozen=True, slots=True)
class Service:
    url: str
    key: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="of a demo that runs; its key in PGSB_API_KEY")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of tools; all by default")
    parser.add_argument("--list", action="store_true", help="the tools")
    asked = parser.parse_args()
    slugs = [tool.slug for tool in TOOLS]
    if unknown := set(asked.only or []) - set(slugs):
        parser.error(f"there is no tool {', '.join(sorted(unknown))}; --list names them")
    if asked.list:
        print("\n".join(slugs))
        return
    key = os.environ.get("PGSB_API_KEY", "")
    if asked.url and not key:
        parser.error("PGSB_API_KEY is not set: export the key that the demo printed")
    wanted = [tool for tool in TOOLS if not asked.only or tool.slug in asked.only]
    with running(asked.url, key) as service:
        outcomes = [outcome_of(tool, service) for tool in wanted]
    if not asked.only:
        PAGE.write_text(page(outcomes, date.today()), encoding="utf-8")
        print(f"{PAGE.relative_to(ROOT)} is written")
    failed = [one.tool.slug for one in outcomes if one.problem]
    print(
        f"{len(outcomes) - len(failed)} of {len(outcomes)} work" + (f"; failed: {', '.join(failed)}" if failed else "")
    )
    raise SystemExit(bool(failed))


@contextmanager
def running(url: str | None, key: str) -> Iterator[Service]:
    """The demo at `url`, or one of our own that is gone afterwards; its files are made when the block begins."""
    if url:
        check_reachable(url.rstrip("/"), key)
        wait_for_files(url.rstrip("/"), known.DATASETS)
        yield Service(url.rstrip("/"), key)
        return
    with tempfile.TemporaryDirectory(prefix="gsb") as folder:
        state_dir = Path(folder) / "state"
        print("starting a demo of its own", flush=True)
        try:
            with demo(state_dir) as started:
                wait_for_files(started.url, known.DATASETS)
                yield Service(started.url, started.key)
        finally:
            reset = [sys.executable, "-m", "publicgsb.platform.server", "reset", "--yes"]
            subprocess.run(reset, env={**os.environ, "GSB_STATE_DIR": str(state_dir)}, check=True, capture_output=True)


def check_reachable(url: str, key: str) -> None:
    """Ends with a sentence where every tool would fail for the same reason."""
    try:
        answer = httpx2.get(f"{url}/api/v1/quota", headers={"X-API-Key": key}, timeout=60)
    except httpx2.HTTPError as error:
        raise SystemExit(f"{url} does not answer ({error}): is the demo running there?") from error
    if answer.status_code != httpx2.codes.OK:
        raise SystemExit(f"{url} does not take the key in PGSB_API_KEY: {answer.json()['detail']}")


def outcome_of(tool: Tool, service: Service) -> Outcome:
    """Says so while it goes; what breaks a check is its outcome, and the next one follows. No key is told."""
    began = time.monotonic()
    print(f"{tool.slug:<18}", end=" ", flush=True)
    version, problem = "", ""
    with tempfile.TemporaryDirectory(prefix="compat") as folder:
        ground = Ground(service.url, service.key, Path(folder))
        try:
            version = tool.version(ground)
            run(tool, ground)
        except Exception as error:
            said = f"{type(error).__name__}: {error}".strip()
            problem = said.replace(service.key, "gsbl_…").replace(folder, "…")
    print(f"{version:<14} {'FAILED' if problem else 'works '} {time.monotonic() - began:6.1f} s", flush=True)
    if problem:
        print(f"    {problem[-2000:]}", flush=True)
    return Outcome(tool, version, problem)


def run(tool: Tool, ground: Ground) -> None:
    """Raises when anything is not as it must be."""
    known.write(ground.folder)
    ground.wait_for_room()
    tool.check(ground, tool.snippet)


if __name__ == "__main__":
    main()
