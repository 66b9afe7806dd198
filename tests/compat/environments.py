"""Virtual environments for tools that would clash with ours, or with one another: pinned in environments/*.txt."""

import fcntl
import hashlib
import sys
from functools import cache
from pathlib import Path

from tests.fetched import fetch

FOLDER = Path(__file__).resolve().parent / "environments"
BUILT = Path(__file__).resolve().parents[2] / "build" / "compat"


@cache
def environment(name: str) -> Path:
    """Where it is; made by the first process that asks, and anew when its list has changed."""
    wanted = FOLDER / f"{name}.txt"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    folder = BUILT / name
    stamp = folder / ".installed"
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            fetch(sys.executable, "-m", "venv", "--clear", str(folder))
            fetch(str(folder / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", "-r", str(wanted))
            stamp.write_text(digest)
    return folder


def programs(name: str) -> Path:
    """The folder of its programs."""
    return environment(name) / "bin"


def pinned(name: str, package: str) -> str:
    """The version that the list of environment `name` holds it to."""
    for line in (FOLDER / f"{name}.txt").read_text().splitlines():
        found, _, version = line.partition("==")
        if found == package:
            return version
    raise AssertionError(f"{package} is not in environments/{name}.txt")
