"""The second brake over real workers: who made the database work is refused, and nobody else."""

import time

import pytest
from tests.quotas.conftest import SetPlan, StartWorker, Worker
from tests.structured import items_of

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import QuotaExhausted, RateLimited
from publicgsb.quotas.database_time.service import CLOCKS_APART_SECONDS
from publicgsb.quotas.model import Account
from publicgsb.quotas.plans import set_plan

from .conftest import DatabaseClock

ONE, OTHER, TEST_KEYS = (1, 10), (2, 20), (1, -10)
GREEDY, MODEST = "greedy", "modest"  # keys of ONE
HARD = 150_000  # microseconds; two of them are more than the budget


@pytest.fixture(autouse=True)
async def budget(make_plan: SetPlan, database_clock: DatabaseClock) -> None:
    await make_plan(burst=1_000, minute=5_000, concurrency=50, database=250)


async def _ask(worker: Worker, account: Account, us: int, points: int = 1, key_id: str = "a key") -> None:
    """A request that the database works `us` for."""
    purses = worker.purses
    taken = purses.try_take(account, "small", points, key_id=key_id)
    taken = taken or await purses.take(account, "small", points, key_id=key_id)
    purses.spending(account, key_id).add(us)
    taken.settle(points)


async def _is_refused(worker: Worker, account: Account) -> RateLimited:
    """The units of the windows that are at hand are spent by then."""
    with pytest.raises(RateLimited) as refused:
        for _ in range(1_000):
            await _ask(worker, account, 0)
    return refused.value


async def _key_is_refused(worker: Worker, key_id: str, points: int = 1) -> RateLimited:
    """At once: whatever its account has at hand is for its other keys."""
    with pytest.raises(RateLimited) as refused:
        await _ask(worker, ONE, 0, points, key_id)
    return refused.value


async def test_who_makes_the_database_work_hard_at_a_low_price_is_braked_and_nobody_else(
    start_worker: StartWorker,
) -> None:
    worker = await start_worker()
    for _ in range(2):
        await _ask(worker, ONE, HARD)
    error = await _is_refused(worker, ONE)
    assert (error.code, error.details["reason"], error.details["policy"]) == (
        "RATE_LIMITED", "database_time", "database",
    )  # fmt: skip
    await _ask(worker, OTHER, HARD)
    await _ask(worker, TEST_KEYS, HARD)
    assert worker.purses.database_time.refused == 1


async def test_who_waits_as_long_as_was_told_is_let_in(
    start_worker: StartWorker, database_clock: DatabaseClock
) -> None:
    worker = await start_worker()
    await _ask(worker, ONE, 2 * HARD)
    refused = await _is_refused(worker, ONE)
    assert refused.retry_after_seconds is not None
    assert 59 + CLOCKS_APART_SECONDS <= refused.retry_after_seconds <= 61
    database_clock.now += 58.9
    await worker.purses.database_time.share()
    await _is_refused(worker, ONE)
    database_clock.now += 0.2
    await worker.purses.database_time.share()
    await _ask(worker, ONE, 0)


async def test_several_workers_share_one_budget(start_worker: StartWorker) -> None:
    first, second = [await start_worker() for _ in range(2)]
    for worker in (first, second):
        await _ask(worker, ONE, HARD)
        await _ask(worker, OTHER, 60_000)
        await worker.purses.database_time.share()
    await first.purses.database_time.share()
    for worker in (first, second):
        await _is_refused(worker, ONE)
        await _ask(worker, OTHER, 0)


async def test_what_a_worker_that_ended_had_spent_still_counts(start_worker: StartWorker) -> None:
    first, second = [await start_worker() for _ in range(2)]
    await _ask(first, ONE, 2 * HARD)
    await first.purses.close()
    await second.purses.database_time.share()
    await _is_refused(second, ONE)


async def test_a_plan_that_allows_more_counts_at_once(
    start_worker: StartWorker, make_plan: SetPlan, connections: Connections
) -> None:
    worker = await start_worker()
    await _ask(worker, ONE, 2 * HARD)
    await _is_refused(worker, ONE)
    await make_plan(burst=1_000, minute=5_000, concurrency=50, database=10_000)
    await worker.plans.load()
    await _ask(worker, ONE, 0)


