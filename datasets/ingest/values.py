"""From the text of a cell to the text that PostgreSQL's COPY reads, strictly: one function per field, compiled once.

Python's own conversions are too kind: int() takes '1_000', ' 12 ' and Persian digits, float() takes 'nan'.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeAlias

from publicgsb.datasets.contracts.model import JALALI, Field, FieldType, Value
from publicgsb.datasets.ingest import jalali
from publicgsb.datasets.ingest.flaws import (
    CellError,
    Flaw,
    broken_constraint,
    jalali_as_gregorian,
    not_in_list,
    out_of_type_range,
    wrong_type,
)
from publicgsb.datasets.ingest.transforms import NUMBER

NULL = "\\N"

Convert: TypeAlias = Callable[[str], str]  # raises CellError
Parse: TypeAlias = Callable[[str], Value]
Check: TypeAlias = Callable[[str, Value], Flaw | None]

_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,18})")
_DECIMAL = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,999})(?:\.[0-9]{1,999})?")
_YEAR = re.compile(r"[0-9]{4}")
_JALALI_DAY = re.compile(r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)
_HAS_LETTER = re.compile(r"[^\W\d_]")
_SPECIAL = re.compile(r"[\0\\\t\n\r]")
_ESCAPED = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_UNESCAPED = re.compile(r"\\(.)")
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "v": "\v", "f": "\f", "\\": "\\"}
_JALALI_YEARS = range(1200, 1600)


def escape(text: str) -> str:
    """As a cell of COPY's text format."""
    return text.translate(_ESCAPES) if _ESCAPED.search(text) else text


def unescape(cell: str) -> str:
    return _UNESCAPED.sub(lambda m: _LETTERS[m[1]], cell) if "\\" in cell else cell


def compile_field(field: Field) -> Convert:
    """The function from a present, normalised cell to its COPY text."""
    parse, write, checks = _parser(field), _writer(field.type), _checks(field)
    if field.type is FieldType.STRING and not checks:
        return _plain_text(field)

    def convert(text: str) -> str:
        value = parse(text)
        for check in checks:
            if flaw := check(text, value):
                raise CellError(flaw)
        return write(value)

    return convert


def _plain_text(field: Field) -> Convert:
    """The commonest column of all; most of its cells need nothing done."""
    parse = _string(field)

    def convert(text: str) -> str:
        return escape(str(parse(text))) if _SPECIAL.search(text) else text

    return convert


def _parser(field: Field) -> Parse:
    match field.type:
        case FieldType.STRING:
            return _string(field)
        case FieldType.INTEGER:
            return _whole(field, 31)
        case FieldType.BIGINT:
            return _whole(field, 63)
        case FieldType.NUMBER:
            return _number(field)
        case FieldType.DECIMAL:
            return _matching(field, _DECIMAL, Decimal)
        case FieldType.BOOLEAN:
            return _boolean(field)
        case FieldType.DATE:
            return _date(field)
        case FieldType.DATETIME:
            return _datetime(field)
        case FieldType.YEAR:
            return _matching(field, _YEAR, int)


def _refusal(field: Field, text: str) -> CellError:
    is_word = field.type is not FieldType.STRING and len(text) <= 8 and bool(_HAS_LETTER.match(text))
    is_day = field.type in (FieldType.DATE, FieldType.DATETIME)
    return CellError(wrong_type(field.type, is_word, field.format if is_day else "default"))


def _string(field: Field) -> Parse:
    def parse(text: str) -> str:
        if "\0" in text:
            raise CellError(wrong_type(field.type))
        return text

    return parse


def _matching(field: Field, form: re.Pattern[str], read: Callable[[str], Value]) -> Parse:
    def parse(text: str) -> Value:
        if not form.fullmatch(text):
            raise _refusal(field, text)
        return read(text)

    return parse


def _whole(field: Field, bits: int) -> Parse:
    read, low, high = _matching(field, _WHOLE, int), -(2**bits), 2**bits

    def parse(text: str) -> int:
        digits = text.lstrip("+-")
        if len(digits) > 19 and digits.isdecimal() and digits.isascii():
            raise CellError(out_of_type_range(field.type))
        value = read(text)
        if not (isinstance(value, int) and low <= value < high):
            raise CellError(out_of_type_range(field.type))
        return value

    return parse


def _number(field: Field) -> Parse:
    read = _matching(field, NUMBER, float)

    def parse(text: str) -> float:
        value = read(text)
        if not (isinstance(value, float) and math.isfinite(value)):
            raise CellError(out_of_type_range(field.type))
        return value + 0.0  # -0.0 becomes 0.0

    return parse


def _boolean(field: Field) -> Parse:
    words = dict.fromkeys(field.false_values, False) | dict.fromkeys(field.true_values, True)

    def parse(text: str) -> bool:
        if text not in words:
            raise CellError(wrong_type(field.type))
        return words[text]

    return parse


