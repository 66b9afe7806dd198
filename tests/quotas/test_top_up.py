"""More is set aside before a lease in use ends: whoever loses the database has units for the 20 s that are left."""

import asyncio

from publicgsb.platform.kernel.database import Connections
from publicgsb.quotas.account import AccountPurse
from publicgsb.quotas.metering.check import check

from .conftest import SetPlan, StartWorker, Worker

ACCOUNT = (1, 1)
LIMIT = 20_000_000  # a lease is 2,000 to 20,000 units


async def _spend(worker: Worker, points: int, seconds: float) -> AccountPurse:
    """As if it had taken so long."""
    for _ in range(points // 100):
        (await worker.purses.take(ACCOUNT, "small", 100)).settle(100)
    purse = worker.purses._purses[ACCOUNT]
    purse._lease._pace.refilled_at -= seconds
    return purse


async def _held(connections: Connections) -> int:
    async with connections.use() as connection:
        return int(await connection.fetchval("select sum(amount) from gsb.quota_lease where state = 'open'"))


async def test_a_lease_that_would_end_within_twenty_seconds_is_topped_up(
    start_worker: StartWorker, make_plan: SetPlan, connections: Connections
) -> None:
    await make_plan(month=LIMIT)
    worker = await start_worker()
    purse = await _spend(worker, 1_500, seconds=10.0)  # 150 a second, and 500 left
    async with asyncio.timeout(60):
        while purse.units.lease_amount == 2_000:
            await asyncio.sleep(0.01)  # the sweep finds it by itself
    assert purse.units.lease_amount == await _held(connections) > 2_000
    assert await check(connections) == []


async def test_what_is_hardly_used_is_left_alone(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan(month=LIMIT)
    worker = await start_worker()
    purse = await _spend(worker, 100, seconds=60.0)
    assert not purse.runs_low(purse._lease._pace.refilled_at + 60.0)


async def test_a_lease_that_is_called_back_during_its_top_up_stays_closed(
    start_worker: StartWorker, make_plan: SetPlan, connections: Connections
) -> None:
    await make_plan(month=LIMIT)
    worker = await start_worker()
    purse = await _spend(worker, 1_500, seconds=0.0)
    purse._lease._pace.refilled_at -= 10.0
    await asyncio.gather(purse.top_up(), purse.give_back_lease())
    assert (purse.units.lease_amount, purse.holds_lease) == (0, False)
    assert await check(connections) == []
    await _spend(worker, 100, seconds=0.0)
    await purse.give_back_lease()
    assert (await worker.purses._leases.standing(ACCOUNT, purse.plan.ledger)).used == 1_600
