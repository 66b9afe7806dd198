"""Files on their way: written into a folder of the maker's own, hashed as they grow."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from publicgsb.datasets.exports.model import Part


@dataclass(frozen=True, slots=True)
class Written:
    """A part and where it lies until it is in the object store."""

    part: Part
    path: Path


class HashedFile:
    """A new file that only we may read, its length and its SHA-256."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self.path = path
        self.bytes = 0
        self._digest = hashlib.sha256()
        self._file: BinaryIO = path.open("wb")

    def write(self, content: bytes) -> int:
        self._digest.update(content)
        self.bytes += len(content)
        return self._file.write(content)

    @property
    def closed(self) -> bool:
        return self._file.closed

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> str:
        """The SHA-256 of all that was written."""
        self._file.close()
        return self._digest.hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
