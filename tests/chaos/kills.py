"""Half of the workers killed, again and again, and one stopped and continued: nothing is given twice, little is lost.

What a killed worker had set aside and not used is lost to the account and listed, never spent by anybody.
"""

import asyncio
import random
import signal
from dataclasses import asdict, dataclass
from typing import Any

from publicgsb.quotas.leases import DEAD_AFTER_SECONDS, reclaim
from publicgsb.quotas.metering.check import check
from tests.chaos.ledger_scale import LedgerScale
from tests.chaos.ledger_stage import LedgerStage, Worker


@dataclass(frozen=True, slots=True)
class KillsOutcome:
    """In units. `lost`: of each kill that lost any. Exact when `admitted` and all of `lost` add up to the limit."""

    scenario: str
    workers: int
    limit: int
    kills: int
    stop_seconds: float
    admitted: int
    lost: list[int]
    over_admitted: int
    facts: int
    breaches: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def kills(on: LedgerStage, scale: LedgerScale) -> KillsOutcome:
    await on.set_limit(scale.limit)
    choose = random.Random(scale.seed)
    running = list(await asyncio.gather(*(_begin(on) for _ in range(scale.workers))))
    killed: list[Worker] = []
    stopped = running[0]
    for _ in range(scale.rounds):
        await _until_more_is_admitted(on, scale.limit // (8 * scale.rounds), scale.limit)
        victims = choose.sample(running[1:], scale.workers // 2)
        for worker in victims:
            worker.process.kill()
            await worker.process.wait()
        killed += victims
        running = [worker for worker in running if worker not in victims]
        running += await asyncio.gather(*(_begin(on) for _ in victims))
    stopped.process.send_signal(signal.SIGSTOP)
    reclaiming = asyncio.create_task(_reclaim_for_ever(on))
    await asyncio.sleep(scale.stop_seconds)
    stopped.process.send_signal(signal.SIGCONT)
    await _miss(on, killed)
    await asyncio.gather(*(worker.line() for worker in running))
    await asyncio.gather(*(worker.ended() for worker in running))
    reclaiming.cancel()
    await asyncio.gather(reclaiming, return_exceptions=True)
    await reclaim(on.connections)
    admitted = sum(on.admitted(worker) for worker in on.workers)
    return KillsOutcome(
        scenario="kills",
        workers=scale.workers,
        limit=scale.limit,
        kills=len(killed),
        stop_seconds=scale.stop_seconds,
        admitted=admitted,
        lost=[await _lost(on, worker) for worker in (*killed, stopped)],
        over_admitted=max(0, admitted - scale.limit),
        facts=await on.number("select sum(points) from gsb.usage_fact where dataset_id = 0"),
        breaches=len(await check(on.connections)),
    )


async def _begin(on: LedgerStage) -> Worker:
    worker = await on.start("spend", pause_seconds=0.1)
    worker.tell("go")
    return worker


async def _until_more_is_admitted(on: LedgerStage, units: int, limit: int) -> None:
    """Watched in shared memory: kills come by how far the account is, not by a clock."""
    goal = min(sum(on.admitted(worker) for worker in on.workers) + units, limit * 9 // 10)
    while sum(on.admitted(worker) for worker in on.workers) < goal:
        await asyncio.sleep(0.01)


async def _miss(on: LedgerStage, killed: list[Worker]) -> None:
    """They are dead for certain, so nobody has to wait until their heartbeats are old."""
    async with on.connections.use() as connection:
        await connection.execute(
            "update gsb.worker set heartbeat_at = now() - interval '1 hour' where boot_id::text = any($1)",
            [worker.boot_id for worker in killed],
        )


async def _reclaim_for_ever(on: LedgerStage) -> None:
    while True:
        await reclaim(on.connections, dead_after_seconds=DEAD_AFTER_SECONDS)
        await asyncio.sleep(0.5)


async def _lost(on: LedgerStage, worker: Worker) -> int:
    """What the ledger counts as this worker's, less what it admitted.

    One that was stopped for so long that it was declared dead went on under a second boot id, which nobody else has.
    """
    others = [one.boot_id for one in on.workers if one is not worker]
    its_own = "worker_boot::text = $1" if worker.process.returncode else "worker_boot::text <> all($1)"
    held = await on.number(
        f"select sum(case state when 'settled' then used else amount end) from gsb.quota_lease where {its_own}",
        worker.boot_id if worker.process.returncode else others,
    )
    return held - on.admitted(worker)
