"""Node packages that judge this service from outside: installed once from tests/node/package-lock.json, then run."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tests.fetched import fetch

FOLDER = Path(__file__).resolve().parent / "node"
RUN_SECONDS = 300


def run_node(script: str, *arguments: str) -> Any:
    """What `tests/node/<script>` writes to its standard output, as JSON; it must end well."""
    _install()
    done = subprocess.run([node(), script, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=RUN_SECONDS)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def modules() -> Path:
    """`node_modules` of the lock file, installed."""
    _install()
    return FOLDER / "node_modules"


def version(package: str) -> str:
    """Of an installed package."""
    found: str = json.loads((modules() / package / "package.json").read_text())["version"]
    return found


def node() -> str:
    """Where Node is."""
    return _program("node")


@cache
def _install() -> None:
    """`npm ci`, by the first of the parallel test processes only, and again when the lock file has changed."""
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = FOLDER / "node_modules" / ".installed"
    with (FOLDER / ".npmrc").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        fetch(_program("npm"), "ci", folder=FOLDER)
        stamp.write_text(wanted)


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, f"{name} is not installed: Node 20 or newer is needed for these tests."
    return found
