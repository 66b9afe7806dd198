"""One worker's minute: pure rules, with the clocks passed in."""

from publicgsb.quotas.database_time.minute import TOLD_FROM_US, CurrentMinute

ONE, OTHER = (1, 10), (2, 20)
BEGAN = 600.0  # a full minute of the database's clock, at 0 of the monotonic one


def minute() -> CurrentMinute:
    return CurrentMinute(BEGAN, 0.0)


def test_what_is_charged_counts_for_its_account_alone() -> None:
    now = minute()
    now.charge(ONE, 300)
    now.charge(ONE, 400)
    assert (now.used_us(ONE, 3.0), now.used_us(OTHER, 3.0)) == (700, 0)


def test_with_the_minute_all_that_it_counted_is_gone() -> None:
    now = minute()
    now.charge(ONE, TOLD_FROM_US)
    now.note_told(10, {}, {ONE: 5})
    assert now.used_us(ONE, 59.9) == TOLD_FROM_US + 5
    assert (now.used_us(ONE, 60.0), now.untold(60.0), now.number, now.seconds_left(60.5)) == (0, {}, 11, 59.5)


def test_what_others_told_of_a_minute_that_is_over_counts_for_nothing() -> None:
    now = minute()
    assert now.used_us(ONE, 61.0) == 0
    now.note_told(10, {}, {ONE: 5_000})
    assert now.used_us(ONE, 61.0) == 0


def test_only_what_has_grown_by_enough_is_told() -> None:
    now = minute()
    now.charge(ONE, TOLD_FROM_US)
    now.charge(OTHER, TOLD_FROM_US - 1)
    assert now.untold(1.0) == {ONE: TOLD_FROM_US}
    now.note_told(10, {ONE: TOLD_FROM_US}, {})
    now.charge(ONE, TOLD_FROM_US - 1)
    assert now.untold(1.0) == {}
    now.charge(ONE, 1)
    assert now.untold(1.0) == {ONE: 2 * TOLD_FROM_US}


def test_a_clock_that_is_a_little_behind_ends_the_minute_later_and_loses_nothing() -> None:
    now = minute()
    now.charge(ONE, 7)
    now.set_clock(BEGAN - 0.5, 0.25)
    assert (now.used_us(ONE, 0.25), now.seconds_left(0.25)) == (7, 60.0)


def test_a_clock_that_was_set_is_followed() -> None:
    now = minute()
    now.set_clock(BEGAN - 3_600, 5.0)
    assert (now.number, now.seconds_left(5.0)) == (10 - 60, 60.0)
    now.set_clock(BEGAN + 59, 6.0)
    assert (now.seconds_left(6.5), now.number) == (0.5, 10)
