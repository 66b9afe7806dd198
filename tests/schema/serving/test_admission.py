"""Places and a queue with a limit on time: by a clock that the test passes in."""

import asyncio

import pytest

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.schema.serving.admission import WAITING_PER_PLACE, Admission, unlimited

WAIT = 0.1


def refused(admission: Admission, now: float) -> Unavailable:
    with pytest.raises(Unavailable) as told:
        admission.enter(now)
    return told.value


async def waiting(admission: Admission, now: float) -> "asyncio.Task[None]":
    turn = admission.enter(now)
    assert turn is not None
    task = asyncio.create_task(admission.wait(turn))
    await asyncio.sleep(0)
    return task


async def test_whoever_finds_a_place_is_in_at_once() -> None:
    admission = Admission(2, WAIT)
    assert [admission.enter(0), admission.enter(0)] == [None, None]
    admission.leave()
    assert admission.enter(0) is None
    assert admission.full(99) is None


async def test_a_place_goes_to_whoever_has_waited_longest() -> None:
    admission = Admission(1, WAIT)
    admission.enter(0)
    first, second = await waiting(admission, 0), await waiting(admission, 0.01)
    admission.leave()
    await first
    assert not second.done()
    admission.leave()
    await second


async def test_nobody_overtakes_the_queue() -> None:
    admission = Admission(1, WAIT)
    admission.enter(0)
    first = await waiting(admission, 0)
    admission.leave()
    assert admission.enter(0) is not None
    await first


async def test_while_the_first_has_waited_too_long_whoever_comes_is_refused() -> None:
    admission = Admission(1, WAIT)
    admission.enter(0)
    first = await waiting(admission, 0)
    second = await waiting(admission, WAIT)
    assert refused(admission, WAIT + 0.001).details["reason"] == "overload"
    admission.leave()  # the first is in, and the second has waited less
    third = await waiting(admission, WAIT + 0.002)
    assert dict(admission.refused) == {"wait": 1}
    for task in (first, second, third):
        await task
        admission.leave()
    assert admission.enter(9) is None


async def test_a_burst_finds_so_much_room_in_the_queue_and_no_more() -> None:
    admission = Admission(1, WAIT)
    admission.enter(0)
    turns = [admission.enter(0) for _ in range(WAITING_PER_PLACE)]
    assert None not in turns
    refused(admission, 0)
    assert admission.full(0) == "queue"
    assert dict(admission.refused) == {"queue": 1}


async def test_those_who_are_refused_are_told_different_times() -> None:
    admission = Admission(0, WAIT)
    admission.enter(0)
    assert {refused(admission, 1).retry_after_seconds for _ in range(6)} == {1, 2, 3}


async def test_one_that_gives_up_in_the_queue_leaves_no_gap() -> None:
    admission = Admission(1, WAIT)
    admission.enter(0)
    first, second = await waiting(admission, 0), await waiting(admission, 0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    admission.leave()
    await second


async def test_one_that_has_given_up_does_not_count_as_waiting() -> None:
    admission = Admission(1, WAIT)
    admission.enter(0)
    first = await waiting(admission, 0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert admission.full(9) is None
    assert admission.enter(9) is not None


async def test_one_that_gives_up_when_its_place_has_come_gives_it_to_the_next() -> None:
    admission = Admission(1, WAIT)
    admission.enter(0)
    first, second = await waiting(admission, 0), await waiting(admission, 0)
    admission.leave()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await second


async def test_whoever_waits_outside_leaves_its_place_to_others() -> None:
    admission = Admission(1, WAIT)
    admission.enter(0)
    second = await waiting(admission, 0)
    with admission.outside():
        await second
        third = await waiting(admission, 0)
    admission.leave()  # two were inside
    await asyncio.sleep(0)
    assert not third.done()
    admission.leave()
    await third


async def test_without_a_limit_everybody_comes_in() -> None:
    admission = unlimited()
    assert {admission.enter(0) for _ in range(1000)} == {None}
