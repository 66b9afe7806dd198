"""The clock of data requests: the calendar's own days, and counting against a walk that looks at each day."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.ingest.jalali import from_date, to_date
from publicgsb.datasets.requests.working_days import WorkingDays, load_calendar, read_calendar

IRAN = load_calendar()
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
TEHRAN = timezone(timedelta(hours=3, minutes=30))


def naive_after(calendar: WorkingDays, day: date, count: int) -> date:
    walked = [day + timedelta(days=n) for n in range(1, 30 + 3 * count)]
    return [one for one in walked if calendar.is_working(one)][count - 1]


@given(DAYS, st.integers(1, 60))
def test_the_nth_working_day_is_the_nth_of_a_walk(day: date, count: int) -> None:
    assert IRAN.after(day, count) == naive_after(IRAN, day, count)


@given(DAYS, st.integers(0, 60))
def test_counting_forth_and_between_agree(day: date, count: int) -> None:
    last = IRAN.after(day, count)
    assert IRAN.between(day, last) == count
    assert count == 0 or IRAN.is_working(last)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_a_deadline_is_midnight_in_tehran_after_ten_working_days(asked: datetime) -> None:
    due = IRAN.deadline(asked, 10)
    local = due.astimezone(TEHRAN)
    assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    assert IRAN.between(IRAN.local_day(asked), IRAN.last_day(due)) == 10
    assert IRAN.last_day(due) == local.date() - timedelta(days=1)


@given(st.datetimes(datetime(2025, 3, 21), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_whoever_asks_later_is_never_answered_earlier(asked: datetime) -> None:
    assert IRAN.deadline(asked, 10) <= IRAN.deadline(asked + timedelta(hours=7), 10)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ((1405, 2, 5), (1405, 2, 16)),  # a Saturday in a month without holidays: over one Friday
        ((1405, 2, 10), (1405, 2, 22)),  # a Thursday: the Friday after it does not count, nor the next
        ((1405, 2, 11), (1405, 2, 22)),  # a Friday: the same
        ((1404, 12, 24), (1405, 1, 11)),  # before Nowruz: 29 Esfand to 4 Farvardin and a Friday are free
        ((1405, 1, 1), (1405, 1, 18)),  # on Nowruz, which is Eid al-Fitr too
        ((1405, 1, 13), (1405, 1, 26)),  # over 25 Farvardin
        ((1404, 1, 1), (1404, 1, 19)),  # 1 to 4, 8 (Friday), 11 to 13, 15 (Friday)
        ((1403, 12, 28), (1404, 1, 19)),  # a leap year, with its 30th
        ((1405, 5, 12), (1405, 5, 27)),  # over 13, 16, 21, 22, 23 Mordad
        ((1404, 12, 9), (1404, 12, 28)),  # over a week that was closed
    ],
)
def test_days_that_were_counted_by_hand(asked: tuple[int, int, int], due: tuple[int, int, int]) -> None:
    assert from_date(IRAN.after(to_date(*asked), 10)) == due


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        ((1405, 1, 4), False),
        ((1405, 1, 5), True),
        ((1405, 1, 12), False),
        ((1405, 1, 13), False),
        ((1405, 1, 15), True),
        ((1404, 12, 29), False),
        ((1403, 12, 30), False),
        ((1405, 3, 14), False),
        ((1405, 11, 22), False),
        ((1405, 2, 10), True),  # a Thursday is no official holiday
        ((1405, 2, 11), False),  # a Friday
        ((1405, 4, 4), False),
        ((1409, 1, 2), False),  # solar holidays need no list of years
    ],
)
def test_which_days_are_free(day: tuple[int, int, int], is_working: bool) -> None:
    assert IRAN.is_working(to_date(*day)) is is_working


def test_the_years_1404_to_1406_name_every_official_holiday() -> None:
    free = [
        {day for day in IRAN.named if from_date(day)[0] == year and IRAN.named[day].en != "public holiday"}
        | {to_date(year, month, day) for month, day in IRAN.solar if (month, day) != (12, 30)}
        for year in (1404, 1405, 1406)
    ]
    assert [len(days) for days in free] == [26, 26, 27]


def test_an_evening_in_utc_is_the_next_day_in_tehran() -> None:
    before, after = datetime(2026, 11, 27, 20, 29, tzinfo=UTC), datetime(2026, 11, 27, 20, 30, tzinfo=UTC)
    assert (IRAN.local_day(before), IRAN.local_day(after)) == (date(2026, 11, 27), date(2026, 11, 28))


def test_what_only_computed_or_unknown_holidays_decide_is_told_as_provisional() -> None:
    assert not IRAN.is_provisional(to_date(1405, 2, 1), to_date(1405, 2, 13))
    assert IRAN.is_provisional(to_date(1405, 12, 25), to_date(1406, 1, 20))
    assert IRAN.is_provisional(to_date(1408, 1, 1), to_date(1408, 1, 20))


def test_the_weekly_day_is_data() -> None:
    text = """
calendar: other
version: "1"
hoursFromUtc: 0
weekly: [saturday, sunday]
solar: []
years: [{ year: 1405, isEstimated: false, lunar: [{ on: "02-01", fa: "یک", en: "one" }] }]
"""
    other = read_calendar(text)
    assert other.after(date(2026, 4, 20), 5) == date(2026, 4, 28)  # over 1 Ordibehesht and a week-end
    assert (other.stamp.startswith("other 1 "), other.local_day(datetime(2026, 1, 1, tzinfo=UTC))) == (
        True,
        date(2026, 1, 1),
    )


def test_a_calendar_with_a_day_that_no_year_has_is_refused() -> None:
    text = 'calendar: x\nversion: "1"\nhoursFromUtc: 0\nweekly: []\nyears: []\nsolar: [{ on: "07-31", fa: a, en: a }]'
    with pytest.raises(ValueError, match="no such Jalali day"):
        read_calendar(text)
