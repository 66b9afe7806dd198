"""What all callers share: exact over workers, all or nothing beside an account's own policies, a floor for each."""

import anyio
import pytest
from redis.asyncio import Redis

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound, QueryTooCostly, QuotaExhausted, RateLimited
from publicgsb.quotas.capacity.model import Capacity
from publicgsb.quotas.capacity.service import drop_capacity, list_capacities, set_capacity
from publicgsb.quotas.model import PolicyUnit

from .conftest import SetPlan, StartWorker, Worker

ACCOUNT, OTHER = (3, 30), (4, 40)
TOUCHED = ((7, 70),)


def _capacity(limit: int, unit: PolicyUnit = PolicyUnit.POINTS, dataset_id: int = 7, **more: int) -> Capacity:
    return Capacity(dataset_id, "air/airports", limit, unit, 60, **more)


async def _worker(start_worker: StartWorker, *capacities: Capacity) -> Worker:
    worker = await start_worker()
    worker.purses.capacities.use({one.dataset_id: one for one in capacities})
    return worker


async def _take(worker: Worker, account: tuple[int, int], points: int) -> None:
    (await worker.purses.take(account, "small", points, TOUCHED)).settle(points)


async def test_what_all_callers_ask_of_a_dataset_together_is_bounded(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan()
    first, second = [await _worker(start_worker, _capacity(10)) for _ in range(2)]
    await _take(first, ACCOUNT, 6)
    await _take(second, OTHER, 4)
    with pytest.raises(RateLimited, match="air/airports answers 10 points in 60 seconds to all callers") as refused:
        await _take(second, ACCOUNT, 1)
    assert refused.value.details["policy"] == "dataset"
    assert 1 <= (refused.value.retry_after_seconds or 0) <= 64


async def test_what_is_trimmed_goes_back_to_the_account_at_once_and_to_all_callers_at_the_end(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(month=1_000)
    worker = await _worker(start_worker, _capacity(10))
    taken = await worker.purses.take(ACCOUNT, "small", 8, TOUCHED)
    taken.trim(3)
    assert worker.purses.remaining(ACCOUNT, "small") == 997
    taken.settle(3)
    assert worker.purses.remaining(ACCOUNT, "small") == 997
    await _take(worker, OTHER, 7)
    with pytest.raises(RateLimited):
        await _take(worker, OTHER, 1)


async def test_after_a_loss_of_the_windows_whoever_asks_is_held_and_what_was_taken_still_counts(
    start_worker: StartWorker, make_plan: SetPlan, redis_url: str
) -> None:
    await make_plan()
    worker = await _worker(start_worker, _capacity(10))
    await _take(worker, ACCOUNT, 6)
    async with Redis.from_url(redis_url) as redis:
        await redis.flushdb()
    await _take(worker, OTHER, 4)
    with pytest.raises(RateLimited, match="air/airports"):
        await _take(worker, ACCOUNT, 1)


async def test_after_a_loss_each_window_is_told_what_was_taken_of_it(
    start_worker: StartWorker, make_plan: SetPlan, redis_url: str
) -> None:
    """What all share was told as one organisation's floor, and could be taken once more."""
    await make_plan()
    worker = await _worker(start_worker, _capacity(10, floor=2, reserve=4))
    await _take(worker, ACCOUNT, 6)  # all that is shared
    await _take(worker, OTHER, 2)  # a floor
    async with Redis.from_url(redis_url) as redis:
        await redis.flushdb()
    for account, points in ((ACCOUNT, 3), (OTHER, 1)):
        with pytest.raises(RateLimited):
            await _take(worker, account, points)
    await _take(worker, ACCOUNT, 2)
    with pytest.raises(RateLimited):
        await _take(worker, ACCOUNT, 1)


async def test_whoever_touches_other_datasets_is_not_counted(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan()
    worker = await _worker(start_worker, _capacity(2))
    (await worker.purses.take(ACCOUNT, "small", 5, ((8, 80),))).settle(5)
    await _take(worker, ACCOUNT, 2)


async def test_requests_are_counted_whatever_they_cost(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan()
    worker = await _worker(start_worker, _capacity(2, PolicyUnit.REQUESTS))
    for _ in range(2):
        await _take(worker, ACCOUNT, 50)
    with pytest.raises(RateLimited):
        await _take(worker, ACCOUNT, 1)


async def test_points_that_a_request_did_not_need_and_all_of_one_that_failed_come_back(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan()
    worker = await _worker(start_worker, _capacity(10), _capacity(1, PolicyUnit.REQUESTS, dataset_id=8))
    (await worker.purses.take(ACCOUNT, "small", 10, TOUCHED)).settle(3)
    (await worker.purses.take(ACCOUNT, "small", 7, (*TOUCHED, (8, 80)))).refund()
    (await worker.purses.take(ACCOUNT, "small", 7, (*TOUCHED, (8, 80)))).settle(7)
    with pytest.raises(RateLimited):
        await _take(worker, ACCOUNT, 1)


async def test_one_that_asks_for_all_leaves_the_others_their_floor(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan()
    worker = await _worker(start_worker, _capacity(10, floor=2, reserve=4))
    taken = 0
    with pytest.raises(RateLimited):
        while taken < 100:
            await _take(worker, ACCOUNT, 1)
            taken += 1
    assert taken == 8  # six that all share, and its own floor of two
    for _ in range(2):
        await _take(worker, OTHER, 1)
    with pytest.raises(RateLimited):
        await _take(worker, OTHER, 1)


async def test_the_floors_together_are_never_more_than_the_reserve(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan()
    worker = await _worker(start_worker, _capacity(10, floor=2, reserve=4))
    admitted = 0
    for organisation in range(1, 30):
        try:
            await _take(worker, (organisation, 1), 1)
            admitted += 1
        except RateLimited:
            break
    assert admitted == 10


async def test_an_account_that_is_exhausted_takes_nothing_of_the_capacity(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(month=5)
    worker = await _worker(start_worker, _capacity(10))
    await _take(worker, ACCOUNT, 5)
    with pytest.raises(QuotaExhausted):
        await _take(worker, ACCOUNT, 5)
    assert await worker.purses.capacities.remaining(7) == 5


async def test_a_capacity_that_is_used_up_takes_nothing_of_the_account_nor_of_another_capacity(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(month=1_000)
    worker = await _worker(start_worker, _capacity(3), _capacity(100, dataset_id=0))
    await _take(worker, ACCOUNT, 3)
    with pytest.raises(RateLimited):
        await _take(worker, ACCOUNT, 1)
    assert await worker.purses.capacities.remaining(0) == 97
    await worker.purses.release_idle(-1.0)
    month = (await worker.purses.standing(ACCOUNT, "small"))[0]
    assert (month.used, month.remaining) == (3, 997)


async def test_more_than_the_whole_capacity_can_never_pass(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan()
    worker = await _worker(start_worker, _capacity(10))
    with pytest.raises(QueryTooCostly):
        await _take(worker, ACCOUNT, 11)


async def test_from_memory_it_is_all_or_none_as_well(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan()
    worker = await _worker(start_worker, _capacity(10))
    purses = worker.purses
    purses.capacities._shared_pot(_capacity(10))._free = 9
    purses.capacities._shared_pot(_capacity(10))._until = float("inf")
    assert purses.try_take(ACCOUNT, "small", 4, TOUCHED) is None  # the account has nothing in memory yet
    assert purses.capacities._shared_pot(_capacity(10))._free == 9


async def test_every_worker_hears_of_a_capacity_and_of_its_end(
    start_worker: StartWorker, connections: Connections, make_plan: SetPlan
) -> None:
    await make_plan()
    workers = [await start_worker(), await start_worker()]
    await set_capacity(connections, _capacity(5), actor="test")
    assert await list_capacities(connections) == [_capacity(5)]
    with anyio.fail_after(60):
        while not all(worker.purses.capacities.is_set for worker in workers):
            await anyio.sleep(0.01)
    await drop_capacity(connections, 7, actor="test")
    with anyio.fail_after(60):
        while any(worker.purses.capacities.is_set for worker in workers):
            await anyio.sleep(0.01)
    with pytest.raises(NotFound):
        await drop_capacity(connections, 7, actor="test")


@pytest.mark.parametrize(
    ("limit", "floor", "reserve", "window"), [(0, 0, 0, 60), (10, 0, 0, 9), (10, 5, 4, 60), (10, 5, 10, 60)]
)
def test_a_capacity_that_cannot_be_kept_is_refused(limit: int, floor: int, reserve: int, window: int) -> None:
    with pytest.raises(InvalidRequest):
        Capacity(7, "air/airports", limit, PolicyUnit.POINTS, window, floor, reserve)
