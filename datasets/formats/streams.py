"""How far reading has come, for sources that read a stream from its beginning to its end."""

from dataclasses import dataclass
from typing import BinaryIO

from publicgsb.datasets.formats.bounds import Bounded


@dataclass(frozen=True, slots=True)
class Place:
    bytes_total: int
    file: BinaryIO
    bounded: Bounded

    def bytes_read(self) -> int:
        """Of the file as it lies on disk."""
        return min(self.file.tell(), self.bytes_total)

    def content_bytes(self) -> int:
        """Unpacked."""
        return self.bounded.bytes_read
