"""Bytes of downloads over several workers: nothing idle is kept from whoever needs it, and nothing counts twice."""

import anyio
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import QueryTooCostly, QuotaExhausted
from publicgsb.quotas.bytes_lease import BytesLease
from publicgsb.quotas.leases import reclaim
from publicgsb.quotas.model import Standing

from .conftest import SetPlan, StartWorker, Worker

ACCOUNT = (1, 10)
DAY = 100_000_000  # bytes; the megabytes that a download sets aside ahead are a fair part of it


@pytest.fixture(autouse=True)
async def plan(make_plan: SetPlan) -> None:
    await make_plan(files_day=DAY)


async def _begin(worker: Worker, size: int) -> BytesLease:
    lease = await worker.purses.take_bytes(ACCOUNT, "small", size)
    assert lease is not None
    return lease


async def _day(worker: Worker) -> Standing:
    return next(one for one in await worker.purses.standing(ACCOUNT, "small") if one.policy.name == "files_day")


async def test_a_file_that_no_day_of_the_plan_holds_is_refused_with_a_way_to_a_part_of_it(
    start_worker: StartWorker,
) -> None:
    with pytest.raises(QueryTooCostly) as refused:
        await _begin(await start_worker(), DAY + 1)
    assert "POST /api/v1/exports" in (refused.value.hint or "")


async def test_what_another_worker_s_download_holds_ahead_comes_back_before_anybody_is_refused(
    start_worker: StartWorker,
) -> None:
    first, second = [await start_worker() for _ in range(2)]
    unknown = await _begin(first, 1)
    await unknown.reach(1_000)
    assert (await _day(first)).reserved > 1_000_000
    whole = await _begin(second, DAY - 1_000)
    assert (await _day(first)).remaining == 0
    with pytest.raises(QuotaExhausted):
        await unknown.reach(1_001)
    await whole.settle(500)
    await unknown.reach(2_000)
    await unknown.settle(1_500)
    day = await _day(second)
    assert (day.used, day.reserved) == (2_000, 0)


async def test_a_download_of_known_length_keeps_what_it_was_promised(start_worker: StartWorker) -> None:
    first, second = [await start_worker() for _ in range(2)]
    promised = await _begin(first, DAY // 2)
    with pytest.raises(QuotaExhausted) as refused:
        await _begin(second, DAY // 2 + 1)
    assert refused.value.details["remaining"] == DAY // 2
    await promised.settle(10)
    assert (await _day(first)).used == 10
    await (await _begin(second, DAY - 10)).settle(0)


async def test_a_download_goes_on_when_its_worker_was_declared_dead_and_lives(
    start_worker: StartWorker, connections: Connections
) -> None:
    """What its lease held counts as used; the rest of the day is still there."""
    worker = await start_worker()
    download = await _begin(worker, 1_000)
    before = worker.pulse.boot_id
    async with connections.use() as connection:
        await connection.execute("update gsb.worker set fenced_at = now() where boot_id = $1", before)
    await reclaim(connections)
    with anyio.fail_after(60):
        while worker.pulse.boot_id == before or worker.pulse.is_fenced:
            await anyio.sleep(0.01)
    await download.reach(3_000)
    await download.settle(2_500)
    day = await _day(worker)
    assert (day.used, day.reserved) == (2_500, 0)


async def test_a_flood_of_refused_downloads_recalls_once_a_second(start_worker: StartWorker) -> None:
    worker = await start_worker()
    held = await _begin(worker, DAY)
    for _ in range(5):
        with pytest.raises(QuotaExhausted):
            await _begin(worker, 1)
    async with worker.connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.event where kind = 'lease_recall'") == 1
    await held.settle(0)
