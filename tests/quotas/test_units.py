"""The purse's memory against a reference that is too simple to be wrong."""

from hypothesis import given
from hypothesis import strategies as st

from publicgsb.quotas.units import AccountUnits, Taken

UNTIL = 100.0


class Reference:
    """One number per policy; nothing expires."""

    def __init__(self, lease: int, window: int, slots: int) -> None:
        self.free = {"lease": lease, "window": window, "slots": slots}

    def take(self, points: int) -> bool:
        need = {"lease": points, "window": points, "slots": 1}
        if points < 1 or any(self.free[name] < need[name] for name in need):
            return False
        for name, units in need.items():
            self.free[name] -= units
        return True

    def settle(self, points: int, used: int) -> None:
        back = max(0, points - max(0, used))
        self.free["lease"] += back
        self.free["window"] += back
        self.free["slots"] += 1


def _filled(lease: int, window: int, slots: int) -> AccountUnits:
    units = AccountUnits()
    units.fill_lease(lease, UNTIL)
    units.fill_chunk(window, slots, 1, UNTIL)
    return units


STEPS = st.lists(
    st.one_of(st.tuples(st.just("take"), st.integers(-3, 60)), st.tuples(st.just("settle"), st.integers(-5, 80))),
    max_size=60,
)


@given(lease=st.integers(0, 200), window=st.integers(0, 200), slots=st.integers(0, 6), steps=STEPS)
def test_memory_agrees_with_the_reference_after_every_step(
    lease: int, window: int, slots: int, steps: list[tuple[str, int]]
) -> None:
    units, reference = _filled(lease, window, slots), Reference(lease, window, slots)
    running: list[Taken] = []
    for step, number in steps:
        if step == "take":
            taken = units.try_take(number, 0.0)
            assert (taken is not None) == reference.take(number)
            running += [taken] if taken else []
        elif running:
            taken = running.pop(0)
            taken.settle(number)
            taken.settle(0)  # a second settle changes nothing
            reference.settle(taken.points, number)
        now = {"lease": units.lease_free(0.0), "window": units.chunk.free, "slots": units.chunk.slots_free}
        assert now == reference.free


def test_units_are_not_spent_after_their_hundred_milliseconds_or_their_period() -> None:
    units = _filled(10, 10, 1)
    assert units.try_take(1, UNTIL) is None
    units.fill_chunk(10, 1, 2, UNTIL + 1)
    assert units.try_take(1, UNTIL) is None


def test_the_most_that_ran_together_is_known_until_the_next_call() -> None:
    units = _filled(10, 10, 3)
    first, second = units.try_take(1, 0.0), units.try_take(1, 0.0)
    assert first is not None and second is not None
    first.settle(1)
    assert units.most_running == 2
    units.fill_chunk(10, 3, 2, UNTIL)
    assert units.most_running == 1


def test_unused_units_of_an_old_call_are_named_by_its_moment() -> None:
    units = _filled(10, 10, 1)
    taken = units.try_take(6, 0.0)
    assert taken is not None
    assert units.empty_chunk() == [(1, 4)]
    units.fill_chunk(5, 1, 2, UNTIL)
    taken.settle(2)
    assert (units.chunk.free, units.empty_chunk()) == (5, [(1, 4), (2, 5)])


def test_a_refund_reaches_the_next_lease_of_the_same_period_and_never_one_of_another() -> None:
    units = _filled(10, 10, 2)
    same, other = units.try_take(4, 0.0), units.try_take(4, 0.0)
    assert same is not None
    assert other is not None
    assert units.close_lease() == 8
    units.fill_lease(10, UNTIL)
    units.lease_taken = 5
    same.refund()
    assert units.lease_free(0.0) == 9
    units.period += 1
    other.refund()
    assert units.lease_free(0.0) == 9


def test_a_refund_after_the_last_lease_of_a_period_is_spent_before_the_account_is_exhausted() -> None:
    units = _filled(10, 10, 3)
    running = units.try_take(8, 0.0)
    assert running is not None
    assert units.close_lease() == 8  # called back while the request runs: it counts in full
    running.settle(3)
    assert units.lease_free(0.0) == 5
    units.fill_chunk(5, 1, 2, UNTIL)
    assert units.try_take(6, 0.0) is None
    assert units.try_take(5, 0.0) is not None
    assert (units.close_lease(), units.lease_free(0.0)) == (0, 0)


def test_what_is_trimmed_goes_back_before_the_request_ends_and_never_twice() -> None:
    units = _filled(100, 50, 2)
    taken = units.try_take(30, 0.0)
    assert taken is not None
    taken.trim(10)
    assert (units.lease_free(0.0), units.chunk.free, units.running) == (90, 40, 1)
    taken.trim(20)  # more than is left of it is never taken
    taken.settle(10)
    taken.trim(0)
    assert (units.lease_free(0.0), units.chunk.free, units.running) == (90, 40, 0)
    refunded = units.try_take(30, 0.0)
    assert refunded is not None
    refunded.trim(10)
    refunded.refund()
    assert (units.lease_free(0.0), units.chunk.free) == (90, 40)
