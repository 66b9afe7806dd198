"""The Jalali calendar of 1210-1634 (1831-2256), by the leap years of the 33-year cycle.

The 2820-year formula of many libraries takes 1404 for a leap year and 1403 for none, so it is a day off in 1404.
"""

from datetime import date, timedelta

YEAR_MIN, YEAR_MAX = 1210, 1634
_LEAP_REMAINDERS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
CYCLE_YEARS, CYCLE_DAYS = 33, 33 * 365 + 8
_ANCHOR_YEAR, _ANCHOR_DAY = 1403, date(2024, 3, 20)  # 1 Farvardin 1403


def is_leap(year: int) -> bool:
    return year % CYCLE_YEARS in _LEAP_REMAINDERS


def _new_years() -> dict[int, date]:
    days = {_ANCHOR_YEAR: _ANCHOR_DAY}
    for year in range(_ANCHOR_YEAR, YEAR_MAX + 1):
        days[year + 1] = days[year] + timedelta(days=366 if is_leap(year) else 365)
    for year in range(_ANCHOR_YEAR - 1, YEAR_MIN - 1, -1):
        days[year] = days[year + 1] - timedelta(days=366 if is_leap(year) else 365)
    return days


_NEW_YEAR = _new_years()
# 1 Farvardin of every year that is covered, and of the year after: where years begin, for a search by day.
NEW_YEARS: tuple[date, ...] = tuple(_NEW_YEAR[year] for year in range(YEAR_MIN, YEAR_MAX + 2))
CALENDAR_DAYS = (NEW_YEARS[-1] - NEW_YEARS[0]).days


def from_date(day: date) -> tuple[int, int, int]:
    """Year, month and day; ValueError outside the years that the table covers."""
    year = day.year - 621
    if not YEAR_MIN < year <= YEAR_MAX:
        raise ValueError("the Jalali year is outside 1210-1634")
    if day < _NEW_YEAR[year]:
        year -= 1
    past = (day - _NEW_YEAR[year]).days
    if past < 186:
        return year, past // 31 + 1, past % 31 + 1
    return year, (past - 186) // 30 + 7, (past - 186) % 30 + 1


def to_date(year: int, month: int, day: int) -> date:
    """The Gregorian day; ValueError when there is no such Jalali day."""
    if not (YEAR_MIN <= year <= YEAR_MAX and 1 <= month <= 12):
        raise ValueError("no such Jalali month")
    length = 31 if month <= 6 else 30 if month < 12 or is_leap(year) else 29
    if not 1 <= day <= length:
        raise ValueError("no such Jalali day")
    past = (month - 1) * 31 if month <= 7 else 186 + (month - 7) * 30
    return _NEW_YEAR[year] + timedelta(days=past + day - 1)
