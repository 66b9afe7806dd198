"""The pages of a Parquet file by their headers: each says how much it unpacks to, and that much is then allocated.

The headers are Thrift's compact protocol; three numbers of each are wanted, the rest is passed over.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.bounds import too_large
from publicgsb.datasets.ingest.model import MIB, ErrorCode, FileError, Limits, whole_file

PAGE_BYTES_MAX = 64 * MIB  # writers make pages of one mebibyte
_HEADER_BYTES_MAX = 64 * 1024  # statistics stand in it too
_PAGES_MAX = 1_000_000
_UNPACKED, _PACKED = 2, 3  # fields of PageHeader
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_DEPTH_MAX = 8


def check_pages(file: BinaryIO, metadata: Any, limits: Limits) -> None:
    """Raises FileError when a page, or all together, unpack to more than is allowed; EOFError for broken headers."""
    total = pages = 0
    size = file.seek(0, 2)
    for start, length in _chunks(metadata):
        at, end = start, start + length
        if start < 4 or end > size:
            raise EOFError
        while at < end:
            file.seek(at)
            header = file.read(min(_HEADER_BYTES_MAX, end - at))
            unpacked, packed, header_bytes = page_header(header)
            if unpacked > PAGE_BYTES_MAX:
                raise _large_page()
            total, pages = total + unpacked, pages + 1
            if total > limits.content_bytes_max:
                raise too_large(limits.content_bytes_max)
            if pages > _PAGES_MAX:
                raise EOFError
            at += header_bytes + packed
    file.seek(0)


def _chunks(metadata: Any) -> Iterator[tuple[int, int]]:
    """Where the pages of each column of each row group begin, and how many bytes they take."""
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for column in range(row_group.num_columns):
            chunk = row_group.column(column)
            start = chunk.data_page_offset
            if chunk.has_dictionary_page and chunk.dictionary_page_offset is not None:
                start = min(start, chunk.dictionary_page_offset)
            yield start, chunk.total_compressed_size


def page_header(data: bytes) -> tuple[int, int, int]:
    """Bytes unpacked, bytes packed, and bytes of the header itself. EOFError for what is no header."""
    reader = _Thrift(data)
    found: dict[int, int] = {}
    field = 0
    while True:
        byte = reader.byte()
        if byte == 0:
            break
        field = field + (byte >> 4) if byte >> 4 else reader.zigzag()
        kind = byte & 15
        if field in (_UNPACKED, _PACKED) and kind == _I32:
            found[field] = reader.zigzag()
        else:
            reader.skip(kind, 0)
    if len(found) != 2 or min(found.values()) < 0:
        raise EOFError
    return found[_UNPACKED], found[_PACKED], reader.at


class _Thrift:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def byte(self) -> int:
        if self.at >= len(self._data):
            raise EOFError
        self.at += 1
        return self._data[self.at - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise EOFError

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def skip(self, kind: int, depth: int) -> None:
        if depth > _DEPTH_MAX:
            raise EOFError
        if kind in (_TRUE, _FALSE):
            return
        if kind == _BYTE:
            self.byte()
        elif kind in (_I16, _I32, _I64):
            self.varint()
        elif kind == _DOUBLE:
            self._pass(8)
        elif kind == _BINARY:
            self._pass(self.varint())
        elif kind in (_LIST, _SET):
            self._skip_list(depth)
        elif kind == _STRUCT:
            while byte := self.byte():
                if not byte >> 4:
                    self.varint()
                self.skip(byte & 15, depth + 1)
        else:  # a map: no page header has one
            raise EOFError

    def _skip_list(self, depth: int) -> None:
        head = self.byte()
        count = head >> 4 if head >> 4 < 15 else self.varint()
        if count > len(self._data):
            raise EOFError
        for _ in range(count):
            if head & 15 in (_TRUE, _FALSE):
                self.byte()  # within a list a truth takes a byte
            else:
                self.skip(head & 15, depth + 1)

    def _pass(self, count: int) -> None:
        self.at += count
        if self.at > len(self._data):
            raise EOFError


def _large_page() -> FileError:
    return whole_file(
        ErrorCode.COMPRESSION,
        Label(
            f"بخشی از پروندهٔ Parquet بیش از {PAGE_BYTES_MAX // MIB} مبی‌بایت می‌شود و باز نشد.",
            f"A page of the Parquet file unpacks to more than {PAGE_BYTES_MAX // MIB} MiB and was not opened.",
        ),
        Label("آن را با صفحه‌های کوچک‌تر بنویسید.", "Write it with smaller pages."),
    )
