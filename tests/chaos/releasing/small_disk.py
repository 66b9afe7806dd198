"""A disk that is really full: a small file system of its own in memory, mounted where something is written."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KIB, MIB = 1 << 10, 1 << 20


@dataclass(frozen=True, slots=True)
class SmallDisk:
    folder: Path

    @property
    def used_bytes(self) -> int:
        told = os.statvfs(self.folder)
        return (told.f_blocks - told.f_bfree) * told.f_frsize

    def resize(self, size: int) -> None:
        _run("mount", "-o", f"remount,size={size}", str(self.folder))


@contextmanager
def small_disk(folder: Path, size: int, owner: tuple[int, int] | None = None) -> Iterator[SmallDisk]:
    """Mounted at `folder` until the end of the block; what was in the folder is hidden meanwhile."""
    folder.mkdir(mode=0o700, exist_ok=True)
    uid, gid = owner or (os.getuid(), os.getgid())
    _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=0700,uid={uid},gid={gid}", "tmpfs", str(folder))
    try:
        yield SmallDisk(folder)
    finally:
        _run("umount", "--lazy", str(folder))


def why_none() -> str | None:
    """Why this process cannot have a small disk, or None when it can."""
    if os.getuid() != 0:
        return "a small file system can be mounted by root only"
    with tempfile.TemporaryDirectory(prefix="gsb") as folder:
        try:
            with small_disk(Path(folder) / "disk", MIB):
                return None
        except (OSError, subprocess.CalledProcessError):
            return "this machine lets nobody mount a small file system"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)
