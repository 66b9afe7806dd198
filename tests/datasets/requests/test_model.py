"""Which state follows which, each pair of them."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from publicgsb.datasets.requests.model import ANSWERS, NEXT, RUNNING, DataRequest, State, refuse_step
from publicgsb.platform.kernel.errors import Conflict

ASKED = datetime(2026, 11, 1, tzinfo=UTC)
DUE = ASKED + timedelta(days=14)
GIVES_MORE = {
    State.REFUSED_WITHOUT_GROUND: 0,
    State.REFUSED: 1,
    State.NOT_HELD: 1,
    State.PARTLY_RELEASED: 2,
    State.RELEASED: 3,
}


def request(stored: State, answered_at: datetime | None = None) -> DataRequest:
    return DataRequest(
        *(1, 1, "air", None, "A title", "Some text", stored, ASKED, DUE, "iran 1"),
        *(answered_at, None, ASKED, ()),
    )


@pytest.mark.parametrize(("present", "wanted"), list(product(State, State)))
def test_each_pair_of_states_is_allowed_or_a_conflict(present: State, wanted: State) -> None:
    before = ASKED + timedelta(days=1)
    if wanted in NEXT[present]:
        refuse_step(request(present), wanted, before)
    else:
        with pytest.raises(Conflict) as refused:
            refuse_step(request(present), wanted, before)
        assert refused.value.details["reason"] == "state"


@pytest.mark.parametrize(("one", "other"), list(product(sorted(ANSWERS), repeat=2)))
def test_a_later_answer_never_gives_less(one: State, other: State) -> None:
    assert other not in NEXT[one] or GIVES_MORE[other] > GIVES_MORE[one]


def test_every_state_can_be_reached_and_all_but_removed_can_be_removed() -> None:
    assert set().union(*NEXT.values()) | {State.OPEN} == set(State)
    assert all((State.REMOVED in NEXT[state]) == (state is not State.REMOVED) for state in State)


@pytest.mark.parametrize("stored", State)
def test_the_clock_ends_what_runs_at_its_moment_and_nothing_else(stored: State) -> None:
    one = request(stored)
    assert one.state(DUE - timedelta(microseconds=1)) is stored
    assert one.state(DUE) is (State.NO_ANSWER if stored in RUNNING else stored)


def test_an_end_that_nobody_wrote_down_yet_is_in_the_history_at_its_moment() -> None:
    (step,) = request(State.OPEN).history(DUE + timedelta(days=40))
    assert (step.state, step.at, step.by) == (State.NO_ANSWER, DUE, "clock")


def test_after_the_end_nobody_acknowledges_any_more() -> None:
    with pytest.raises(Conflict):
        refuse_step(request(State.OPEN), State.ACKNOWLEDGED, DUE)
    refuse_step(request(State.OPEN), State.REFUSED, DUE)


@pytest.mark.parametrize(("answered_at", "is_late"), [(None, False), (DUE - timedelta(seconds=1), False), (DUE, True)])
def test_an_answer_is_late_from_the_end_on(answered_at: datetime | None, is_late: bool) -> None:
    assert request(State.RELEASED, answered_at).is_late is is_late


def test_the_address_of_whoever_asked_is_in_no_repr() -> None:
    one = DataRequest(
        *(1, 1, "air", None, "A title", "Some text", State.OPEN, ASKED, DUE, "iran 1", None, None, ASKED, ()),
        contact="somebody@example.org",
    )
    assert "somebody" not in repr(one)
