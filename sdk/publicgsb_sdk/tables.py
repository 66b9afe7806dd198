"""Rows and files as one Arrow table. Its types are the contract's; no value is ever looked at to find one.

The exception are decimals, which Arrow only has with a fixed number of places: they get as many as the longest needs,
and stay exact. Where 38 digits do not hold them, they stay text, as in the files of a release.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from publicgsb_sdk import selection
from publicgsb_sdk.answers import Receipt
from publicgsb_sdk.arrow import DIGITS_MAX, told, type_of, words_of
from publicgsb_sdk.contract import Field, FieldType
from publicgsb_sdk.errors import ConnectionFailed
from publicgsb_sdk.selection import Item, Row

RECORD_BYTES_MAX = 64 << 20  # of a CSV file; Arrow reads it in blocks that hold a record


class Columns:
    """Rows of the API as columns; the fields of linked records stand beside them under dotted names."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._fields = dict(selection.columns(items))
        self._paths = {name: tuple(name.split(".")) for name in self._fields}
        self._values: dict[str, list[Any]] = {name: [] for name in self._fields}

    def add(self, rows: Iterable[Row]) -> None:
        """Some more rows."""
        for row in rows:
            for name, path in self._paths.items():
                self._values[name].append(_at(row, path))

    def table(self, pa: Any, receipts: Iterable[Receipt]) -> Any:
        """All of them as a pyarrow.Table."""
        arrays = {name: _array(pa, field, self._values[name]) for name, field in self._fields.items()}
        return _table(pa, arrays, self._fields, receipts)


def from_parquet(
    pa: Any, paths: Sequence[Path], items: Iterable[Item], rows_expected: int | None, receipts: Iterable[Receipt]
) -> Any:
    """The parts of a release, in their order. Fewer rows than the release has are refused, never half used.

    A column that an older release did not have yet is missing throughout.
    """
    pq: Any = import_module("pyarrow.parquet")
    fields = dict(selection.columns(items))
    parts: list[Any] = []
    for path in paths:
        file = pq.ParquetFile(path)
        parts.append(file.read(columns=[name for name in fields if name in file.schema_arrow.names]))
        file.close()
    return _checked(pa, pa.concat_tables(parts), fields, rows_expected, receipts)


def from_csv(pa: Any, path: Path, items: Iterable[Item], rows_expected: int | None, receipts: Iterable[Receipt]) -> Any:
    """The same of the CSV file of a release, for the moment in which there is no Parquet yet."""
    arrow_csv: Any = import_module("pyarrow.csv")
    fields = dict(selection.columns(items))
    kinds = {name: FieldType.STRING if _is_decimal(field) else field.type for name, field in fields.items()}
    read = arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(block_size=min(RECORD_BYTES_MAX, max(1 << 20, path.stat().st_size))),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: type_of(pa, kind) for name, kind in kinds.items()},
            include_columns=[name for name in fields if name in _header(path)],
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,  # "" is an empty text, and nothing is no value
            true_values=["t", "true"],
            false_values=["f", "false"],
            timestamp_parsers=[arrow_csv.ISO8601],
        ),
    )
    return _checked(pa, read, fields, rows_expected, receipts)


@dataclass(frozen=True, slots=True)
class Places:
    """How many digits decimals need before and behind the point."""

    whole: int = 1
    scale: int = 0

    @property
    def is_narrow(self) -> bool:
        """Whether a decimal of 38 digits holds them."""
        return self.whole + self.scale <= DIGITS_MAX


def places(values: Iterable[Decimal | None]) -> Places:
    """What the longest of the values need."""
    whole, scale = 1, 0
    for value in values:
        if value is not None:
            _, digits, exponent = value.as_tuple()
            assert isinstance(exponent, int)  # a contract has no infinity
            scale = max(scale, -exponent)
            whole = max(whole, len(digits) + exponent)
    return Places(whole, scale)


def _array(pa: Any, field: Field, values: list[Any]) -> Any:
    if not _is_decimal(field):
        return pa.array(values, type_of(pa, field.type))
    needed = places(values)
    if needed.is_narrow:
        return pa.array(values, type_of(pa, field.type, needed.scale))
    return pa.array([None if value is None else f"{value:f}" for value in values], pa.string())


def _checked(
    pa: Any, read: Any, fields: dict[str, Field], rows_expected: int | None, receipts: Iterable[Receipt]
) -> Any:
    if rows_expected is not None and read.num_rows != rows_expected:
        raise ConnectionFailed(
            f"The file has {read.num_rows} rows and its release {rows_expected}: it was cut on the way."
        )
    arrays = {
        name: _converted(pa, read.column(name), field)
        if name in read.column_names
        else pa.nulls(read.num_rows, type_of(pa, field.type))
        for name, field in fields.items()
    }
    return _table(pa, arrays, fields, receipts)


def _converted(pa: Any, column: Any, field: Field) -> Any:
    """The column in the type of the contract; nothing that does not fit is rounded or cut: Arrow refuses."""
    if not _is_decimal(field):
        return column.cast(type_of(pa, field.type))
    if pa.types.is_decimal(column.type):
        return column.cast(type_of(pa, field.type, column.type.scale))
    return _array(pa, field, [None if text is None else Decimal(text) for text in column.to_pylist()])


def _table(pa: Any, arrays: dict[str, Any], fields: dict[str, Field], receipts: Iterable[Receipt]) -> Any:
    about = {"gsb": json.dumps(told(receipts), ensure_ascii=False)}
    columns = [pa.field(name, arrays[name].type, metadata=words_of(field)) for name, field in fields.items()]
    return pa.Table.from_arrays(list(arrays.values()), schema=pa.schema(columns, metadata=about))


def _is_decimal(field: Field) -> bool:
    return field.type is FieldType.DECIMAL


def _header(path: Path) -> frozenset[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return frozenset(next(csv.reader(file), ()))


def _at(row: Row, path: tuple[str, ...]) -> Any:
    value: Any = row
    for name in path:
        if value is None:
            return None
        value = value[name]
    return value
