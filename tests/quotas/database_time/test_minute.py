"""One worker's minute: pure rules, with the clocks passed in."""

from publicgsb.quotas.database_time.minute import TOLD_FROM_US, CurrentMinute, Sums

ONE, OTHER = (1, 10), (2, 20)
KEY, SISTER = "key", "sister"  # of ONE
BEGAN = 600.0  # a full minute of the database's clock, at 0 of the monotonic one


def minute() -> CurrentMinute:
    return CurrentMinute(BEGAN, 0.0)


def test_what_is_charged_counts_for_its_account_alone() -> None:
    now = minute()
    now.charge(ONE, KEY, 300)
    now.charge(ONE, KEY, 400)
    assert (now.used_us(ONE, 3.0), now.used_us(OTHER, 3.0)) == (700, 0)


def test_with_the_minute_all_that_it_counted_is_gone() -> None:
    now = minute()
    now.charge(ONE, KEY, TOLD_FROM_US)
    now.note_told(10, Sums(), Sums({ONE: 5}, {KEY: 6}))
    assert (now.used_us(ONE, 59.9), now.key_used_us(KEY, 59.9)) == (TOLD_FROM_US + 5, TOLD_FROM_US + 6)
    assert (now.used_us(ONE, 60.0), now.untold(60.0), now.number, now.seconds_left(60.5)) == (0, Sums(), 11, 59.5)
    assert now.key_used_us(KEY, 60.5) == 0


def test_what_others_told_of_a_minute_that_is_over_counts_for_nothing() -> None:
    now = minute()
    assert now.used_us(ONE, 61.0) == 0
    now.note_told(10, Sums(), Sums({ONE: 5_000}, {KEY: 5_000}))
    assert (now.used_us(ONE, 61.0), now.key_used_us(KEY, 61.0)) == (0, 0)


def test_only_what_has_grown_by_enough_is_told() -> None:
    now = minute()
    now.charge(ONE, KEY, TOLD_FROM_US)
    now.charge(OTHER, "theirs", TOLD_FROM_US - 1)
    assert now.untold(1.0) == Sums({ONE: TOLD_FROM_US}, {KEY: TOLD_FROM_US})
    now.note_told(10, now.untold(1.0), Sums())
    now.charge(ONE, KEY, TOLD_FROM_US - 1)
    assert now.untold(1.0) == Sums()
    now.charge(ONE, SISTER, 1)
    assert now.untold(1.0) == Sums({ONE: 2 * TOLD_FROM_US}, {})


def test_each_key_is_counted_by_itself_and_all_of_them_for_their_account() -> None:
    now = minute()
    now.charge(ONE, KEY, 300)
    now.charge(ONE, SISTER, 400)
    assert (now.key_used_us(KEY, 1.0), now.key_used_us(SISTER, 1.0), now.used_us(ONE, 1.0)) == (300, 400, 700)


def test_a_key_seems_spent_until_somebody_asks_what_minute_it_is() -> None:
    now = minute()
    now.charge(ONE, KEY, 300)
    assert (now.key_seems_spent(KEY, 301), now.key_seems_spent(KEY, 300)) == (False, True)
    assert now.key_used_us(KEY, 60.0) == 0
    assert not now.key_seems_spent(KEY, 1)


def test_a_clock_that_is_a_little_behind_ends_the_minute_later_and_loses_nothing() -> None:
    now = minute()
    now.charge(ONE, KEY, 7)
    now.set_clock(BEGAN - 0.5, 0.25)
    assert (now.used_us(ONE, 0.25), now.seconds_left(0.25)) == (7, 60.0)


def test_a_clock_that_was_set_is_followed() -> None:
    now = minute()
    now.set_clock(BEGAN - 3_600, 5.0)
    assert (now.number, now.seconds_left(5.0)) == (10 - 60, 60.0)
    now.set_clock(BEGAN + 59, 6.0)
    assert (now.seconds_left(6.5), now.number) == (0.5, 10)
