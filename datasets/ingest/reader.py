"""From the rows of any format to batches of whole rows: the labels, the width of each row, how many there may be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.formats.batches import next_batch
from publicgsb.datasets.formats.bounds import too_many_columns
from publicgsb.datasets.formats.model import NULL_CELL, ColumnSource, RowSource
from publicgsb.datasets.ingest.errors import ErrorLog
from publicgsb.datasets.ingest.header import Header, read_header
from publicgsb.datasets.ingest.model import ErrorCode, FileError, Limits, RowError, whole_file


@dataclass(frozen=True, slots=True)
class Batch:
    """Cells by column, as the file has them, and the rows' numbers in the file; `rows_read` counts the broken ones too.

    All columns are Coded, or none is.
    """

    numbers: Sequence[int]
    columns: Sequence[Sequence[str]]
    rows_read: int


class RowReader:
    """Reads the labels when made; then `batches` walks the rows."""

    def __init__(self, source: RowSource, contract: Contract, limits: Limits) -> None:
        if len(source.labels) > limits.columns_max:
            raise too_many_columns(len(source.labels), limits.columns_max)
        self._source = source
        self._rows_max = limits.rows_max
        self.header: Header = read_header(source.labels, contract)

    def batches(self, errors: ErrorLog) -> Iterator[Batch]:
        rows_read = 0
        while True:
            columns = self._source.next_columns() if isinstance(self._source, ColumnSource) else None
            rows = next_batch(self._source) if columns is None else ()
            if columns is None and not rows:
                return
            first, rows_read = rows_read + 1, rows_read + (len(rows) if columns is None else len(columns[0]))
            if rows_read > self._rows_max:
                raise _too_many(self._rows_max)
            numbers: Sequence[int] = range(first, rows_read + 1)
            yield Batch(numbers, columns, rows_read) if columns else self._by_rows(numbers, rows, errors)

    def _by_rows(self, numbers: Sequence[int], rows: Sequence[Sequence[str]], errors: ErrorLog) -> Batch:
        rows_read = numbers[-1]
        if set(map(len, rows)) != {self.header.width} or self._has_blank(rows):
            numbers, rows = self._whole_rows(numbers, rows, errors)
        return Batch(numbers, list(zip(*rows, strict=True)), rows_read)

    def _has_blank(self, rows: Sequence[Sequence[str]]) -> bool:
        width = self.header.width
        return [""] * width in rows or (self._source.is_typed and any(map(_is_blank, rows)))

    def _whole_rows(
        self, numbers: Sequence[int], rows: Sequence[Sequence[str]], errors: ErrorLog
    ) -> tuple[list[int], list[Sequence[str]]]:
        """The rows of the right width; the cells of others stand under the wrong label and tell nothing."""
        whole = []
        for number, row in zip(numbers, rows, strict=True):
            if _is_blank(row):
                errors.add(_blank_row(number))
            elif len(row) != self.header.width:
                errors.add(_wrong_width(number, len(row), self.header.width))
            else:
                whole.append((number, row))
        return [number for number, _ in whole], [row for _, row in whole]


def _is_blank(row: Sequence[str]) -> bool:
    return all(cell in ("", NULL_CELL) for cell in row)


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
