"""What a worker remembers against a list that forgets nothing: never less than what still counts, and bounded."""

from hypothesis import given
from hypothesis import strategies as st

from publicgsb.quotas.epochs.tally import BUCKETS_MAX, Tally
from publicgsb.quotas.epochs.words import shape_of
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("charge"), st.integers(0, 30_000), st.integers(1, 50)),
        st.tuples(st.just("back"), st.integers(0, 9), st.integers(1, 60)),
        st.tuples(st.just("epoch"), st.integers(-100_000, 100_000), st.just(0)),
    ),
    max_size=40,
)


def _plan(*seconds: int) -> Plan:
    windows = [Policy(f"w{one}", PolicyKind.WINDOW, 100, PolicyUnit.POINTS, window_seconds=one) for one in seconds]
    return Plan("p", (*windows, Policy("month", PolicyKind.PERIOD, 9, PolicyUnit.POINTS, period=Period.MONTH)))


@given(steps=STEPS)
def test_seeds_hold_all_that_counts_at_an_age_that_is_not_too_old(steps: list[tuple[str, int, int]]) -> None:
    tally = Tally(shape_of((1, 1), _plan(2, 10, 60)))
    now, clock_ms = 0.0, 1_000_000  # of the worker, and of the store: each epoch may have another clock
    admitted: list[list[float]] = []  # sent, units
    of_epoch: list[tuple[int, list[float]]] = []
    for kind, number, units in steps:
        if kind == "charge":
            now, clock_ms = now + number / 1000, clock_ms + number
            entry = [now, float(units)]
            tally.charge(clock_ms, units, now)
            admitted.append(entry)
            of_epoch.append((clock_ms, entry))
        elif kind == "back" and of_epoch:
            moment, entry = of_epoch[number % len(of_epoch)]
            back = min(units, int(entry[1]))
            entry[1] -= back
            tally.give_back(moment, back)
        elif kind == "epoch":
            clock_ms += number
            of_epoch = []
            tally.begin_epoch()
    seeds = tally.seeds(now)
    for window in tally.shape.windows:
        mine = [seed for seed in seeds if seed.key == window.key]
        for span in (0.1, 1.0, 2.0, 10.0, 60.0):
            true = sum(
                units for sent, units in admitted if now - sent <= min(span, window.width_ms * window.parts / 1000)
            )
            assert sum(seed.units for seed in mine if seed.age_ms <= span * 1000) >= true


def test_a_tally_is_bounded_however_long_and_fast_it_is_charged() -> None:
    tally = Tally(shape_of((1, 1), _plan(10, 60)))
    for moment in range(0, 200_000, 20):
        tally.charge(moment, 1, moment / 1000)
        if moment % 1_000 == 0:
            tally.begin_epoch()
    assert len(tally._buckets) + len(tally._former) <= 2 * (BUCKETS_MAX + 2)
    assert len(tally.seeds(200.0)) <= 2 * 23
