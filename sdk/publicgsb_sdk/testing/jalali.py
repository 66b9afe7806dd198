"""The Jalali month and year of a day."""

from datetime import date

from publicgsb_sdk.calendar import YEAR_MAX, YEAR_MIN, jalali

FIRST, END = jalali(f"{YEAR_MIN}-01-01"), jalali(f"{YEAR_MAX}-12-29")


def month_of(day: date) -> tuple[int, int] | None:
    """Year and month; None for days that the calendar of the service does not reach."""
    year = day.year - 621
    if not FIRST.year - 1 <= day.year <= END.year + 1:
        return None
    if not YEAR_MIN <= year <= YEAR_MAX or day < jalali(f"{year}-01-01"):
        year -= 1
    if not YEAR_MIN <= year <= YEAR_MAX:
        return None
    days = day.toordinal() - jalali(f"{year}-01-01").toordinal()
    if days > 365 or days < 0:
        return None
    return year, days // 31 + 1 if days < 186 else (days - 186) // 30 + 7


def first_day(day: date, *, is_year: bool) -> date | None:
    """Of the day's Jalali month or year."""
    found = month_of(day)
    return None if found is None else jalali(f"{found[0]}-{1 if is_year else found[1]}-1")
