"""The closed set of functions by which a contract may change or derive a cell: text in, text or null out.

A function leaves alone what it does not understand, so that the type check that follows names the problem.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TypeAlias

from publicgsb.datasets.contracts.model import Transform, TransformKind
from publicgsb.datasets.ingest import jalali, persian

Step: TypeAlias = Callable[[str], str | None]

NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_EXACT = Context(prec=700, rounding=ROUND_HALF_EVEN)  # the widest float8 has 309 digits before the point


def compile_transform(transform: Transform) -> Step:
    """The function that a contract names, its argument bound."""
    argument = transform.argument
    match transform.kind:
        case TransformKind.ZERO_PAD if isinstance(argument, int):
            return _zero_pad(argument)
        case TransformKind.PREFIX if isinstance(argument, int):
            return lambda text: text[:argument]
        case TransformKind.PREPEND if isinstance(argument, str):
            return lambda text: argument + text
        case TransformKind.FOLD:
            return persian.fold
        case TransformKind.JALALI_YEAR:
            return jalali_year
        case TransformKind.ROUND if isinstance(argument, int):
            return _round(argument)
        case TransformKind.SUPPRESS if isinstance(argument, int):
            return _suppress(argument)
    raise ValueError(f"{transform.kind} does not take that argument")


def _zero_pad(width: int) -> Step:
    def zero_pad(text: str) -> str:
        return text.zfill(width) if len(text) < width and text.isascii() and text.isdecimal() else text

    return zero_pad


def jalali_year(text: str) -> str:
    """The Jalali year in which a Gregorian day lies; the day is the start of an ISO date or moment."""
    day = _ISO_DAY.match(text)
    if day is None:
        return text
    try:
        return str(jalali.from_date(date(int(day[1]), int(day[2]), int(day[3])))[0])
    except ValueError:
        return text


def _round(places: int) -> Step:
    step = Decimal(1).scaleb(-places)

    def round_(text: str) -> str:
        if not NUMBER.fullmatch(text):
            return text
        number = Decimal(text)
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -places:
            return text
        return format(number.quantize(step, context=_EXACT), "f")

    return round_


def _suppress(below: int) -> Step:
    def suppress(text: str) -> str | None:
        return None if NUMBER.fullmatch(text) and 1 <= Decimal(text) < below else text

    return suppress
