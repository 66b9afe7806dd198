"""Programs of the distribution that a few long tests need; fetched when we may, one test at a time."""

import fcntl
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.fetched import fetch

_LOCK = Path(__file__).resolve().parent / "node" / ".npmrc"


def program(name: str, package: str) -> str:
    """Where it is."""
    with _LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shutil.which(name) is None and os.geteuid() == 0 and shutil.which("apt-get"):
            for arguments in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", package)):
                fetch("apt-get", *arguments)
    found = shutil.which(name)
    assert found is not None, f"{name} is not installed: apt-get install {package}."
    return found


def unpacked(packages: Sequence[str], folder: Path) -> Path:
    """`folder` with the files of `packages`, once; nothing is installed, so no service of theirs starts.

    Raises OSError or subprocess.SubprocessError where the distribution has none to give.
    """
    with _LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            draft = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            if os.geteuid() == 0:  # else with the lists that are there
                fetch("apt-get", "update", "-qq", folder=draft)
            fetch("apt-get", "download", "-q", *packages, folder=draft)
            for file in sorted(draft.glob("*.deb")):
                fetch("dpkg", "-x", str(file), str(draft), folder=draft)
                file.unlink()
            draft.rename(folder)
    return folder
