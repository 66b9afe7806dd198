"""Programs of the distribution that a few long tests need; installed when we may, one test at a time."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

INSTALL_SECONDS = 600
_LOCK = Path(__file__).resolve().parent / "node" / ".npmrc"


def program(name: str, package: str) -> str:
    """Where it is."""
    with _LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shutil.which(name) is None and os.geteuid() == 0 and shutil.which("apt-get"):
            for arguments in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", package)):
                subprocess.run(["apt-get", *arguments], check=True, capture_output=True, timeout=INSTALL_SECONDS)
    found = shutil.which(name)
    assert found is not None, f"{name} is not installed: apt-get install {package}."
    return found