async def test_a_plan_without_windows_is_braked_too(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan(database=250)
    worker = await start_worker()
    await _ask(worker, ONE, 2 * HARD)
    with pytest.raises(RateLimited):
        while True:
            await _ask(worker, ONE, 0)


async def test_without_the_database_each_worker_brakes_by_what_it_knows(
    start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await start_worker()
    await _ask(worker, ONE, 2 * HARD)
    await worker.connections.close()
    await _is_refused(worker, ONE)


async def test_the_quota_and_the_headers_tell_what_is_left(start_worker: StartWorker) -> None:
    worker = await start_worker()
    await _ask(worker, ONE, HARD)
    standing = next(one for one in await worker.purses.standing(ONE, "small") if one.policy.name == "database")
    assert (standing.used, standing.remaining) == (150, 100)
    assert standing.resets_at is not None
    assert standing.resets_at.second == 0
    headers = dict(worker.purses.headers(ONE, "small", GREEDY))
    assert b'"database";q=250;w=60;gsb-unit="database-milliseconds"' in headers[b"ratelimit-policy"]
    assert b'"database";r=100;t=59' in headers[b"ratelimit"]


async def test_a_budget_in_shadow_refuses_nobody(
    start_worker: StartWorker, make_plan: SetPlan, connections: Connections
) -> None:
    plan = await make_plan(database=250, is_database_shadow=True)
    await set_plan(connections, plan, actor="test")
    worker = await start_worker()
    for _ in range(3):
        await _ask(worker, ONE, HARD)
    assert b"database" not in dict(worker.purses.headers(ONE, "small", GREEDY))[b"ratelimit-policy"]


@pytest.fixture
async def key_budget(make_plan: SetPlan, budget: None) -> None:
    """250 ms for the application, 120 of them for one key."""
    await make_plan(burst=100, minute=5_000, concurrency=50, database=250, database_key=120)


@pytest.mark.usefixtures("key_budget")
async def test_a_key_that_has_spent_its_own_is_refused_at_once_and_its_sister_is_not(
    start_worker: StartWorker,
) -> None:
    worker = await start_worker()
    await _ask(worker, ONE, 120_000, key_id=GREEDY)
    error = await _key_is_refused(worker, GREEDY)
    assert (error.code, error.details["reason"], error.details["policy"], error.details["limit"]) == (
        "RATE_LIMITED", "database_time", "database_key", 120,
    )  # fmt: skip
    assert "for this key" in error.message
    await _ask(worker, ONE, 60_000, key_id=MODEST)
    assert [await _standing(worker, key_id) for key_id in (GREEDY, MODEST)] == [(120, 0), (60, 60)]


@pytest.mark.usefixtures("key_budget")
async def test_the_headers_tell_each_key_what_is_left_to_it(start_worker: StartWorker) -> None:
    worker, began = await start_worker(), time.monotonic()
    await _ask(worker, ONE, 50_000, key_id=GREEDY)
    await _ask(worker, ONE, 90_000, key_id=MODEST)
    for key_id, of_key in ((GREEDY, 70), (MODEST, 30), ("a third one", 120)):
        headers = dict(worker.purses.headers(ONE, "small", key_id))
        assert b'"database_key";q=120;w=60;gsb-unit="database-milliseconds"' in headers[b"ratelimit-policy"]
        room = items_of(headers[b"ratelimit"])
        assert (room["database"]["r"], room["database_key"]["r"]) == (110, of_key)
        assert 58 - (time.monotonic() - began) <= room["database_key"]["t"] <= 60


@pytest.mark.usefixtures("key_budget")
async def test_two_keys_have_no_more_than_their_application(start_worker: StartWorker) -> None:
    worker = await start_worker()
    for key_id in (GREEDY, MODEST, "a third one"):
        await _ask(worker, ONE, 100_000, key_id=key_id)
    error = await _is_refused(worker, ONE)
    assert error.details["policy"] == "database"


@pytest.mark.usefixtures("key_budget")
async def test_a_key_s_budget_is_one_over_all_workers(start_worker: StartWorker) -> None:
    first, second = [await start_worker() for _ in range(2)]
    for worker in (first, second):
        await _ask(worker, ONE, 60_000, key_id=GREEDY)
    await first.purses.database_time.share()
    await second.purses.database_time.share()
    assert (await _key_is_refused(second, GREEDY)).details["policy"] == "database_key"
    await _ask(first, ONE, 0, key_id=MODEST)
    await first.purses.database_time.share()
    await _key_is_refused(first, GREEDY)


@pytest.mark.usefixtures("key_budget")
async def test_a_key_that_waits_as_long_as_was_told_is_let_in(
    start_worker: StartWorker, database_clock: DatabaseClock
) -> None:
    worker = await start_worker()
    await _ask(worker, ONE, 120_000, key_id=GREEDY)
    refused = await _key_is_refused(worker, GREEDY)
    assert refused.retry_after_seconds is not None
    assert 59 + CLOCKS_APART_SECONDS <= refused.retry_after_seconds <= 61
    database_clock.now += 59.1
    await worker.purses.database_time.share()
    await _ask(worker, ONE, 0, key_id=GREEDY)


@pytest.mark.usefixtures("budget")
async def test_of_a_key_s_minute_and_the_month_what_lasts_longer_is_told(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(month=10, database_key=120)
    worker = await start_worker()
    await _ask(worker, ONE, 120_000, 10, key_id=GREEDY)
    with pytest.raises(QuotaExhausted):
        await _ask(worker, ONE, 0, 1, key_id=GREEDY)


@pytest.mark.usefixtures("key_budget")
async def test_a_refused_key_takes_nothing_from_its_application(start_worker: StartWorker) -> None:
    worker = await start_worker()
    await _ask(worker, ONE, 120_000, key_id=GREEDY)
    for _ in range(200):
        await _key_is_refused(worker, GREEDY, 50)
    await _ask(worker, ONE, 0, 99, key_id=MODEST)  # of 100 in ten seconds one was used
    assert worker.purses.database_time.refused == 200


async def _standing(worker: Worker, key_id: str) -> tuple[int, int]:
    standings = await worker.purses.standing(ONE, "small", key_id)
    return next((one.used, one.remaining) for one in standings if one.policy.name == "database_key")
