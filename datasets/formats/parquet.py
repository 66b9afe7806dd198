"""Parquet, a few thousand rows at a time. Types are kept: texts stay texts, whole numbers keep their digits."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow
from pyarrow import compute, parquet, types

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.bounds import too_many_columns
from publicgsb.datasets.formats.model import BROKEN_MARK, FLOAT_MARK, NESTED_CELL, NULL_CELL, Container, Format, Found
from publicgsb.datasets.formats.parquet_pages import check_pages
from publicgsb.datasets.formats.xlsx import number_text
from publicgsb.datasets.ingest.model import MIB, ErrorCode, FileError, Limits, whole_file

_BATCH_ROWS = 1_024
_STEP_CHARACTERS_MAX = 4 * MIB  # a step ends with the row that exceeds it: one text may stand in every row
_FOOTER_BYTES_MAX = 64 * MIB


class ParquetRows:
    is_typed = True

    def __init__(self, file: BinaryIO, container: Container | None, bytes_total: int, limits: Limits) -> None:
        self.bytes_total = bytes_total
        self.found = Found(Format.PARQUET, container=container)
        self._limits = limits
        self._characters = self._rows_done = 0
        try:
            _check_footer(file)
            opened = parquet.ParquetFile(
                pyarrow.PythonFile(file, "r"),
                pre_buffer=False,
                buffer_size=MIB,
                thrift_string_size_limit=16 * MIB,
                thrift_container_size_limit=1_000_000,
            )
            schema = opened.schema_arrow
            if len(schema.names) > limits.columns_max:
                raise too_many_columns(len(schema.names), limits.columns_max)
            check_pages(file, opened.metadata, limits)
            texts = [f.name for f in schema if types.is_string(f.type) or types.is_large_string(f.type)]
            # Texts come as a dictionary and their places: a text of a megabyte in every row is held once.
            opened = parquet.ParquetFile(
                pyarrow.PythonFile(file, "r"), pre_buffer=False, buffer_size=MIB, read_dictionary=texts
            )
        except (pyarrow.ArrowException, OSError, EOFError, ValueError):
            raise _broken() from None
        self.labels: Sequence[str] = list(schema.names)
        self._rows_total: int = opened.metadata.num_rows
        self._rows = self._all_rows(opened)

    def bytes_read(self) -> int:
        return self.bytes_total * min(self._rows_done, self._rows_total) // max(self._rows_total, 1)

    def content_bytes(self) -> int:
        return self._characters

    def next_rows(self, count: int) -> list[tuple[str, ...]]:
        rows = []
        characters = 0
        for row in self._rows:
            rows.append(row)
            characters += sum(map(len, row))
            if len(rows) == count or characters > _STEP_CHARACTERS_MAX:
                break
        self._rows_done += len(rows)
        self._characters += characters
        return rows

    def _all_rows(self, opened: parquet.ParquetFile) -> Iterator[tuple[str, ...]]:
        try:
            for batch in opened.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
                yield from zip(*map(self._column, batch.columns), strict=True)
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError, KeyError):
            raise _broken() from None  # the last three: of moments beyond the calendar, or of an unknown zone

    def _column(self, column: Any) -> list[str]:
        if types.is_dictionary(column.type):
            used = compute.drop_null(column.indices.unique())  # the dictionary itself may be long
            words = dict(zip(used.to_pylist(), self._texts(column.dictionary.take(used)), strict=True))
            return [words.get(at, NULL_CELL) for at in column.indices.to_pylist()]
        return self._texts(column)

    def _texts(self, column: Any) -> list[str]:
        write = _writer(column.type)
        if write is None:
            return [NESTED_CELL if valid else NULL_CELL for valid in column.is_valid().to_pylist()]
        if types.is_timestamp(column.type) and column.type.unit == "ns":
            column = _whole_microseconds(column)
        texts = [NULL_CELL if value is None else write(value) for value in column.to_pylist()]
        if max(map(len, texts), default=0) > self._limits.cell_characters_max:
            raise _long_text()
        return texts


def _writer(kind: Any) -> Callable[[Any], str] | None:
    """How a value of the type is written; None for what no cell can hold."""
    if types.is_string(kind) or types.is_large_string(kind):
        return lambda value: BROKEN_MARK + value if value[:1] == "\0" else str(value)
    if types.is_boolean(kind):
        return lambda value: "true" if value else "false"
    if types.is_integer(kind):
        return str
    if types.is_floating(kind):
        return lambda value: FLOAT_MARK + number_text(value)
    if types.is_decimal(kind):
        return lambda value: format(value, "f") if isinstance(value, Decimal) else str(value)
    if types.is_date(kind) or types.is_timestamp(kind) or types.is_time(kind):
        return lambda value: str(value.isoformat())
    if types.is_null(kind):
        return str
    return None


def _whole_microseconds(column: Any) -> Any:
    """What a moment can hold here; nanoseconds are mostly how a data frame keeps whole seconds."""
    try:
        return column.cast(pyarrow.timestamp("us", column.type.tz))
    except pyarrow.ArrowInvalid:
        raise whole_file(
            ErrorCode.SOURCE,
            Label("زمانی ریزتر از میکروثانیه دارد.", "It holds moments finer than a microsecond."),
            Label("آن‌ها را گرد کنید.", "Round them."),
        ) from None


def _check_footer(file: BinaryIO) -> None:
    """The description at the end is read whole, so its size is looked at first."""
    size = file.seek(0, 2)
    if size < 12:
        raise EOFError
    file.seek(size - 8)
    tail = file.read(8)
    if tail[4:] != b"PAR1" or int.from_bytes(tail[:4], "little") > min(size, _FOOTER_BYTES_MAX):
        raise EOFError
    file.seek(0)


def _long_text() -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label("متن یک خانه بسیار بزرگ است.", "The text of a cell is far too large."),
        Label("آن را کوتاه کنید.", "Shorten it."),
    )


def _broken() -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label("پروندهٔ Parquet ناقص، رمزدار یا خراب است.", "The Parquet file is truncated, encrypted or damaged."),
        Label("آن را دوباره بسازید و بفرستید.", "Write it again and resend."),
    )
