"""Conditions of an export: read from JSON against the contract, and written as SQL with parameters.

The same declared operators as GraphQL has, but `contains`, which looks into a column that no file shows.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from publicgsb.datasets.contracts.model import Field, FieldType, FilterOp, Value
from publicgsb.datasets.exports.requested.model import Condition
from publicgsb.datasets.files import FileColumn
from publicgsb.datasets.releases.identifiers import quote
from publicgsb.datasets.releases.table import PG_CASTS
from publicgsb.platform.kernel.errors import InvalidRequest

CONDITIONS_MAX = 50
VALUES_MAX = 1_000  # of one `in`
TEXT_MAX = 10_000  # characters of a value
_COMPARED = {FilterOp.EQ: "=", FilterOp.GT: ">", FilterOp.GTE: ">=", FilterOp.LT: "<", FilterOp.LTE: "<="}
_RANGES = {FieldType.INTEGER: 31, FieldType.YEAR: 31, FieldType.BIGINT: 63}
_DECIMAL_DIGITS_MAX = 1_000


def read_conditions(document: Any, columns: Sequence[FileColumn]) -> tuple[Condition, ...]:
    """`{"origin": {"eq": "JFK"}, "delay": {"gte": 60}}` by the names of columns; raises InvalidRequest."""
    if not isinstance(document, Mapping):
        raise _wrong("where is not an object like {field: {operator: value}}.")
    fields = {column.name: column.field for column in columns}
    found = [one for name, asked in document.items() for one in _of_field(name, asked, fields.get(name))]
    if len(found) > CONDITIONS_MAX:
        raise _wrong(f"where holds more than {CONDITIONS_MAX} conditions.")
    return tuple(found)


def where_sql(conditions: Sequence[Condition], columns: Sequence[FileColumn]) -> tuple[str, tuple[Any, ...]]:
    """` where …` and the values of its parameters; empty without conditions."""
    by_name = {column.name: column for column in columns}
    terms: list[str] = []
    values: list[Any] = []
    for one in conditions:
        column, cast = quote(by_name[one.field].column), PG_CASTS[by_name[one.field].type]
        if one.op is FilterOp.IS_NULL:
            terms.append(f"{column} is {'' if one.operand else 'not '}null")
            continue
        values.append(list(one.operand) if isinstance(one.operand, tuple) else one.operand)
        parameter = f"${len(values)}"
        if one.op is FilterOp.IN:
            terms.append(f"{column} = any({parameter}::{cast}[])")
        elif one.op is FilterOp.STARTS_WITH:
            terms.append(f"starts_with({column}, {parameter}::text)")
        else:
            terms.append(f"{column} {_COMPARED[one.op]} {parameter}::{cast}")
    return (" where " + " and ".join(terms) if terms else ""), tuple(values)


def _of_field(name: str, asked: Any, field: Field | None) -> Iterator[Condition]:
    if field is None:
        raise _wrong(f"{name[:100]} is no field of the files of this dataset.")
    if not isinstance(asked, Mapping) or not asked:
        raise _wrong(f"{name} needs an operator, like {{{name}: {{eq: …}}}}.")
    offered = sorted(op.value for op in field.filters - {FilterOp.CONTAINS})
    for op, operand in asked.items():
        if op not in offered:
            raise _wrong(f"{name} cannot be filtered by {op[:100]}.", offered=offered)
        yield Condition(name, FilterOp(op), _operand(field, FilterOp(op), operand))


def _operand(field: Field, op: FilterOp, operand: Any) -> Value | tuple[Value, ...] | bool:
    if op is FilterOp.IS_NULL:
        if not isinstance(operand, bool):
            raise _wrong(f"{field.name}.isNull takes true or false.")
        return operand
    if op is FilterOp.IN:
        if not isinstance(operand, list) or not 1 <= len(operand) <= VALUES_MAX:
            raise _wrong(f"{field.name}.in takes 1 to {VALUES_MAX} values.")
        return tuple(_value(field, one) for one in operand)
    return _value(field, operand)


def _value(field: Field, given: Any) -> Value:
    """As JSON has it; whole numbers beyond 53 bits, decimals, dates and moments as text."""
    try:
        value = _read(field.type, given)
    except (TypeError, ValueError, InvalidOperation, OverflowError):
        value = None
    if value is None:
        raise _wrong(f"A value for {field.name} is no {field.type.value}.")
    return value


def _read(kind: FieldType, given: Any) -> Value | None:
    if kind is FieldType.BOOLEAN:
        return given if isinstance(given, bool) else None
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    if isinstance(given, str) and (len(given) > TEXT_MAX or "\0" in given):
        return None
    if kind is FieldType.STRING:
        return given if isinstance(given, str) else None
    if kind in _RANGES:
        number = int(given) if isinstance(given, str) else given
        return number if isinstance(number, int) and -(2 ** _RANGES[kind]) <= number < 2 ** _RANGES[kind] else None
    if kind is FieldType.NUMBER:
        return float(given) if not isinstance(given, str) and math.isfinite(given) else None
    if kind is FieldType.DECIMAL:
        exact = Decimal(str(given))
        return exact if exact.is_finite() and abs(exact.adjusted()) <= _DECIMAL_DIGITS_MAX else None
    if not isinstance(given, str):
        return None
    if kind is FieldType.DATE:
        return date.fromisoformat(given)
    moment = datetime.fromisoformat(given)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _wrong(message: str, **details: Any) -> InvalidRequest:
    return InvalidRequest(message, reason="where", hint="docs/files.md tells what an export may ask for.", **details)
