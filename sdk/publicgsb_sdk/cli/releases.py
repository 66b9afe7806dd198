"""A release as it is said in a terminal: its number, or a day of either calendar."""

import re
import unicodedata
from datetime import date

from publicgsb_sdk.calendar import YEAR_MAX, YEAR_MIN, jalali
from publicgsb_sdk.errors import InvalidRequest

HELP = "its number, or a day at whose end (UTC) it was current: 2026-01-31, or Jalali 1404-11-11"


def release_of(text: str) -> int | date:
    """A number from 1, or a day; the years of the two calendars do not meet, so each is known by its year."""
    latin = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text.strip())
    if latin.isdecimal() and int(latin) > 0:
        return int(latin)
    year, _, _ = latin.partition("-")
    if re.fullmatch(r"\d{4}", year) and YEAR_MIN <= int(year) <= YEAR_MAX:
        return jalali(latin)
    try:
        return date.fromisoformat(latin) if "-" in latin else _refused(text)
    except ValueError:
        return _refused(text)


def _refused(text: str) -> date:
    raise InvalidRequest(
        f"{text!r} names no release.",
        hint=f"Say {HELP}. pgsb dataset releases lists them.",
        details={"reason": "operand"},
    )
