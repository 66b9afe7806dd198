"""The ledger: no unit is given away twice, whoever spends, dies or asks again."""

import asyncio
from uuid import uuid4

import anyio
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import QuotaExhausted, Unavailable
from publicgsb.quotas import store
from publicgsb.quotas.leases import lease_size, reclaim

from .conftest import SetPlan, StartWorker, Worker
from .processes import last_answer, start

ACCOUNT = (3, 30)


async def _ledger(connections: Connections) -> tuple[int, int, int]:
    """Allotted and used of the account, and units of forfeited leases."""
    async with connections.use() as connection:
        row = await connection.fetchrow(
            "select allotted, used from gsb.quota_account where organisation_id = 3 and policy = 'month'"
        )
        forfeit = await connection.fetchval(
            "select coalesce(sum(amount), 0)::bigint from gsb.quota_lease where state = 'forfeit'"
        )
    assert row is not None
    return row["allotted"], row["used"], forfeit


async def _settled_leases(connections: Connections) -> tuple[int, int]:
    """Units used in settled leases: of workers that ended well, and of those that lost a lease."""
    async with connections.use() as connection:
        row = await connection.fetchrow(
            """
            select coalesce(sum(used) filter (where not is_lost), 0)::bigint as well,
                   coalesce(sum(used) filter (where is_lost), 0)::bigint as lost
            from (select used, state, bool_or(state = 'forfeit') over (partition by worker_boot) as is_lost
                  from gsb.quota_lease) as lease
            where state = 'settled'
            """
        )
    assert row is not None
    return row["well"], row["lost"]


async def _silence(worker: Worker) -> None:
    """As if its heartbeat had stopped a minute ago."""
    beating = worker.pulse._task
    assert beating is not None
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)  # a beat under way would undo what follows
    async with worker.connections.use() as connection:
        await connection.execute(
            "update gsb.worker set heartbeat_at = now() - interval '1 minute' where boot_id = $1", worker.pulse.boot_id
        )


async def _spend_by(processes: int, plan: str, database_url: str, redis_url: str) -> list[int]:
    running = [start("spender.py", database_url, redis_url, *ACCOUNT, plan, seed) for seed in range(processes)]
    answers = [await anyio.to_thread.run_sync(last_answer, one) for one in running]
    return [answer["settled"] for answer in answers]


async def test_two_processes_settle_the_limit_to_the_unit(
    connections: Connections, make_plan: SetPlan, database_url: str, redis_url: str
) -> None:
    await make_plan(month=2_000)
    settled = await _spend_by(2, "small", database_url, redis_url)
    assert sum(settled) == 2_000
    assert await _ledger(connections) == (2_000, 2_000, 0)


@pytest.mark.prove
async def test_eight_processes_settle_twenty_thousand_to_the_unit(
    connections: Connections, make_plan: SetPlan, database_url: str, redis_url: str
) -> None:
    await make_plan(month=20_000)
    settled = await _spend_by(8, "small", database_url, redis_url)
    assert sum(settled) == 20_000
    assert await _ledger(connections) == (20_000, 20_000, 0)


async def test_a_killed_process_gives_nothing_away_and_what_it_held_counts_as_used(
    connections: Connections, make_plan: SetPlan, database_url: str, redis_url: str
) -> None:
    await make_plan(month=20_000)
    survivor, victim = (start("spender.py", database_url, redis_url, *ACCOUNT, "small", seed) for seed in (1, 2))
    assert victim.stdout is not None
    with victim.stdout:
        await anyio.to_thread.run_sync(victim.stdout.readline)
        victim.kill()
        victim.wait()
    settled = (await anyio.to_thread.run_sync(last_answer, survivor))["settled"]
    async with connections.use() as connection:
        await connection.execute("update gsb.worker set heartbeat_at = now() - interval '1 minute'")
    reclaimed = await reclaim(connections)
    allotted, used, forfeit = await _ledger(connections)
    assert (reclaimed.leases, allotted, used) == (1, 20_000, 20_000)
    survivors, victims = await _settled_leases(connections)
    assert settled == survivors
    assert survivors + victims + forfeit == 20_000


async def test_settling_twice_returns_the_rest_once(start_worker: StartWorker, connections: Connections) -> None:
    worker = await start_worker()
    policy = worker.plans.get("open").ledger
    lease_id = uuid4()
    async with connections.use() as connection:
        await store.account_open(connection, ACCOUNT, policy)
        await store.lease_grant(connection, lease_id, worker.pulse.boot_id, ACCOUNT, policy, used=0, want=50, minimum=1)
        assert await store.lease_settle(connection, lease_id, 20) == 30
        assert await store.lease_settle(connection, lease_id, 0) is None
    assert await _ledger(connections) == (20, 20, 0)


async def test_a_grant_after_the_settle_of_its_lease_changes_nothing(
    start_worker: StartWorker, connections: Connections
) -> None:
    worker = await start_worker()
    policy = worker.plans.get("open").ledger
    lease_id = uuid4()
    async with connections.use() as connection:
        await store.account_open(connection, ACCOUNT, policy)
        for _ in range(2):
            granted = await store.lease_grant(
                connection, lease_id, worker.pulse.boot_id, ACCOUNT, policy, used=0, want=50, minimum=1
            )
            await store.lease_settle(connection, lease_id, 20)
    assert granted is None
    assert await _ledger(connections) == (20, 20, 0)


