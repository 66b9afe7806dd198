"""What is said to be kept is on the disk: the bytes of a file, and its name in its folder."""

import asyncio
import os
from pathlib import Path


async def to_disk(path: Path, *folders: Path) -> None:
    """Returns once the file, its own folder and `folders` are on the disk; in a thread, as a disk takes its time.

    Raises OSError where the disk says that they are not, and FileNotFoundError for what is gone meanwhile.
    """
    await asyncio.to_thread(_sync, (path, path.parent, *folders))


def _sync(paths: tuple[Path, ...]) -> None:
    for one in paths:
        opened = os.open(one, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
