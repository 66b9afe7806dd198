"""The types of a contract in Apache Arrow: the same in the files of a release, in pages, and in generated modules.

This module imports pyarrow when it is called, and nothing of the SDK calls it before a frame is asked for.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from publicgsb_sdk.answers import Receipt
from publicgsb_sdk.contract import Field, FieldType
from publicgsb_sdk.errors import MissingExtra

DIGITS_MAX = 38  # what the decimals of every reader hold


def required_pyarrow() -> Any:
    """The pyarrow module, or an error whose message is the command that installs it."""
    try:
        return import_module("pyarrow")
    except ImportError as error:
        raise MissingExtra("pyarrow is not installed.", hint="Run: pip install publicgsb-sdk[arrow]") from error


def type_of(pa: Any, kind: FieldType, decimal_scale: int = 0) -> Any:
    """A pyarrow.DataType; of decimals one with 38 digits, so many of them behind the point."""
    types = {
        FieldType.STRING: pa.string,
        FieldType.INTEGER: pa.int32,
        FieldType.BIGINT: pa.int64,
        FieldType.YEAR: pa.int32,
        FieldType.NUMBER: pa.float64,
        FieldType.BOOLEAN: pa.bool_,
        FieldType.DATE: pa.date32,
        FieldType.DATETIME: lambda: pa.timestamp("us", "UTC"),
        FieldType.DECIMAL: lambda: pa.decimal128(DIGITS_MAX, decimal_scale),
    }
    return types[kind]()


def schema_of(shape: Mapping[str, str], decimal_scale: int = 0) -> Any:
    """The pyarrow.Schema of columns as generated modules write them: `{"icao": "string!", "fee": "decimal"}`.

    Every column may hold nulls: a release that is older than the contract lacks what the contract brought.
    """
    pa = required_pyarrow()
    kinds = {name: FieldType(kind.removesuffix("!")) for name, kind in shape.items()}
    return pa.schema([pa.field(name, type_of(pa, kind, decimal_scale)) for name, kind in kinds.items()])


def words_of(field: Field) -> dict[str, str]:
    """What is written beside a column: its type in the contract, its labels and its unit."""
    words = {"type": field.type.value, "label_fa": field.label.fa, "label_en": field.label.en}
    return words | ({"unit": field.unit} if field.unit else {})


def told(receipts: Iterable[Receipt]) -> dict[str, Any]:
    """Which releases rows came from and how to name their source, as text and numbers: it survives being saved."""
    return {"receipt": [asdict(one) | {"as_of": one.as_of.isoformat() if one.as_of else None} for one in receipts]}


def told_by(table: Any) -> dict[str, Any]:
    """The same, as a table of `to_arrow()` carries it: `json.loads(table.schema.metadata[b"gsb"])`."""
    about: Mapping[bytes, bytes] = table.schema.metadata or {}
    found: dict[str, Any] = json.loads(about.get(b"gsb", b"{}"))
    return found
