"""What a worker admits by itself: units that it holds, its share when the store is silent, and never more addresses."""

import asyncio
import math

import pytest

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.quotas.edge.counts import Asked, Granted
from publicgsb.quotas.edge.leases import PAUSE_SECONDS, Leases, Limit

TEN = Limit(10, 3600)
MANY = Limit(1000, 60)


class Store:
    """One window for each key, as the script keeps it; `is_away` and `gate` make it fail or keep silent."""

    def __init__(self) -> None:
        self.used: dict[str, int] = {}
        self.asked: list[Asked] = []
        self.is_away = False
        self.gate: asyncio.Event | None = None

    async def take(self, key: str, asked: Asked) -> Granted:
        self.asked.append(asked)
        if self.gate is not None:
            await self.gate.wait()
        if self.is_away:
            raise Unavailable("away")
        room = asked.limit - self.used.get(key, 0)
        units = max(1, min(asked.want, room // 8)) if room > 0 else 0
        self.used[key] = self.used.get(key, 0) + units
        return Granted(units, asked.window_seconds * 1000)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def _admits(leases: Leases, key: str = "a", limit: Limit = TEN) -> bool:
    await leases.ready(key, limit)
    return leases.spend(key)


async def test_all_of_a_limit_is_admitted_and_nothing_above_it() -> None:
    leases = Leases(Store(), wait_seconds=5)
    assert [await _admits(leases) for _ in range(12)] == [True] * 10 + [False] * 2


async def test_many_at_once_are_admitted_exactly_as_often_as_one_after_the_other() -> None:
    leases = Leases(Store(), wait_seconds=5)
    assert sum(await asyncio.gather(*(_admits(leases) for _ in range(100)))) == 10
    assert leases.alone == 0


async def test_two_workers_share_one_limit() -> None:
    store = Store()
    workers = [Leases(store, workers=2, wait_seconds=5) for _ in range(2)]
    assert sum([await _admits(workers[number % 2]) for number in range(40)]) == 10


async def test_an_address_that_asks_often_costs_ever_fewer_calls() -> None:
    store = Store()
    leases = Leases(store, wait_seconds=5)
    assert all([await _admits(leases, limit=MANY) for _ in range(500)])
    assert len(store.asked) < 25


async def test_a_refusal_is_remembered_until_the_window_ends() -> None:
    store, clock = Store(), Clock()
    leases = Leases(store, wait_seconds=5, clock=clock)
    for _ in range(10):
        await _admits(leases)
    assert not await _admits(leases)
    calls = len(store.asked)
    assert (await _admits(leases), len(store.asked)) == (False, calls)
    assert leases.seconds_left("a") == 3600
    clock.now += leases.seconds_left("a")
    store.used.clear()
    assert await _admits(leases)


async def test_units_of_a_past_window_are_not_spent_in_the_next() -> None:
    store, clock = Store(), Clock()
    leases = Leases(store, wait_seconds=5, clock=clock)
    assert await _admits(leases, limit=MANY)
    clock.now += 61
    assert await _admits(leases, limit=MANY)
    assert store.asked[-1].taken == 0


async def test_while_the_store_is_away_a_worker_admits_its_share_and_tells_of_it_afterwards() -> None:
    store, clock = Store(), Clock()
    leases = Leases(store, workers=3, wait_seconds=5, clock=clock)
    store.is_away = True
    assert [await _admits(leases) for _ in range(5)] == [True, True, True, False, False]
    assert (leases.alone, len(store.asked)) == (5, 1)  # after the first failure nobody waits
    store.is_away = False
    clock.now += PAUSE_SECONDS
    assert await _admits(leases)
    assert (store.asked[-1].taken, store.asked[-1].left_ms) == (3, 3_599_000)


async def test_a_store_that_never_answers_holds_no_request() -> None:
    store = Store()
    store.gate = asyncio.Event()
    leases = Leases(store, wait_seconds=0.001)
    async with asyncio.timeout(60):
        assert [await _admits(leases) for _ in range(12)] == [True] * 10 + [False] * 2
    assert len(store.asked) == 1
    store.gate.set()
    await leases.close()


async def test_what_comes_late_is_kept() -> None:
    store, clock = Store(), Clock()
    store.gate = asyncio.Event()
    leases = Leases(store, workers=10, wait_seconds=0.001, clock=clock)
    assert await _admits(leases)
    store.gate.set()
    await leases.close()
    assert leases.spend("a")


async def test_no_share_is_less_than_one() -> None:
    store = Store()
    store.is_away = True
    leases = Leases(store, workers=64)
    assert [await _admits(leases) for _ in range(2)] == [True, False]


async def test_a_flood_of_addresses_leaves_no_more_leases_than_there_may_be() -> None:
    leases = Leases(Store(), leases_max=50, wait_seconds=5)
    for number in range(200):
        assert await _admits(leases, str(number))
    assert len(leases) == 50


@pytest.mark.parametrize("late", [0.0, 0.2])
async def test_whoever_is_refused_is_never_told_to_come_back_too_early(late: float) -> None:
    """The answer was some time on its way: the window of the store may end as much later."""
    clock = Clock()

    class Slow(Store):
        async def take(self, key: str, asked: Asked) -> Granted:
            clock.now += late
            return Granted(0, 1500)

    leases = Leases(Slow(), wait_seconds=5, clock=clock)
    ends = clock.now + late + 1.5
    assert not await _admits(leases)
    assert clock.now + leases.seconds_left("a") >= ends
    assert leases.seconds_left("a") == math.ceil(1.5)