def _date(field: Field) -> Parse:
    def parse(text: str) -> date:
        if not _DAY.fullmatch(text):
            raise _refusal(field, text)
        return date.fromisoformat(text)

    def parse_pattern(text: str) -> date:
        return datetime.strptime(text, field.format).date()

    if field.format == JALALI:
        return _or_refuse(field, _jalali)
    return _or_refuse(field, parse if field.format == "default" else parse_pattern)


def _jalali(text: str) -> date:
    """1404/07/01, 1404-7-1 or 14040701, as the day it is in the Gregorian calendar."""
    found = _JALALI_DAY.fullmatch(text)
    if found is None:
        raise ValueError
    year, month, day = (int(part) for part in found.groups() if part and part.isdigit())
    return jalali.to_date(year, month, day)


def _datetime(field: Field) -> Parse:
    def parse(text: str) -> datetime:
        if not _MOMENT.fullmatch(text):
            raise _refusal(field, text)
        return datetime.fromisoformat(text).astimezone(UTC)

    def parse_pattern(text: str) -> datetime:
        moment = datetime.strptime(text, field.format)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    return _or_refuse(field, parse if field.format == "default" else parse_pattern)


def _or_refuse(field: Field, read: Callable[[str], date]) -> Parse:
    """No such day, a year before 1, a moment that UTC pushes out of the years 1-9999, or a Jalali date.

    The year 1405 is a Jalali one unless the contract says, by a minimum, that dates so old are meant.
    """
    least = field.constraints.minimum
    are_old_dates_meant = isinstance(least, date) and least.year < _JALALI_YEARS.stop

    def parse(text: str) -> date:
        try:
            value = read(text)
        except (ValueError, OverflowError):
            raise _refusal(field, text) from None
        if value.year in _JALALI_YEARS and not are_old_dates_meant:
            raise CellError(jalali_as_gregorian())
        return value

    return parse


def _writer(type_: FieldType) -> Callable[[Value], str]:
    """Canonical: equal values have one text, so that equal rows have one hash."""
    match type_:
        case FieldType.STRING:
            return lambda value: escape(str(value))
        case FieldType.NUMBER:
            return repr
        case FieldType.DECIMAL:
            return lambda value: format(value, "f") if value else format(value, "f").lstrip("-")
        case FieldType.BOOLEAN:
            return lambda value: "t" if value else "f"
        case FieldType.DATETIME:
            return lambda value: value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
        case FieldType.INTEGER | FieldType.BIGINT | FieldType.DATE | FieldType.YEAR:
            return str


def _checks(field: Field) -> tuple[Check, ...]:
    rules = field.constraints
    checks: list[Check] = []
    if rules.min_length is not None:
        checks.append(_check("minLength", rules.min_length, _long_enough(rules.min_length)))
    if rules.max_length is not None:
        checks.append(_check("maxLength", rules.max_length, _short_enough(rules.max_length)))
    if rules.pattern is not None:
        checks.append(_check("pattern", rules.pattern, _matches(re.compile(rules.pattern))))
    if rules.enum:
        checks.append(_in_list("enum", frozenset(rules.enum), of_text=False))
    if field.categories:
        checks.append(_in_list("categories", frozenset(c.value for c in field.categories), of_text=True))
    for name, bound, holds in (
        ("minimum", rules.minimum, _at_least),
        ("maximum", rules.maximum, _at_most),
        ("exclusiveMinimum", rules.exclusive_minimum, _above),
        ("exclusiveMaximum", rules.exclusive_maximum, _below),
    ):
        if bound is not None:
            checks.append(_check(name, bound, holds(bound)))
    return tuple(checks)


Holds: TypeAlias = Callable[[str, Value], bool]


def _check(name: str, bound: object, holds: Holds) -> Check:
    flaw = broken_constraint(name, bound)
    return lambda text, value: None if holds(text, value) else flaw


def _in_list(name: str, allowed: frozenset[Value], of_text: bool) -> Check:
    flaw = not_in_list(name, len(allowed))
    return lambda text, value: None if (text if of_text else value) in allowed else flaw


def _long_enough(least: int) -> Holds:
    return lambda text, _: len(text) >= least


def _short_enough(most: int) -> Holds:
    return lambda text, _: len(text) <= most


def _matches(pattern: re.Pattern[str]) -> Holds:
    return lambda text, _: pattern.fullmatch(text) is not None


# The contract's parser gave each bound the type of the field, which mypy cannot see through the union.
def _at_least(bound: Value) -> Holds:
    return lambda _, value: value >= bound  # type: ignore[operator]


def _at_most(bound: Value) -> Holds:
    return lambda _, value: value <= bound  # type: ignore[operator]


def _above(bound: Value) -> Holds:
    return lambda _, value: value > bound  # type: ignore[operator]


def _below(bound: Value) -> Holds:
    return lambda _, value: value < bound  # type: ignore[operator]
