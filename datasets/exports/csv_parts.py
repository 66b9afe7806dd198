"""A release's CSV as parts, each with its header line; without the headers after the first they are the whole file.

Fed with what COPY writes, piece by piece, so that a release of any size takes no more memory than one piece.
"""

import hashlib
from pathlib import Path

from publicgsb.datasets.exports.model import BOM, PART_BYTES_MAX, FileFormat, Part, Whole
from publicgsb.datasets.exports.written import HashedFile, Written
from publicgsb.datasets.record_ends import RecordEnds

ROOM_BYTES = 8 * 1024 * 1024  # a part is ended at the first record after its bound less this


class CsvParts:
    """`add` every piece, then `close`."""

    def __init__(self, folder: Path, part_bytes_max: int = PART_BYTES_MAX) -> None:
        self._folder = folder
        self._full = part_bytes_max - min(ROOM_BYTES, part_bytes_max // 2)
        self._ends = RecordEnds()
        self._head = b""
        self._has_head = False
        self._file: HashedFile | None = None
        self._rows = 0
        self._parts: list[Written] = []
        self._whole = hashlib.sha256()
        self._whole_with_bom = hashlib.sha256(BOM)
        self._bytes = 0

    def add(self, piece: bytes) -> None:
        read = self._ends.read(piece)
        self._whole.update(read.content)
        self._whole_with_bom.update(read.content)
        self._bytes += len(read.content)
        content, records, end = read.content, read.records, read.first_end
        if not self._has_head:
            content, records = self._take_head(content, records, end)
        elif self._file is not None and self._file.bytes >= self._full and records:
            self._write(content[:end], 1)
            self._end_part()
            content, records = content[end:], records - 1
        if content:
            self._write(content, records)

    def close(self) -> tuple[list[Written], Whole]:
        if self._file is not None or not self._parts:
            self._write(b"", 0)
            self._end_part()
        return self._parts, Whole(self._bytes, self._whole.hexdigest(), self._whole_with_bom.hexdigest())

    def _take_head(self, content: bytes, records: int, end: int) -> tuple[bytes, int]:
        """The first line: names of columns need no quotes, so it ends where the first record does."""
        if not records:
            self._head += content
            return b"", 0
        self._head += content[:end]
        self._has_head = True
        return content[end:], records - 1

    def _write(self, content: bytes, records: int) -> None:
        if self._file is None:
            self._file = HashedFile(self._folder / f"{len(self._parts) + 1}.csv")
            self._file.write(self._head)
        self._file.write(content)
        self._rows += records

    def _end_part(self) -> None:
        assert self._file is not None
        size, path, sha256 = self._file.bytes, self._file.path, self._file.close()
        part = Part(FileFormat.CSV, len(self._parts) + 1, self._rows, size, sha256, len(self._head))
        self._parts.append(Written(part, path))
        self._file, self._rows = None, 0
