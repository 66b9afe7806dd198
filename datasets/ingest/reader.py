"""From text to batches of whole rows: the CSV syntax, the header, the width of each row."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.ingest.errors import ErrorLog
from publicgsb.datasets.ingest.header import Header, find_delimiter, read_header
from publicgsb.datasets.ingest.model import MIB, ErrorCode, FileError, Limits, RowError, whole_file
from publicgsb.datasets.ingest.source import OpenSource

BATCH_ROWS = 4_096
_BATCH_BYTES_MAX = 8 * MIB  # a batch of very long rows ends early
_STEP_ROWS = 64


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of the file's width and their numbers in the file; `rows_read` counts the broken ones too."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[str]]
    rows_read: int


class CsvReader:
    """Reads the header when made; then `batches` walks the rows."""

    def __init__(self, source: OpenSource, contract: Contract, limits: Limits) -> None:
        csv.field_size_limit(limits.cell_characters_max)  # of the process, the module knows no other
        first = source.text.readline()
        delimiter = find_delimiter(first, contract)
        self._reader = csv.reader(chain((first,), source.text), delimiter=delimiter, strict=True)
        self._content_bytes = source.content_bytes
        self._rows_max = limits.rows_max
        self.header: Header = read_header(next(iter(self._next_rows(1)), []), contract)

    def batches(self, errors: ErrorLog) -> Iterator[Batch]:
        rows_read = 0
        while rows := self._next_batch():
            first, rows_read = rows_read + 1, rows_read + len(rows)
            if rows_read > self._rows_max:
                raise _too_many(self._rows_max)
            numbers: Sequence[int] = range(first, rows_read + 1)
            if set(map(len, rows)) != {self.header.width} or self._blank in rows:
                numbers, rows = self._whole_rows(numbers, rows, errors)
            yield Batch(numbers, rows, rows_read)

    @property
    def _blank(self) -> list[str]:
        return [""] * self.header.width

    def _next_batch(self) -> list[list[str]]:
        bytes_max = self._content_bytes() + _BATCH_BYTES_MAX
        batch = self._next_rows(_STEP_ROWS)
        while batch and len(batch) < BATCH_ROWS and self._content_bytes() < bytes_max:
            rows = self._next_rows(_STEP_ROWS)
            if not rows:
                break
            batch += rows
        return batch

    def _next_rows(self, count: int) -> list[list[str]]:
        try:
            return list(islice(self._reader, count))
        except csv.Error:
            raise _broken(self._reader.line_num) from None

    def _whole_rows(
        self, numbers: Sequence[int], rows: list[list[str]], errors: ErrorLog
    ) -> tuple[list[int], list[list[str]]]:
        """The rows of the right width; the cells of others stand under the wrong label and tell nothing."""
        whole = []
        for number, row in zip(numbers, rows, strict=True):
            if not any(row):
                errors.add(_blank_row(number))
            elif len(row) != self.header.width:
                errors.add(_wrong_width(number, len(row), self.header.width))
            else:
                whole.append((number, row))
        return [number for number, _ in whole], [row for _, row in whole]


def _blank_row(number: int) -> RowError:
    return RowError(
        number, None, ErrorCode.BLANK_ROW, None,
        Label("ردیف خالی است.", "The row is blank."),
        Label("آن را حذف کنید.", "Delete it."),
    )  # fmt: skip


def _wrong_width(number: int, cells: int, width: int) -> RowError:
    return RowError(
        number, None, ErrorCode.EXTRA_CELL if cells > width else ErrorCode.MISSING_CELL, None,
        Label(f"{cells} خانه دارد و باید {width} داشته باشد.", f"It has {cells} cells where {width} are due."),
        Label(
            "خانه‌ای را که جداکننده در خود دارد میان دو نقل‌قول بگذارید.",
            "Put a cell that holds the delimiter between quotation marks.",
        ),
    )  # fmt: skip


def _too_many(rows_max: int) -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label(f"بیش از {rows_max:,} ردیف دارد.", f"It has more than {rows_max:,} rows."),
        Label("آن را در چند مجموعه‌داده تقسیم کنید.", "Split it into several datasets."),
    )


def _broken(line: int) -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label(f"ساختار CSV نزدیک سطر {line} شکسته است.", f"The CSV structure is broken near line {line}."),
        Label(
            "نقل‌قولی باز مانده یا درون خانه دوتایی نشده است، یا خانه‌ای بسیار بزرگ است.",
            'A quotation mark (") is not closed or not doubled within a cell, or a cell is far too large.',
        ),
    )
