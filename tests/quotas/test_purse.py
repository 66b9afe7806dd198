"""The purse against real engines: what is granted, what is refused and with which words."""

import asyncio
import gc
import time
import warnings
from contextlib import suppress
from weakref import ref

import pytest

from publicgsb.platform.kernel.errors import NotFound, QueryTooCostly, RateLimited
from publicgsb.quotas.purse import AT_ONCE

from .conftest import SetPlan, StartWorker

ACCOUNT = (7, 70)


async def test_the_first_take_refills_and_the_second_needs_no_io(start_worker: StartWorker) -> None:
    purses = (await start_worker()).purses
    assert purses.try_take(ACCOUNT, "open", 1) is None
    (await purses.take(ACCOUNT, "open", 1)).settle(0)
    assert purses.try_take(ACCOUNT, "open", 1) is not None


async def test_a_window_refuses_with_the_time_after_which_it_fits(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(burst=10, minute=100)
    purses = (await start_worker()).purses
    began = time.monotonic()
    (await purses.take(ACCOUNT, "small", 8)).settle(8)
    with pytest.raises(RateLimited) as refused:
        await purses.take(ACCOUNT, "small", 3)
    passed = time.monotonic() - began
    assert refused.value.details["policy"] == "burst"
    assert refused.value.retry_after_seconds is not None
    assert 9 - passed <= refused.value.retry_after_seconds <= 11
    (await purses.take(ACCOUNT, "small", 2)).settle(2)


async def test_a_refusal_by_the_second_window_leaves_the_first_and_the_month_untouched(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(burst=100, minute=10, month=1_000)
    purses = (await start_worker()).purses
    (await purses.take(ACCOUNT, "small", 8)).settle(8)
    with pytest.raises(RateLimited):
        await purses.take(ACCOUNT, "small", 5)
    burst, minute, month, _ = await purses.standing(ACCOUNT, "small")
    assert (burst.used, minute.used, month.used + month.reserved + month.remaining) == (8, 8, 1_000)


async def test_units_that_nobody_used_come_back_to_the_window(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan(burst=100)
    purses = (await start_worker()).purses
    (await purses.take(ACCOUNT, "small", 60)).settle(1)
    (await purses.take(ACCOUNT, "small", 99)).settle(99)
    with pytest.raises(RateLimited):
        await purses.take(ACCOUNT, "small", 1)


@pytest.mark.parametrize(("points", "policy"), [(11, "burst"), (21, "month")])
async def test_what_can_never_fit_is_too_costly_and_not_a_matter_of_waiting(
    start_worker: StartWorker, make_plan: SetPlan, points: int, policy: str
) -> None:
    await make_plan(burst=10 if policy == "burst" else 0, month=20)
    purses = (await start_worker()).purses
    with pytest.raises(QueryTooCostly) as refused:
        await purses.take(ACCOUNT, "small", points)
    assert refused.value.details["policy"] == policy


@pytest.mark.parametrize("points", [0, -1, -(2**63)])
async def test_a_price_below_one_is_never_taken(start_worker: StartWorker, points: int) -> None:
    purses = (await start_worker()).purses
    (await purses.take(ACCOUNT, "open", 5)).settle(0)
    assert purses.try_take(ACCOUNT, "open", points) is None
    with pytest.raises(ValueError, match="at least 1"):
        await purses.take(ACCOUNT, "open", points)


async def test_one_request_too_many_at_once_is_refused_and_a_waiting_one_gets_the_freed_slot(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(burst=100, concurrency=2)
    purses = (await start_worker()).purses
    running = [await purses.take(ACCOUNT, "small", 1) for _ in range(2)]
    with pytest.raises(RateLimited) as refused:
        await purses.take(ACCOUNT, "small", 1)
    assert refused.value.details["policy"] == "concurrency"
    waiting = asyncio.create_task(purses.take(ACCOUNT, "small", 1))
    await asyncio.sleep(0)
    running[0].settle(1)
    assert (await waiting).points == 1


async def test_a_refill_brings_as_many_slots_as_were_in_use_together_lately(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(burst=100, concurrency=20)
    purses = (await start_worker()).purses
    for taken in await asyncio.gather(*(purses.take(ACCOUNT, "small", 1) for _ in range(8))):
        taken.settle(1)
    units = purses._purses[ACCOUNT].units
    free = []
    for _ in range(2):
        units.chunk.until = 0.0
        (await purses.take(ACCOUNT, "small", 1)).settle(1)
        free.append(units.chunk.slots_free)
    assert free == [8, 1]


async def test_slots_are_shared_by_all_workers(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan(burst=100, concurrency=2)
    first, second = (await start_worker()).purses, (await start_worker()).purses
    held = [await first.take(ACCOUNT, "small", 1), await second.take(ACCOUNT, "small", 1)]
    with pytest.raises(RateLimited):
        await second.take(ACCOUNT, "small", 1)
    held[0].settle(1)
    (await second.take(ACCOUNT, "small", 1)).settle(1)


async def test_a_refused_request_is_let_go_with_all_that_it_has_in_hand(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    """Its frame in a circle with the exception would wait for the garbage collector, and for ever once it is frozen."""

    class Held:
        pass

    await make_plan(burst=10)
    purses = (await start_worker()).purses

    async def request(_: Held) -> None:
        await purses.take(ACCOUNT, "small", 1_000)

    held = Held()
    left = ref(held)
    gc.collect()
    gc.disable()
    try:
        with suppress(QueryTooCostly):
            await request(held)
        del held
        await asyncio.sleep(0)  # the task's last callback holds it until it has run
        assert left() is None
    finally:
        gc.enable()


async def test_a_cancelled_request_takes_nothing(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan(burst=10, month=100)
    purses = (await start_worker()).purses
    leaving = asyncio.create_task(purses.take(ACCOUNT, "small", 10))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    (await purses.take(ACCOUNT, "small", 10)).settle(10)
    assert (await purses.standing(ACCOUNT, "small"))[0].used == 10


async def test_a_request_that_is_dropped_unsettled_counts_in_full_and_frees_its_slot(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(burst=100, concurrency=1)
    purses = (await start_worker()).purses
    await purses.take(ACCOUNT, "small", 3)
    gc.collect()  # the task that fetched it may hold it a moment longer
    (await purses.take(ACCOUNT, "small", 2)).settle(0)
    await purses.close()
    burst = (await purses.standing(ACCOUNT, "small"))[0]
    assert burst.used == 3


async def test_an_account_that_nobody_uses_gives_its_lease_back(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan(month=100_000)
    purses = (await start_worker()).purses
    (await purses.take(ACCOUNT, "small", 4)).settle(4)
    await purses.release_idle(-1.0)
    month = (await purses.standing(ACCOUNT, "small"))[0]
    assert (month.used, month.reserved, month.remaining) == (4, 0, 99_996)


async def test_what_remains_is_limit_less_what_was_used_for_a_lone_worker(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(month=100_000)
    purses = (await start_worker()).purses
    (await purses.take(ACCOUNT, "small", 10)).settle(4)
    assert purses.remaining(ACCOUNT, "small") == 99_996


async def test_what_a_worker_holds_and_has_not_spent_is_left_wherever_it_is_told(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(month=100_000)
    first, second = [(await start_worker()).purses for _ in range(2)]
    (await first.take(ACCOUNT, "small", 10)).settle(4)
    month = (await first.standing(ACCOUNT, "small"))[0]
    assert (month.remaining, first.remaining(ACCOUNT, "small")) == (99_996, 99_996)
    (await second.take(ACCOUNT, "small", 3)).settle(3)  # what this one sets aside is reserved to the first
    for purses in (first, second):
        month = (await purses.standing(ACCOUNT, "small"))[0]
        assert month.remaining == purses.remaining(ACCOUNT, "small") < 99_993
        assert month.used + month.reserved + month.remaining == 100_000


async def test_a_worker_that_only_looked_knows_what_is_left(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan(month=100_000)
    purses = (await start_worker()).purses
    assert purses.remaining(ACCOUNT, "small") == 0
    assert (await purses.standing(ACCOUNT, "small"))[0].remaining == 100_000
    assert purses.remaining(ACCOUNT, "small") == 100_000


async def test_what_came_back_after_its_lease_was_closed_is_counted_once(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(month=100_000)
    purses = (await start_worker()).purses
    taken = await purses.take(ACCOUNT, "small", 10)
    await purses._purses[ACCOUNT].give_back_lease()  # counts the ten as used
    taken.settle(4)
    month = (await purses.standing(ACCOUNT, "small"))[0]
    assert (month.used, month.reserved, month.remaining) == (4, 0, 99_996)


async def test_an_unknown_plan_is_named(start_worker: StartWorker) -> None:
    with pytest.raises(NotFound, match="gold"):
        await (await start_worker()).purses.take(ACCOUNT, "gold", 1)


async def test_a_sweep_that_is_ended_halfway_leaves_no_step_that_was_never_begun(
    start_worker: StartWorker, make_plan: SetPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_plan(burst=100, concurrency=20)
    purses, reached = (await start_worker()).purses, asyncio.Event()
    for application in range(3 * AT_ONCE):
        for taken in [await purses.take((7, application), "small", 1) for _ in range(3)]:
            taken.settle(1)

    async def held(*_: object, **__: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patched, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        patched.setattr(purses._windows, "grant", held)
        for purse in purses._purses.values():
            purse.units.chunk.until, purse.units.chunk.slots_free = 0.0, 1
            purses._warm.add(purse)
        sweeping = asyncio.create_task(purses.sweep())
        await asyncio.wait_for(reached.wait(), 60)
        sweeping.cancel()
        await asyncio.wait({sweeping})
        del sweeping
        gc.collect()
    assert [str(one.message) for one in told] == []
