"""An Arrow table in pandas, polars and DuckDB; codes, exact numbers, days, Persian and what is missing stay as is.

Each library is imported when it is asked for, and named with the command that installs it when it is not there.
"""

import json
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any

from publicgsb_sdk.arrow import told_by
from publicgsb_sdk.contract import FieldType
from publicgsb_sdk.errors import MissingExtra

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars

DTYPES = {
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


def required(name: str) -> Any:
    """The module of that name, which is the name of its extra too."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtra(f"{name} is not installed.", hint=f"Run: pip install publicgsb-sdk[{name}]") from error


def as_pandas(table: Any) -> "pandas.DataFrame":
    """Text `string`, whole numbers `Int64`, truth `boolean`, days `datetime64[s]`, decimals as Decimal objects."""
    pd = required("pandas")
    frame = pd.DataFrame({name: _series(pd, table.column(name), table.field(name)) for name in table.column_names})
    frame.attrs["gsb"] = told_by(table)
    return frame  # type: ignore[no-any-return]


def as_polars(table: Any) -> "polars.DataFrame":
    """The same columns. A polars frame has no place for the receipt: take it from the table."""
    return required("polars").from_arrow(table)  # type: ignore[no-any-return]


def into_duckdb(
    table: Any, name: str, connection: "duckdb.DuckDBPyConnection | None" = None
) -> "duckdb.DuckDBPyConnection":
    """A table of that name, put in place of one that is there; receipt, labels and units are its comments."""
    connection = required("duckdb").connect() if connection is None else connection
    assert connection is not None
    quoted = _identifier(name)
    connection.register("pgsb_rows", table)
    try:
        connection.execute(f"create or replace table {quoted} as select * from pgsb_rows")  # noqa: S608 - quoted
    finally:
        connection.unregister("pgsb_rows")
    about = _text(json.dumps(told_by(table), ensure_ascii=False))
    comments = [f"comment on column {quoted}.{_identifier(one.name)} is {_text(_words(one))}" for one in table.schema]
    connection.execute("; ".join([f"comment on table {quoted} is {about}", *comments]))
    return connection


def _series(pd: Any, column: Any, field: Any) -> Any:
    kind = FieldType(field.metadata[b"type"].decode())
    if kind is FieldType.DECIMAL:
        values = [Decimal(one) if isinstance(one, str) else one for one in column.to_pylist()]
        return pd.Series(values, dtype=DTYPES[kind])
    if kind is FieldType.DATE:
        column = column.cast("timestamp[s]")
    dtype = pd.api.types.pandas_dtype(DTYPES[kind])
    mapped = {"types_mapper": {column.type: dtype}.get} if hasattr(dtype, "__from_arrow__") else {}
    found = column.to_pandas(**mapped)
    return found.astype(dtype).rename(None)


def _words(field: Any) -> str:
    """`عرض جغرافیایی · Latitude (degrees)`."""
    words = {name.decode(): text.decode() for name, text in field.metadata.items()}
    unit = f" ({words['unit']})" if "unit" in words else ""
    return " · ".join(dict.fromkeys((words["label_fa"], words["label_en"]))) + unit


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
