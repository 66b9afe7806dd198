"""Rows as pandas columns. Types are the contract's: codes stay text with their zeros, dates are dates.

Only `Dataset.to_pandas` imports this module, and this module imports pandas when it is called.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO

from publicgsb_sdk import selection
from publicgsb_sdk.answers import Receipt
from publicgsb_sdk.contract import Field, FieldType
from publicgsb_sdk.errors import ConnectionFailed, MissingExtra
from publicgsb_sdk.selection import Item, Row

if TYPE_CHECKING:
    import pandas

DTYPES: Mapping[FieldType, str] = MappingProxyType(
    {
        FieldType.STRING: "string",
        FieldType.INTEGER: "Int64",
        FieldType.YEAR: "Int64",
        FieldType.BIGINT: "Int64",
        FieldType.NUMBER: "float64",
        FieldType.DECIMAL: "object",
        FieldType.BOOLEAN: "boolean",
        FieldType.DATE: "datetime64[s]",
        FieldType.DATETIME: "datetime64[us, UTC]",
    }
)
READ_AS_TEXT = (FieldType.DECIMAL, FieldType.DATE, FieldType.DATETIME)


def required_pandas() -> Any:
    """The pandas module, or an error whose message is the command that installs it."""
    try:
        import pandas as pd  # noqa: PLC0415 - only here, and only when a frame is asked for
    except ImportError as error:
        raise MissingExtra("pandas is not installed.", hint="Run: pip install publicgsb-sdk[pandas]") from error
    return pd


def from_file(pd: Any, file: BinaryIO, items: Iterable[Item], rows_expected: int | None) -> "pandas.DataFrame":
    """The columns of a CSV file. One that holds fewer rows than its release does is refused, never half used.

    An empty cell is a missing value. A column that an older release did not have yet is missing throughout.
    """
    fields = dict(selection.columns(items))
    file.seek(0)
    header = _header(file)
    present = {name: field for name, field in fields.items() if name in header}
    frame = pd.read_csv(
        file,
        usecols=list(present),
        dtype={name: _dtype_in_file(field) for name, field in present.items()},
        keep_default_na=False,
        na_values=[""],
        true_values=["t", "true"],
        false_values=["f", "false"],
        encoding="utf-8-sig",
    )
    if rows_expected is not None and len(frame) != rows_expected:
        raise ConnectionFailed(
            f"The file has {len(frame)} rows and its release {rows_expected}: it was cut on the way."
        )
    series = {
        name: _converted(pd, frame[name], field)
        if name in present
        else pd.Series([None] * len(frame), dtype=DTYPES[field.type])
        for name, field in fields.items()
    }
    return pd.DataFrame(series, index=frame.index)  # type: ignore[no-any-return]


class Columns:
    """Rows of the API as columns, page by page; the fields of linked records stand beside them under dotted names."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._fields = dict(selection.columns(items))
        self._paths = {name: tuple(name.split(".")) for name in self._fields}
        self._values: dict[str, list[Any]] = {name: [] for name in self._fields}

    def add(self, rows: Iterable[Row]) -> None:
        """Some more rows."""
        for row in rows:
            for name, path in self._paths.items():
                self._values[name].append(_at(row, path))

    def frame(self, pd: Any) -> "pandas.DataFrame":
        """All of them."""
        return pd.DataFrame(  # type: ignore[no-any-return]
            {name: pd.Series(self._values[name], dtype=DTYPES[field.type]) for name, field in self._fields.items()}
        )


def plain(receipt: Receipt) -> dict[str, Any]:
    """A receipt as `frame.attrs` keeps it: text and numbers, so that it survives being saved."""
    return asdict(receipt) | {"as_of": receipt.as_of.isoformat() if receipt.as_of else None}


def _header(file: BinaryIO) -> frozenset[str]:
    line = file.readline().decode("utf-8-sig")
    file.seek(0)
    return frozenset(next(csv.reader(io.StringIO(line)), list[str]()))


def _dtype_in_file(field: Field) -> str:
    return "string" if field.type in READ_AS_TEXT else DTYPES[field.type]


def _converted(pd: Any, series: Any, field: Field) -> Any:
    if field.type is FieldType.DECIMAL:
        return series.astype("object").map(Decimal, na_action="ignore").where(series.notna(), None)
    if field.type is FieldType.DATE:
        return pd.to_datetime(series, format="%Y-%m-%d").astype(DTYPES[FieldType.DATE])
    if field.type is FieldType.DATETIME:
        return pd.to_datetime(series, utc=True, format="ISO8601").astype(DTYPES[FieldType.DATETIME])
    return series


def _at(row: Row, path: tuple[str, ...]) -> Any:
    value: Any = row
    for name in path:
        if value is None:
            return None
        value = value[name]
    return value
