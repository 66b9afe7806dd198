"""The Jalali calendar for filters: `where(F.opened >= jalali("1402-01-01"))`.

Years 1210-1634, by the leap years of the 33-year cycle, as the service counts them. (The 2820-year formula of some
libraries is a day off in 1404.)
"""

import re
import unicodedata
from datetime import date

from publicgsb_sdk.errors import InvalidRequest

YEAR_MIN, YEAR_MAX = 1210, 1634
LEAPS = (1, 5, 9, 13, 17, 22, 26, 30)  # of each 33 years
WRITTEN = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


def jalali(text: str) -> date:
    """The day of a Jalali date such as `"1402-01-01"` or `"۱۴۰۲/۱/۱"`, of the years 1210 to 1634.

    >>> jalali("1403-01-01")
    datetime.date(2024, 3, 20)

    Raises:
        InvalidRequest: there is no such day.
    """
    latin = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text.strip())
    written = WRITTEN.fullmatch(latin)
    year, month, day = map(int, written.groups()) if written else (0, 0, 0)
    if not (YEAR_MIN <= year <= YEAR_MAX and 1 <= month <= 12 and 1 <= day <= _length(year, month)):
        raise InvalidRequest(
            f"There is no Jalali day {text!r}.",
            hint=f'Write year, month and day, as in "1402-01-31"; years {YEAR_MIN} to {YEAR_MAX} are known.',
            details={"reason": "operand"},
        )
    return date.fromordinal(_new_year(year) + 31 * (month - 1) - max(0, month - 7) + day - 1)


def _length(year: int, month: int) -> int:
    if month <= 6:
        return 31
    return 30 if month < 12 or year % 33 in LEAPS else 29


def _new_year(year: int) -> int:
    """The ordinal of its first day."""
    return date(2024, 3, 20).toordinal() + 365 * (year - 1403) + _leaps_before(year) - _leaps_before(1403)


def _leaps_before(year: int) -> int:
    return 8 * (year // 33) + sum(leap < year % 33 for leap in LEAPS)
