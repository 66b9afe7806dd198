from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from publicgsb.datasets.ingest import jalali


@pytest.mark.parametrize(
    ("gregorian", "year", "month", "day"),
    [
        (date(1979, 2, 11), 1357, 11, 22),
        (date(2021, 3, 20), 1399, 12, 30),
        (date(2021, 3, 21), 1400, 1, 1),
        (date(2024, 3, 20), 1403, 1, 1),
        (date(2025, 3, 20), 1403, 12, 30),
        (date(2025, 3, 21), 1404, 1, 1),
        (date(2026, 3, 20), 1404, 12, 29),
        (date(2026, 3, 21), 1405, 1, 1),
        (date(2026, 11, 23), 1405, 9, 2),
    ],
)
def test_known_days_agree(gregorian: date, year: int, month: int, day: int) -> None:
    assert jalali.from_date(gregorian) == (year, month, day)
    assert jalali.to_date(year, month, day) == gregorian


def test_1403_is_a_leap_year_and_1404_is_not() -> None:
    """The 2820-year formula has it the other way round."""
    assert jalali.is_leap(1403)
    assert not jalali.is_leap(1404)


def test_every_day_of_1300_to_1500_is_the_day_that_another_library_says() -> None:
    """Both sides walk the same days, without a step too many or too few."""
    theirs: Any = JalaliDate
    day, last = theirs(1300, 1, 1).to_gregorian(), theirs(1500, 12, 29).to_gregorian()
    days = 0
    while day <= last:
        other = theirs.to_jalali(day)
        assert jalali.from_date(day) == (other.year, other.month, other.day)
        assert jalali.to_date(other.year, other.month, other.day) == day
        day, days = day + timedelta(days=1), days + 1
    assert days > 73_400


@given(st.dates(date(1850, 1, 1), date(2250, 1, 1)))
def test_every_day_goes_there_and_back(day: date) -> None:
    assert jalali.to_date(*jalali.from_date(day)) == day


@pytest.mark.parametrize(("year", "month", "day"), [(1404, 12, 30), (1404, 7, 31), (1404, 13, 1), (1100, 1, 1)])
def test_a_day_that_does_not_exist_is_refused(year: int, month: int, day: int) -> None:
    with pytest.raises(ValueError, match="no such Jalali"):
        jalali.to_date(year, month, day)
