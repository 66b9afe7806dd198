"""Values of each type: read from what a test wrote, and written as the service writes them."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from publicgsb_sdk.contract import FieldType

INT4, INT8 = range(-(2**31), 2**31), range(-(2**63), 2**63)
DIGITS_MAX = 100
DIGITS = re.compile(r"[0-9]{1,9}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_value(type_: FieldType, raw: Any) -> Any:
    """Raises ValueError, with a sentence, for what is no value of the type. Texts are read as in a file."""
    return READERS[type_](raw)


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError("is no text; a code is written in quotes, with all its zeros")
    if "\0" in raw:
        raise ValueError("holds a null character")
    raw.encode()  # a lone surrogate is no text either
    return raw


def _whole(raw: Any, within: range = INT4) -> int:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise ValueError("is no whole number")
    if isinstance(raw, str) and not (raw.isascii() and raw.lstrip("-").isdecimal()):
        raise ValueError("is no whole number")
    if int(raw) not in within:
        raise ValueError(f"does not fit {64 if within is INT8 else 32} bits")
    return int(raw)


def _number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise ValueError("is no number")
    value = float(raw)
    if not math.isfinite(value):
        raise ValueError("is not finite")
    return value


def read_decimal(raw: Any) -> Decimal:
    """Exact: a float is refused, because it is not what was written."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        raise ValueError("is no exact number: write Decimal, int or text")
    try:
        value = Decimal(raw)
    except InvalidOperation:
        raise ValueError("is no number") from None
    if not value.is_finite() or len(str(raw)) > DIGITS_MAX:
        raise ValueError("is no number of at most 100 digits")
    return value


def _truth(raw: Any) -> bool:
    if isinstance(raw, str) and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    if not isinstance(raw, bool):
        raise ValueError("is neither true nor false")
    return raw


def read_day(raw: Any) -> date:
    """A day of the Gregorian calendar."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    if not isinstance(raw, str):
        raise ValueError("is no day")
    return date.fromisoformat(raw)


def read_moment(raw: Any) -> datetime:
    """In UTC; a moment without a zone is taken for one there."""
    value = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
    if not isinstance(value, datetime):
        raise ValueError("is no moment")
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


def read_release(raw: Any) -> int | date | str:
    """A release's number, a day, or "latest"."""
    text = str(raw)
    if text == "latest":
        return text
    if DAY.fullmatch(text):
        return date.fromisoformat(text)
    if isinstance(raw, bool) or not DIGITS.fullmatch(text) or int(text) == 0:
        raise ValueError('is no release: its number, a date as YYYY-MM-DD, or "latest"')
    return int(text)


def write_moment(value: datetime) -> str:
    """A fraction of a second ends with its last digit that says something."""
    head, dot, rest = value.isoformat().partition(".")
    return f"{head}.{rest[:6].rstrip('0')}{rest[6:]}" if dot else head


def written(value: Any) -> str:
    """As files have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return write_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return repr(int(value) if value.is_integer() and abs(value) < 1e15 else value)
    return str(value)


READERS: Mapping[FieldType, Callable[[Any], Any]] = MappingProxyType(
    {
        FieldType.STRING: _text,
        FieldType.INTEGER: _whole,
        FieldType.YEAR: _whole,
        FieldType.BIGINT: lambda raw: _whole(raw, INT8),
        FieldType.NUMBER: _number,
        FieldType.DECIMAL: read_decimal,
        FieldType.BOOLEAN: _truth,
        FieldType.DATE: read_day,
        FieldType.DATETIME: read_moment,
    }
)
