"""A person at /explore in Debian's Chromium, by tests/node/explore.js."""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.node_tools import run_node

INSTALL_SECONDS = 600
_LOCK = Path(__file__).resolve().parent / "node" / ".npmrc"


def explore(url: str, key: str, dataset: str, kind: str, **more: Any) -> dict[str, Any]:
    """What was seen: price, answer, requests, problems, what the browser kept."""
    os.environ["CHROMIUM"] = _chromium()
    asked = {"url": url, "key": key, "dataset": dataset, "kind": kind, **more}
    seen: dict[str, Any] = run_node("explore.js", json.dumps(asked))
    return seen


def _chromium() -> str:
    """Where Chromium is; installed from the distribution when we may."""
    with _LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shutil.which("chromium") is None and os.geteuid() == 0 and shutil.which("apt-get"):
            for arguments in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "chromium")):
                subprocess.run(["apt-get", *arguments], check=True, capture_output=True, timeout=INSTALL_SECONDS)
    found = shutil.which("chromium")
    assert found is not None, "Chromium is not installed: apt-get install chromium."
    return found