async def test_a_lost_reply_heals_with_the_next_grant(start_worker: StartWorker, connections: Connections) -> None:
    worker = await start_worker()
    policy = worker.plans.get("open").ledger
    lease_id = uuid4()
    async with connections.use() as connection:
        await store.account_open(connection, ACCOUNT, policy)
        for _ in range(2):
            granted = await store.lease_grant(
                connection, lease_id, worker.pulse.boot_id, ACCOUNT, policy, used=0, want=50, minimum=1
            )
    assert granted is not None
    assert granted.amount == 100


async def test_the_idle_rest_of_another_worker_is_recalled_before_anybody_is_refused(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(month=10)
    first, second = await start_worker(), await start_worker()
    (await first.purses.take(ACCOUNT, "small", 4)).settle(1)  # holds three or more that nobody uses
    (await second.purses.take(ACCOUNT, "small", 9)).settle(9)
    with pytest.raises(QuotaExhausted) as refused:
        await first.purses.take(ACCOUNT, "small", 1)
    assert refused.value.details["remaining"] == 0
    assert refused.value.details["resetsAt"].endswith("-01T00:00:00Z")


async def test_a_silent_worker_is_fenced_and_its_lease_counts_as_used(
    start_worker: StartWorker, connections: Connections, make_plan: SetPlan
) -> None:
    await make_plan(month=100_000)
    worker = await start_worker()
    (await worker.purses.take(ACCOUNT, "small", 3)).settle(3)
    await _silence(worker)
    reclaimed = await reclaim(connections)
    allotted, used, forfeit = await _ledger(connections)
    assert (reclaimed.workers, reclaimed.leases) == (1, 1)
    assert allotted == used == forfeit > 3
    assert (await reclaim(connections)).leases == 0


async def test_a_fenced_worker_is_granted_nothing(
    start_worker: StartWorker, connections: Connections, make_plan: SetPlan
) -> None:
    await make_plan(month=100)
    worker = await start_worker()
    await _silence(worker)
    await reclaim(connections)
    with pytest.raises(Unavailable):
        await worker.purses.take(ACCOUNT, "small", 1)


async def test_a_worker_stops_spending_twenty_seconds_after_its_last_contact(
    start_worker: StartWorker, make_plan: SetPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_plan(month=100_000)
    worker = await start_worker()
    (await worker.purses.take(ACCOUNT, "small", 1)).settle(1)
    assert worker.purses.try_take(ACCOUNT, "small", 1) is not None
    await _silence(worker)
    monkeypatch.setattr(worker.pulse, "_contact", worker.pulse._contact - 20)
    assert worker.purses.try_take(ACCOUNT, "small", 1) is None
    with pytest.raises(Unavailable):
        await worker.purses.take(ACCOUNT, "small", 1)


async def test_closing_returns_what_was_not_used(
    start_worker: StartWorker, connections: Connections, make_plan: SetPlan
) -> None:
    await make_plan(month=100_000)
    worker = await start_worker()
    (await worker.purses.take(ACCOUNT, "small", 7)).settle(5)
    await worker.purses.close()
    assert await _ledger(connections) == (5, 5, 0)


async def test_a_lower_limit_holds_from_the_next_grant_and_a_higher_one_ends_a_refusal_at_once(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan(month=10)
    worker = await start_worker()
    (await worker.purses.take(ACCOUNT, "small", 10)).settle(10)
    with pytest.raises(QuotaExhausted):
        await worker.purses.take(ACCOUNT, "small", 1)
    await make_plan(month=11)
    with anyio.fail_after(60):
        while worker.plans.get("small").ledger.limit != 11:
            await anyio.sleep(0.01)
    (await worker.purses.take(ACCOUNT, "small", 1)).settle(1)
    await make_plan(month=5)
    with anyio.fail_after(60):
        while worker.plans.get("small").ledger.limit != 5:
            await anyio.sleep(0.01)
    with pytest.raises(QuotaExhausted):
        await worker.purses.take(ACCOUNT, "small", 1)


async def test_bytes_of_a_download_are_set_aside_and_the_unsent_ones_come_back(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan()
    purses = (await start_worker()).purses
    first = await purses.take_bytes(ACCOUNT, "small", 700)
    assert first is not None
    with pytest.raises(QuotaExhausted):
        await purses.take_bytes(ACCOUNT, "small", 400)
    await first.settle(600)
    second = await purses.take_bytes(ACCOUNT, "small", 400)
    assert second is not None


async def test_a_download_of_unknown_length_sets_its_bytes_aside_as_they_come_and_ends_where_the_day_s_do(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    await make_plan()
    purses = (await start_worker()).purses
    download = await purses.take_bytes(ACCOUNT, "small", 1)
    assert download is not None
    for total in (400, 1_000):
        await download.reach(total)
    with pytest.raises(QuotaExhausted):
        await download.reach(1_001)
    await download.settle(990)
    day = (await purses.standing(ACCOUNT, "small"))[1]
    assert (day.used, day.reserved, day.remaining) == (990, 0, 10)


@pytest.mark.parametrize(("rate", "minimum", "size"), [(0.0, 1, 10), (1.0, 1, 30), (500.0, 1, 100), (0.0, 250, 250)])
def test_a_lease_holds_thirty_seconds_within_a_thousandth_of_the_limit(rate: float, minimum: int, size: int) -> None:
    assert lease_size(rate, minimum, 100_000) == size
