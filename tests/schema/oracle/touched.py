"""Which columns a field of the schema touches by being selected."""

from collections.abc import Iterator
from typing import Any

from publicgsb.datasets.contracts.model import ROW_COLUMN
from publicgsb.schema.types.marks import (
    AggregateMark,
    ChangesMark,
    ColumnMark,
    ListMark,
    RecordMark,
    ThroughMark,
    ToManyMark,
    ToOneMark,
)
from tests.schema.oracle.facts import DatasetKey


def columns_of(mark: Any) -> Iterator[tuple[DatasetKey, str]]:
    """By the dataset; a root field stands for the dataset itself."""
    match mark:
        case ColumnMark(key, field):
            yield key, field.name
        case ToOneMark(source, target, link):
            yield from ((source, column) for column in link.fields)
            yield from ((target, column) for column in link.to_fields)
        case ToManyMark(source, target, link):
            yield from ((target, column) for column in link.fields)
            yield from ((source, column) for column in link.to_fields)
        case ThroughMark(source, via, target, inward, outward):
            yield from ((via, column) for column in (*inward.fields, *outward.fields))
            yield from ((source, column) for column in inward.to_fields)
            yield from ((target, column) for column in outward.to_fields)
        case ListMark(key) | RecordMark(key) | AggregateMark(key) | ChangesMark(key):
            yield key, ROW_COLUMN
