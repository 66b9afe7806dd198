"""`Retry-After` is never earlier than the truth: whoever waits that long, and nobody else asks, is let in.

Clocks stand still but for what a test moves, so that after `Retry-After` means exactly then. Windows are in PostgreSQL
here, whose clock can be set; tests/quotas/test_windows.py holds that Redis answers alike, and this of its own clock.
"""

import asyncio
import math
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias

import pytest

from publicgsb.platform.kernel.errors import GsbError, QuotaExhausted, RateLimited
from publicgsb.quotas.capacity.model import PLATFORM, Capacity
from publicgsb.quotas.database_time.service import DatabaseTime
from publicgsb.quotas.epochs import service as epochs
from publicgsb.quotas.model import Account, PolicyUnit

from .clocks import BEGINS, Clocks
from .conftest import SetPlan, StartWorker, Worker

DATASET = 7
TOUCHED = ((DATASET, 70),)
STEPS = 100
UNITS = (PolicyUnit.POINTS, PolicyUnit.REQUESTS)
MONTHS = (0, 1, 3, 10, 11, 13)  # after the first: of 31, 28 and 30 days, the end of a year, and a leap year's February

StartSet: TypeAlias = Callable[[], Awaitable[Worker]]


@pytest.fixture
async def clocks(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks(database_url)
    await clocks.make()
    for module in ("account", "account_lease", "bytes_lease", "capacity.pot", "capacity.service", "purse", "windows"):
        monkeypatch.setattr(f"publicgsb.quotas.{module}.time", clocks)
    monkeypatch.setattr("publicgsb.quotas.purse.DatabaseTime", partial(DatabaseTime, monotonic=clocks.monotonic))
    monkeypatch.setattr(epochs, "PROBES_GOOD", 1_000)  # Redis is there in truth, and is not gone back to
    return clocks


@pytest.fixture
async def start(clocks: Clocks, start_worker: StartWorker) -> AsyncIterator[StartSet]:
    async def begin() -> Worker:
        worker = await start_worker()
        worker.purses._windows._redis.is_away = True
        return worker

    yield begin


def _end_of_month(months: int) -> datetime:
    years, month = divmod(months + 1, 12)
    return BEGINS.replace(year=BEGINS.year + years, month=month + 1)


def _wait_of(refused: GsbError) -> int:
    assert refused.retry_after_seconds is not None
    return refused.retry_after_seconds


async def test_the_month_is_said_to_end_no_earlier_than_it_does(
    start: StartSet, clocks: Clocks, make_plan: SetPlan
) -> None:
    await make_plan(month=20)
    worker, chance = await start(), random.Random(4)
    for months in MONTHS:
        end, account = _end_of_month(months), (3, 30 + months)
        await clocks.go_to(end - timedelta(seconds=chance.uniform(0.01, 90.0)))
        (await worker.purses.take(account, "small", 20)).settle(20)
        with pytest.raises(QuotaExhausted) as refused:
            await worker.purses.take(account, "small", 3)
        assert _wait_of(refused.value) == math.ceil((end - clocks.now).total_seconds())
        await clocks.advance(_wait_of(refused.value))
        (await worker.purses.take(account, "small", 3)).settle(3)


async def test_a_refusal_that_is_remembered_ends_with_the_month(
    start: StartSet, clocks: Clocks, make_plan: SetPlan
) -> None:
    await make_plan(month=20)
    worker, account = await start(), (3, 30)
    await clocks.go_to(_end_of_month(0) - timedelta(milliseconds=300))
    (await worker.purses.take(account, "small", 20)).settle(20)
    for _ in range(2):
        with pytest.raises(QuotaExhausted) as refused:
            await worker.purses.take(account, "small", 3)
        assert _wait_of(refused.value) == 1
    await clocks.advance(0.3)
    (await worker.purses.take(account, "small", 3)).settle(3)


async def test_the_day_of_files_is_said_to_end_no_earlier_than_it_does(
    start: StartSet, clocks: Clocks, make_plan: SetPlan
) -> None:
    await make_plan(files_day=1_000)
    worker, chance = await start(), random.Random(4)
    for day in range(1, 7):
        end, account = BEGINS + timedelta(days=day), (3, 30 + day)
        await clocks.go_to(end - timedelta(seconds=chance.uniform(0.01, 80_000.0)))
        running = await worker.purses.take_bytes(account, "small", chance.randint(400, 700))
        assert running is not None
        with pytest.raises(QuotaExhausted) as begun:
            await worker.purses.take_bytes(account, "small", 900)
        with pytest.raises(QuotaExhausted) as grown:
            await running.reach(1_001)
        waits = [_wait_of(begun.value), _wait_of(grown.value)]
        assert waits == [math.ceil((end - clocks.now).total_seconds())] * 2
        await clocks.advance(waits[0])
        whole = await worker.purses.take_bytes(account, "small", 900)
        assert whole is not None
        await whole.settle(0)
        await running.reach(1_001)
        await running.settle(1_001)


async def _is_let_in_after_the_wait(
    workers: list[Worker], clocks: Clocks, take: Callable[[Worker], Awaitable[None]], chance: random.Random
) -> str:
    """By a worker drawn; which policy refused first, "" when none did. Once refused, any of them lets it in then."""
    try:
        await take(chance.choice(workers))
    except (RateLimited, QuotaExhausted) as refused:
        wait, policy = _wait_of(refused), str(refused.details["policy"])
    else:
        return ""
    await clocks.advance(wait)
    for worker in workers:
        await worker.purses.sweep()  # as each does ten times a second: what is not used in 100 ms goes back
    try:
        await take(chance.choice(workers))
    except GsbError as again:
        pytest.fail(f"refused by {policy} for {wait} s, and then by {again.details} for {again.retry_after_seconds} s")
    return policy


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_refuses_the_same_request_is_let_in_after_the_time_that_was_told(
    start: StartSet, clocks: Clocks, make_plan: SetPlan, seed: int, record_property: Callable[[str, object], None]
) -> None:
    """Windows, month, database time of all keys and of one, a dataset's capacity with floors and the platform's, each
    short at times.
    """
    chance = random.Random(seed)
    await make_plan(
        burst=chance.randint(12, 60), minute=chance.randint(40, 200), month=chance.randint(200, 900),
        database=chance.randint(200, 2_000), database_key=chance.randint(60, 300),
    )  # fmt: skip
    workers = [await start() for _ in range(2)]
    capacities = {
        DATASET: Capacity(DATASET, "air/airports", 40, chance.choice(UNITS), 20, floor=5, reserve=15),
        PLATFORM: Capacity(PLATFORM, "platform", chance.randint(30, 80), PolicyUnit.POINTS, 30),
    }
    for worker in workers:
        worker.purses.capacities.use(capacities)
    refused: Counter[str] = Counter()
    for _ in range(STEPS):
        account: Account = (chance.randint(3, 4), 30)
        points, us = chance.randint(1, 12), chance.choice((0, 1_000, 60_000))
        key_id = f"{chance.choice('ab')} of {account}"

        async def take(
            worker: Worker, account: Account = account, key_id: str = key_id, points: int = points, us: int = us
        ) -> None:
            taken = await worker.purses.take(account, "small", points, TOUCHED, key_id=key_id)
            worker.purses.spending(account, key_id).add(us)
            taken.settle(chance.randint(1, points))

        refused[await _is_let_in_after_the_wait(workers, clocks, take, chance)] += 1
        for worker in workers:
            await worker.purses.database_time.share()
        await clocks.advance(chance.choice((0.0, 0.03, 0.7, 2.0)))
    record_property("refused", dict(refused))
    assert len(refused) > 2, refused


async def test_who_asks_for_more_than_was_just_refused_is_told_to_wait_longer(
    start: StartSet, clocks: Clocks, make_plan: SetPlan
) -> None:
    """What a refusal of little has told does not hold for much, though it is a moment ago."""
    await make_plan(burst=20)
    worker, account = await start(), (3, 30)
    worker.purses.capacities.use({DATASET: Capacity(DATASET, "air/airports", 20, PolicyUnit.POINTS, 10)})
    for touched in ((), TOUCHED):
        for points in (10, 10):
            (await worker.purses.take(account, "small", points, touched)).settle(points)
            await clocks.advance(4.0)
        waits = []
        for points in (1, 11):
            with pytest.raises(RateLimited) as refused:
                await worker.purses.take(account, "small", points, touched)
            waits.append(_wait_of(refused.value))
        assert waits[0] + 4 == waits[1]
        await clocks.advance(waits[1])
        (await worker.purses.take(account, "small", 11, touched)).settle(1)
        await clocks.advance(60.0)


async def test_who_has_neither_database_time_nor_a_window_is_told_of_the_one_that_lasts_longer(
    start: StartSet, clocks: Clocks, make_plan: SetPlan
) -> None:
    await make_plan(burst=10, database=100)
    worker, account = await start(), (3, 30)
    (await worker.purses.take(account, "small", 10)).settle(10)
    worker.purses.spending(account, "a key").add(200_000)
    waits = []
    for seconds in (2, 0, 50):  # the second is remembered; of the third the window has room again
        await clocks.advance(seconds)
        with pytest.raises(RateLimited) as refused:
            await worker.purses.take(account, "small", 3)
        waits.append((refused.value.details["policy"], _wait_of(refused.value)))
    assert waits == [("burst", 59), ("burst", 59), ("database", 9)]
    await clocks.advance(9)
    (await worker.purses.take(account, "small", 3)).settle(3)


async def test_a_slot_that_is_freed_is_every_worker_s_after_the_second_that_is_told(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    """Nobody knows when a request will end, so a second is told; by then one that has ended makes room anywhere."""
    await make_plan(concurrency=2)
    first, second = [(await start_worker()).purses for _ in range(2)]
    running = [await first.take((3, 30), "small", 1) for _ in range(2)]
    with pytest.raises(RateLimited) as refused:
        await second.take((3, 30), "small", 1)
    running[0].settle(1)
    await asyncio.sleep(_wait_of(refused.value))
    (await second.take((3, 30), "small", 1)).settle(1)
