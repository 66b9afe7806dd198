"""What an export may ask for is read strictly, and becomes SQL without any of it in the text."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from publicgsb.datasets.contracts.model import Field, FieldType, FilterOp, Label
from publicgsb.datasets.exports.requested.filtering import VALUES_MAX, read_conditions, where_sql
from publicgsb.datasets.files import FileColumn
from publicgsb.platform.kernel.errors import InvalidRequest

ALL = frozenset(FilterOp)


def column(name: str, type_: FieldType, filters: frozenset[FilterOp] = ALL) -> FileColumn:
    return FileColumn(name, type_, name, Field(name, name, type_, Label("ف", "F"), filters=filters))


COLUMNS = [
    *(column(one.value, one) for one in FieldType),
    column("plain", FieldType.STRING, frozenset({FilterOp.EQ})),
    FileColumn("count", FieldType.BIGINT, "_count", None),
]


def sql(where: Any) -> tuple[str, tuple[Any, ...]]:
    return where_sql(read_conditions(where, COLUMNS), COLUMNS)


@pytest.mark.parametrize(
    ("where", "text", "values"),
    [
        ({}, "", ()),
        ({"string": {"eq": "a' or 1=1"}}, ' where "string" = $1::text', ("a' or 1=1",)),
        ({"string": {"startsWith": "%"}}, ' where starts_with("string", $1::text)', ("%",)),
        ({"string": {"in": ["a", "b"]}}, ' where "string" = any($1::text[])', (["a", "b"],)),
        ({"integer": {"gte": 1, "lt": "9"}}, ' where "integer" >= $1::integer and "integer" < $2::integer', (1, 9)),
        ({"bigint": {"eq": "9007199254740993"}}, ' where "bigint" = $1::bigint', (9007199254740993,)),
        ({"number": {"gt": 1.5}}, ' where "number" > $1::double precision', (1.5,)),
        ({"decimal": {"lte": "10.50"}}, ' where "decimal" <= $1::numeric', (Decimal("10.50"),)),
        ({"boolean": {"eq": False}}, ' where "boolean" = $1::boolean', (False,)),
        ({"date": {"eq": "2026-11-27"}}, ' where "date" = $1::date', (date(2026, 11, 27),)),
        (
            {"datetime": {"eq": "2026-11-27T08:00:00+03:30"}},
            ' where "datetime" = $1::timestamptz',
            (datetime(2026, 11, 27, 4, 30, tzinfo=UTC),),
        ),
        ({"year": {"isNull": True}, "date": {"isNull": False}}, ' where "year" is null and "date" is not null', ()),
    ],
)
def test_conditions_are_parameters(where: Any, text: str, values: tuple[Any, ...]) -> None:
    assert sql(where) == (text, values)


@pytest.mark.parametrize(
    "where",
    [
        [],
        {"nothing": {"eq": 1}},
        {"count": {"eq": 1}},
        {"string": "a"},
        {"string": {}},
        {"string": {"like": "a"}},
        {"string": {"contains": "a"}},
        {"plain": {"startsWith": "a"}},
        {"string": {"eq": None}},
        {"string": {"eq": 1}},
        {"string": {"eq": "a\0"}},
        {"string": {"eq": "a" * 10_001}},
        {"string": {"in": []}},
        {"string": {"in": ["a"] * (VALUES_MAX + 1)}},
        {"integer": {"eq": 2**31}},
        {"integer": {"eq": 1.5}},
        {"integer": {"eq": True}},
        {"bigint": {"eq": 2**63}},
        {"number": {"eq": "nan"}},
        {"decimal": {"eq": "NaN"}},
        {"decimal": {"eq": "1e9999"}},
        {"boolean": {"eq": "true"}},
        {"date": {"eq": "yesterday"}},
        {"date": {"eq": 20261127}},
        {"datetime": {"eq": "27.11.2026"}},
        {"year": {"isNull": 1}},
    ],
)
def test_whatever_has_no_meaning_is_refused(where: Any) -> None:
    with pytest.raises(InvalidRequest):
        sql(where)
