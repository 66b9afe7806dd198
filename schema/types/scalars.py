"""The scalars beyond GraphQL's own, and which one a field has.

On the wire BigInt and Decimal are strings, dates are ISO 8601.

Each parses to the Python value that asyncpg binds for the column's type, range-checked here, so that no value a
caller can write makes PostgreSQL fail.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
    IntValueNode,
    StringValueNode,
    ValueNode,
    print_ast,
)

from publicgsb.datasets.contracts.model import FieldType

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INT8_MIN, INT8_MAX = -(2**63), 2**63 - 1


def _scalar(
    name: str,
    description: str,
    parse: Callable[[str], Any],
    url: str | None = None,
    serialize: Callable[[Any], Any] = str,
) -> GraphQLScalarType:
    def parse_value(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise GraphQLError(f"{name} is written as a string.")
        return parse(str(value))

    def parse_literal(node: ValueNode, _: Any = None) -> Any:
        if not isinstance(node, (StringValueNode, IntValueNode)):
            raise GraphQLError(f"{name} is written as a string, not {print_ast(node)[:40]}.")
        return parse(node.value)

    return GraphQLScalarType(
        name,
        serialize=serialize,
        parse_value=parse_value,
        parse_literal=parse_literal,
        description=description,
        specified_by_url=url,
    )


def _big_int(text: str) -> int:
    if not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 20:
        raise GraphQLError("BigInt is a whole number in decimal digits.")
    value = int(text)
    if not INT8_MIN <= value <= INT8_MAX:
        raise GraphQLError("BigInt holds 64 bits.")
    return value


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise GraphQLError("Decimal is a number in decimal digits.") from error
    if not value.is_finite() or len(text) > 100 or abs(value.adjusted()) > 1000:
        raise GraphQLError("Decimal is finite and has at most 100 digits.")
    return value


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise GraphQLError("Date is written YYYY-MM-DD (ISO 8601, Gregorian).") from error


def _date_time(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise GraphQLError("DateTime is written YYYY-MM-DDThh:mm:ssZ (ISO 8601).") from error


def _write_date_time(value: datetime) -> str:
    """As PostgreSQL writes it: a fraction of a second ends with its last digit that says something."""
    text = value.isoformat()
    head, dot, rest = text.partition(".")
    return f"{head}.{rest[:6].rstrip('0')}{rest[6:]}" if dot else text


def _release(text: str) -> int | date | str:
    if text == "latest":
        return text
    if _DAY.fullmatch(text):
        return _date(text)
    if text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0:
        return int(text)
    raise GraphQLError('Release is a release number, 1 or more, a date as YYYY-MM-DD, or "latest".')


BIG_INT = _scalar("BigInt", "A whole number of up to 64 bits, as a string.", _big_int)
DECIMAL = _scalar("Decimal", "An exact decimal number, as a string.", _decimal)
DATE = _scalar(
    "Date",
    "A Gregorian calendar date, ISO 8601.",
    _date,
    "https://scalars.graphql.org/andimarek/local-date",
    date.isoformat,
)
DATE_TIME = _scalar(
    "DateTime",
    "A moment, ISO 8601 in UTC.",
    _date_time,
    "https://scalars.graphql.org/andimarek/date-time",
    _write_date_time,
)
RELEASE = _scalar(
    "Release",
    """Which release to read: its number, a date, or "latest".

A date (YYYY-MM-DD, Gregorian) means the release that was current at the end of that day in UTC, as all moments in this
schema are; of a day that is not over, the current one. Linked datasets are read as they were at the same moment.
A number reads linked datasets as they were when that release was last the current one.""",
    _release,
)


SCALARS: Mapping[FieldType, GraphQLScalarType] = {
    FieldType.STRING: GraphQLString,
    FieldType.INTEGER: GraphQLInt,
    FieldType.YEAR: GraphQLInt,
    FieldType.BIGINT: BIG_INT,
    FieldType.NUMBER: GraphQLFloat,
    FieldType.DECIMAL: DECIMAL,
    FieldType.BOOLEAN: GraphQLBoolean,
    FieldType.DATE: DATE,
    FieldType.DATETIME: DATE_TIME,
}
