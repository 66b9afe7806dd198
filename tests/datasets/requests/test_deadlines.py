"""What time does to data requests, each as often as it is done."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.audited import refuse_what_is_not_audited, use_cases
from tests.datasets.requests.conftest import ASKED_AT, DUE_AT, Desk

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.requests import deadlines
from publicgsb.datasets.requests.deadlines import count_anew, keep_clocks, run_out
from publicgsb.datasets.requests.model import State
from publicgsb.datasets.requests.service import Answer, DataRequests
from publicgsb.datasets.requests.working_days import load_calendar


async def test_no_answer_is_dated_at_the_end_and_not_at_the_run(desk: Desk) -> None:
    one = await desk.ask()
    assert await run_out(desk.connections, DUE_AT - timedelta(microseconds=1)) == 0
    assert await run_out(desk.connections, DUE_AT + timedelta(days=30)) == 1
    done = await desk.requests.one(one.id)
    assert (done.stored, done.steps[-1].at, done.changed_at) == (State.NO_ANSWER, DUE_AT, DUE_AT)


async def test_running_again_changes_nothing(desk: Desk) -> None:
    one = await desk.ask(email="asker@example.org")
    later = DUE_AT + timedelta(hours=1)

    async def tell(*_: object) -> None:
        desk.mails.append(("told", one.id, State.NO_ANSWER))

    ended = [await keep_clocks(desk.connections, later, tell=tell) for _ in range(3)]
    assert ended == [1, 0, 0]
    assert len((await desk.requests.one(one.id)).steps) == 2
    assert (await desk.told()).count("request.no_answer") == 1
    assert (await desk.audited()).count(("system:requests", "request.no_answer")) == 1
    assert len(desk.mails) == 1


async def test_two_processes_at_once_write_each_end_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "BATCH", 3)
    for _ in range(10):
        await desk.ask()
    await asyncio.gather(*(run_out(desk.connections, DUE_AT) for _ in range(3)))
    await run_out(desk.connections, DUE_AT)
    assert (await desk.told()).count("request.no_answer") == 10


async def test_what_was_answered_does_not_run_out(desk: Desk) -> None:
    one = await desk.ask()
    await desk.requests.answer(desk.air, one.id, Answer(State.REFUSED))
    assert await run_out(desk.connections, DUE_AT) == 0


async def test_the_agency_is_reminded_once_when_two_working_days_are_left(desk: Desk) -> None:
    await desk.ask()
    for day, told in ((14, 0), (15, 1), (16, 1)):  # Ordibehesht: the 15th and 16th are left after the 14th
        await keep_clocks(desk.connections, DUE_AT - timedelta(days=17 - day, hours=1))
        assert (await desk.told()).count("request.due_soon") == told, day


async def test_a_holiday_that_is_announced_moves_the_end_of_what_still_runs(desk: Desk) -> None:
    ended = await desk.ask()
    desk.at = ASKED_AT + timedelta(days=5)
    running = await desk.ask()
    iran = load_calendar()
    free = iran.last_day(running.due_at)
    other = replace(iran, sha256="0" * 64, named={**iran.named, free: Label("سوگواری", "mourning")})
    assert await count_anew(desk.connections, DUE_AT, other) == 1
    moved, stayed = await desk.requests.one(running.id), await desk.requests.one(ended.id)
    assert (moved.due_at, moved.calendar) == (iran.end_of(iran.after(free, 1)), other.stamp)
    assert (stayed.due_at, stayed.calendar) == (DUE_AT, iran.stamp)
    assert await count_anew(desk.connections, DUE_AT, other) == 0
    assert await count_anew(desk.connections, DUE_AT, iran) == 0  # never to before what was told
    assert (await desk.requests.one(running.id)).due_at == moved.due_at


async def test_an_address_is_forgotten_a_month_after_the_last_step(desk: Desk) -> None:
    one, other = await desk.ask(email="asker@example.org"), await desk.ask(email="other@example.org")
    await desk.requests.answer(desk.air, one.id, Answer(State.REFUSED))
    await keep_clocks(desk.connections, ASKED_AT + timedelta(days=30))
    assert (await desk.requests.one(one.id)).contact == "asker@example.org"
    await keep_clocks(desk.connections, ASKED_AT + timedelta(days=31))
    assert (await desk.requests.one(one.id)).contact is None
    assert (await desk.requests.one(other.id)).contact == "other@example.org"


async def test_every_change_of_a_request_is_audited(desk: Desk) -> None:
    await refuse_what_is_not_audited(desk.connections)
    changes = {"ask", "acknowledge", "answer", "remove"}
    assert use_cases(DataRequests) == changes | {"listed", "one", "figures"}
    one, other = await desk.ask(email="asker@example.org"), await desk.ask()
    await desk.requests.acknowledge(desk.air, one.id)
    await count_anew(desk.connections, ASKED_AT, replace(load_calendar(), sha256="0" * 64))
    await keep_clocks(desk.connections, DUE_AT - timedelta(hours=1))
    await keep_clocks(desk.connections, DUE_AT + timedelta(days=40))
    desk.at = DUE_AT + timedelta(days=41)
    await desk.requests.answer(desk.air, one.id, Answer(State.REFUSED))
    await desk.requests.remove(desk.operator, other.id, "A test.")
