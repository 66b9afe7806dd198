"""CSV and its relatives: the character that parts the cells is found by the first line."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.blocks import Blocks
from publicgsb.datasets.formats.bounds import RECORD_CHARACTERS_MAX, too_many_columns
from publicgsb.datasets.formats.coded import Coded
from publicgsb.datasets.formats.model import Format, Found
from publicgsb.datasets.formats.streams import Place
from publicgsb.datasets.ingest.model import MIB, ErrorCode, FileError, Limits, whole_file

_DELIMITERS = (",", ";", "\t", "|")
_PIECE_BYTES = MIB  # read by rows before columns are tried again; fewer plain bytes are not worth it


class DelimitedRows:
    """Long files are read by columns wherever a block of lines is plain, and by rows where it is not."""

    is_typed = False

    def __init__(self, blocks: Blocks, place: Place, found: Found, known: Collection[str], limits: Limits) -> None:
        csv.field_size_limit(limits.cell_characters_max)  # of the process, the module knows no other
        self._blocks = blocks
        self._limits = limits
        self._is_long = not blocks.is_at_end
        first = blocks.take(_PIECE_BYTES)
        blocks.give_back(len(first))
        self._delimiter = find_delimiter(next(iter(_lines_of(first)), ""), known)
        format_ = Format.TSV if self._delimiter == "\t" else Format.CSV
        self.found = replace(found, format=format_, delimiter=self._delimiter)
        self.bytes_total, self.bytes_read, self.content_bytes = place.bytes_total, place.bytes_read, place.content_bytes
        self._held = 0  # characters of the record that is being read
        self._unread: list[str] = []  # lines of the block that is being read by rows, the next one last
        self._lines_by_columns = 0
        self._bytes_by_rows = 0  # that are left until columns are tried again
        self._reader = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)
        self.labels: Sequence[str] = next(iter(self.next_rows(1)), [])
        if self._is_long:
            blocks.give_back(sum(len(line.encode()) for line in self._unread))
            self._unread.clear()
            self._bytes_by_rows = 0

    def next_rows(self, count: int) -> list[list[str]]:
        """Fewer than `count` also where columns may be tried again."""
        rows = []
        try:
            for row in islice(self._reader, count):
                self._held = 0
                if len(row) > self._limits.columns_max:
                    raise too_many_columns(len(row), self._limits.columns_max)
                rows.append(row)
                if not self._unread and self._bytes_by_rows <= 0:
                    break
        except csv.Error:
            raise self._broken() from None
        return rows

    def next_columns(self) -> Sequence[Coded] | None:
        """The rows of the next block by columns, as wide as the labels; None where they have to be read by rows."""
        if not self._is_long or self._unread or self._bytes_by_rows > 0 or not (block := self._blocks.take()):
            return None
        from publicgsb.datasets.formats.plain_csv import plain_end, read_columns  # noqa: PLC0415 - pyarrow

        end = plain_end(block)
        columns = None
        if end >= min(_PIECE_BYTES, len(block)):
            columns = read_columns(block[:end], self._delimiter, len(self.labels), self._limits.cell_characters_max)
        if columns is None:
            self._bytes_by_rows = max(end, _PIECE_BYTES)
            self._blocks.give_back(len(block))
        else:
            self._lines_by_columns += len(columns[0])
            self._blocks.give_back(len(block) - end)
        return columns

    def _lines(self) -> Iterator[str]:
        """Each is short; a record of very many of them is refused while it is small."""
        while block := self._blocks.take(_PIECE_BYTES):
            self._bytes_by_rows -= len(block)
            self._unread = _lines_of(block)[::-1]
            while self._unread:
                line = self._unread.pop()
                self._held += len(line)
                if self._held > RECORD_CHARACTERS_MAX:
                    raise self._broken()
                yield line

    def _broken(self) -> FileError:
        return _broken(self._reader.line_num + self._lines_by_columns)


def _lines_of(block: bytes) -> list[str]:
    """With their ends, of whatever kind; that is what the csv module asks for."""
    return io.TextIOWrapper(io.BytesIO(block), encoding="utf-8", newline="").readlines()


def find_delimiter(line: str, known: Collection[str]) -> str:
    """The one that yields most of the labels that are known, then most cells: no guess from frequencies."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            labels = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return (0, 0)
        return (sum(label.strip() in known for label in labels), len(labels))

    return max(_DELIMITERS, key=score)


def _broken(line: int) -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label(f"ساختار CSV نزدیک سطر {line} شکسته است.", f"The CSV structure is broken near line {line}."),
        Label(
            "نقل‌قولی باز مانده یا درون خانه دوتایی نشده است، یا خانه یا ردیفی بسیار بزرگ است.",
            'A quotation mark (") is not closed or not doubled within a cell, or a cell or a row is far too large.',
        ),
    )
