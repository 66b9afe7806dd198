"""Asking, acknowledging, answering and removing, on the database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.datasets.requests.conftest import ASKED_AT, DUE_AT, Desk

from publicgsb.datasets.requests.model import State
from publicgsb.datasets.requests.service import Answer
from publicgsb.datasets.requests.store import Wanted
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound, NotPermitted

RELEASED = Answer(State.RELEASED, "air/airports")
PARTLY = Answer(State.PARTLY_RELEASED, "air/airports", "IR-FOI-14")
REFUSED = Answer(State.REFUSED, legal_ground="IR-FOI-13", message="They are secret.")
NO_GROUND = Answer(State.REFUSED)
NOT_HELD = Answer(State.NOT_HELD, message="Ask the ministry of roads.")


async def test_the_clock_begins_with_the_asking(desk: Desk) -> None:
    one = await desk.ask(dataset="airports")
    assert (one.stored, one.asked_at, one.due_at, one.dataset) == (State.OPEN, ASKED_AT, DUE_AT, "air/airports")
    assert await desk.told() == ["request.asked"]
    assert await desk.audited() == [("public", "request.ask")]


@pytest.mark.parametrize("more", [{"agency": "nobody"}, {"agency": "nu\0ll"}, {"dataset": "nothing"}])
async def test_what_is_not_there_cannot_be_asked(desk: Desk, more: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        await desk.ask(**more)
    assert await desk.told() == []


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (RELEASED, State.RELEASED),
        (PARTLY, State.PARTLY_RELEASED),
        (REFUSED, State.REFUSED),
        (NO_GROUND, State.REFUSED_WITHOUT_GROUND),
        (NOT_HELD, State.NOT_HELD),
    ],
)
async def test_each_answer_is_dated_audited_told_and_mailed(desk: Desk, answer: Answer, state: State) -> None:
    one = await desk.ask(email="asker@example.org")
    desk.at = ASKED_AT + timedelta(days=3)
    done = await desk.requests.answer(desk.air, one.id, answer)
    step = done.steps[-1]
    assert (done.stored, done.answered_at, done.answered_working_days, done.is_late) == (state, desk.at, 3, False)
    assert (step.state, step.by, step.legal_ground, step.dataset) == (
        state,
        "agency",
        answer.legal_ground,
        answer.dataset,
    )
    assert (await desk.audited())[-1] == ("person:1 key:a", f"request.{state.value}")
    assert (await desk.told())[-1] == f"request.{state.value}"
    assert desk.mails == [("asker@example.org", one.id, state)]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(State.OPEN),
        Answer(State.NO_ANSWER),
        Answer(State.REMOVED),
        Answer(State.RELEASED),
        Answer(State.RELEASED, "air/airports", "IR-FOI-14"),
        Answer(State.PARTLY_RELEASED, "air/airports"),
        Answer(State.PARTLY_RELEASED, None, "IR-FOI-14"),
        Answer(State.REFUSED, "air/airports", "IR-FOI-14"),
        Answer(State.REFUSED, None, "confidential"),
        Answer(State.REFUSED, None, ""),
        Answer(State.NOT_HELD),
        Answer(State.NOT_HELD, None, "IR-FOI-14", "Nobody has them."),
        Answer(State.REFUSED, None, None, "Call 09123456789 for the reason."),
    ],
)
async def test_an_answer_that_does_not_fit_together_changes_nothing(desk: Desk, answer: Answer) -> None:
    one = await desk.ask()
    with pytest.raises(InvalidRequest):
        await desk.requests.answer(desk.air, one.id, answer)
    assert (await desk.requests.one(one.id)).stored is State.OPEN


async def test_acknowledging_does_not_stop_the_clock(desk: Desk) -> None:
    one = await desk.ask()
    done = await desk.requests.acknowledge(desk.air, one.id)
    assert (done.stored, done.due_at, done.answered_at) == (State.ACKNOWLEDGED, DUE_AT, None)
    desk.at = DUE_AT
    assert (await desk.requests.one(one.id)).state(desk.at) is State.NO_ANSWER


async def test_a_late_answer_stands_beside_the_end_that_it_missed(desk: Desk) -> None:
    one = await desk.ask()
    desk.at = DUE_AT + timedelta(days=7)
    done = await desk.requests.answer(desk.air, one.id, RELEASED)
    assert [(step.state, step.at) for step in done.steps[1:]] == [
        (State.NO_ANSWER, DUE_AT),
        (State.RELEASED, desk.at),
    ]
    assert done.is_late
    assert await desk.told() == ["request.asked", "request.no_answer", "request.released"]


async def test_a_ground_can_be_given_later_and_then_the_data_but_not_taken_back(desk: Desk) -> None:
    one = await desk.ask()
    for answer in (NO_GROUND, REFUSED, PARTLY, RELEASED):
        desk.at += timedelta(days=1)
        done = await desk.requests.answer(desk.air, one.id, answer)
    assert (done.answered_at, done.answered_working_days) == (ASKED_AT + timedelta(days=1), 1)  # the first counts
    with pytest.raises(Conflict):
        await desk.requests.answer(desk.air, one.id, REFUSED)


async def test_only_the_agency_that_was_asked_and_the_operator_decide(desk: Desk) -> None:
    one = await desk.ask()
    with pytest.raises(NotPermitted):
        await desk.requests.answer(desk.geo, one.id, NO_GROUND)
    with pytest.raises(NotPermitted):
        await desk.requests.remove(desk.air, one.id, "We do not like it.")
    assert (await desk.requests.answer(desk.operator, one.id, NOT_HELD)).steps[-1].by == "operator"


async def test_a_key_that_is_held_to_datasets_decides_on_requests_about_them(desk: Desk) -> None:
    about, of_none = await desk.ask(dataset="airports"), await desk.ask()
    held = replace(desk.air, only=frozenset({"air/airports"}))
    with pytest.raises(NotPermitted):
        await desk.requests.acknowledge(held, of_none.id)
    assert (await desk.requests.acknowledge(held, about.id)).stored is State.ACKNOWLEDGED


async def test_what_is_released_must_be_readable(desk: Desk) -> None:
    one = await desk.ask()
    with pytest.raises(NotFound):
        await desk.requests.answer(desk.air, one.id, Answer(State.RELEASED, "air/nothing"))


async def test_what_is_removed_leaves_no_words_behind_but_that_it_was(desk: Desk) -> None:
    one = await desk.ask(email="asker@example.org", title="Words that insult")
    await desk.requests.answer(desk.air, one.id, replace(REFUSED, message="No, you insult us."))
    done = await desk.requests.remove(desk.operator, one.id, "An insult.")
    assert (done.title, done.text, done.contact, done.stored) == ("", "", None, State.REMOVED)
    assert [step.message for step in done.steps] == [None, None, None]
    async with desk.connections.use() as connection:
        kept = await connection.fetchval("select string_agg(a::text, ' ') from gsb.audit a")
    assert "insult us" not in kept
    assert "Words that insult" not in kept
    with pytest.raises(Conflict):
        await desk.requests.answer(desk.air, one.id, REFUSED)


async def test_lists_are_filtered_by_the_state_of_the_moment(desk: Desk) -> None:
    first, second = await desk.ask(), await desk.ask(agency="geo")
    desk.at = DUE_AT - timedelta(seconds=1)
    running, ended = Wanted(states=(State.OPEN,)), Wanted(states=(State.NO_ANSWER,))
    assert [one.id for one in await desk.requests.listed(running, 9)] == [second.id, first.id]
    desk.at = DUE_AT
    assert [one.id for one in await desk.requests.listed(ended, 9)] == [second.id, first.id]
    assert await desk.requests.listed(running, 9) == []
    assert [one.id for one in await desk.requests.listed(Wanted(agency="air"), 9)] == [first.id]
    assert [one.id for one in await desk.requests.listed(Wanted(before=second.id), 9)] == [first.id]


async def test_the_figures_of_an_agency_add_up(desk: Desk) -> None:
    numbers = [(await desk.ask()).id for _ in range(7)]
    removed = await desk.ask()
    await desk.requests.remove(desk.operator, removed.id, "A test.")
    for number, answer, days in zip(numbers, (RELEASED, REFUSED, NO_GROUND, NOT_HELD), (1, 3, 4, 5), strict=False):
        desk.at = ASKED_AT + timedelta(days=days)
        await desk.requests.answer(desk.air, number, answer)
    desk.at = DUE_AT + timedelta(days=1)
    await desk.requests.answer(desk.air, numbers[4], PARTLY)
    running = await desk.ask()
    assert running.state(desk.at) is State.OPEN
    (one,) = await desk.requests.figures("air")
    assert (one.asked, one.running, one.answered, one.refused) == (8, 1, 3, 1)
    assert (one.refused_without_ground, one.no_answer, one.late) == (1, 2, 1)
    assert one.asked == one.running + one.answered + one.refused + one.refused_without_ground + one.no_answer
    assert one.median_working_days == 4.0  # of 1, 3, 4, 5 and 10
    assert await desk.requests.figures("geo") == []
