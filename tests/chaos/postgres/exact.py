"""A month spent to the last unit while PostgreSQL is stopped at once, or while acknowledgements of commits are lost."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import Any

from publicgsb.quotas.metering.check import check
from publicgsb.quotas.spool import replay
from tests.chaos.ledger_scale import LedgerScale
from tests.chaos.ledger_stage import LedgerStage
from tests.chaos.postgres.lost_answers import LosingLine
from tests.chaos.postgres.own import OwnPostgres

STOPS_SHORT = LedgerScale(workers=4, limit=60_000, rounds=2)
STOPS_LONG = LedgerScale(workers=8, limit=1_000_000, rounds=5)
LOST_SHORT = LedgerScale(workers=4, limit=60_000)
LOST_LONG = LedgerScale(workers=8, limit=1_000_000)
LOST_PROBABILITY = 0.25


@dataclass(frozen=True, slots=True)
class ExactOutcome:
    """In units. Exact when `admitted`, `ledger` and `facts` are the limit. `faults`: how many there were."""

    scenario: str
    workers: int
    limit: int
    faults: int
    admitted: int
    ledger: int
    facts: int
    replayed: int  # facts that were on disk when the workers had ended
    breaches: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def stops(on: LedgerStage, scale: LedgerScale, postgres: OwnPostgres) -> ExactOutcome:
    async def fault() -> int:
        for number in range(1, scale.rounds + 1):
            await _until_admitted(on, scale.limit * number // (scale.rounds + 1))
            await asyncio.to_thread(postgres.stop_at_once)
            await asyncio.to_thread(postgres.start)
        return scale.rounds

    return await _spend("PostgreSQL stopped at once", on, scale, fault)


async def lost_answers(on: LedgerStage, scale: LedgerScale, line: LosingLine) -> ExactOutcome:
    """`on` leads through the line; what is looked at afterwards goes through it too, when it loses nothing more."""

    async def fault() -> int:
        line.is_losing = True
        await _until_admitted(on, scale.limit)
        line.is_losing = False
        return line.lost

    return await _spend("acknowledgements of commits lost", on, scale, fault)


async def _spend(
    scenario: str, on: LedgerStage, scale: LedgerScale, fault: Callable[[], Coroutine[Any, Any, int]]
) -> ExactOutcome:
    await on.set_limit(scale.limit)
    workers = await asyncio.gather(*(on.start("spend", pause_seconds=0.05) for _ in range(scale.workers)))
    for worker in workers:
        worker.tell("go")
    faults, *ended = await asyncio.gather(fault(), *(worker.line() for worker in workers))
    assert set(ended) == {"exhausted"}
    assert set(await asyncio.gather(*(worker.ended() for worker in workers))) == {0}
    replayed = await replay(on.folder / "facts", on.connections)  # as the jobs process does every minute
    return ExactOutcome(
        scenario=scenario,
        workers=scale.workers,
        limit=scale.limit,
        faults=faults,
        admitted=sum(on.admitted(worker) for worker in workers),
        ledger=await on.number("select used from gsb.quota_account where policy = 'month'"),
        facts=await on.number("select sum(points) from gsb.usage_fact where dataset_id = 0"),
        replayed=replayed,
        breaches=len(await check(on.connections)),
    )


async def _until_admitted(on: LedgerStage, goal: int) -> None:
    while sum(on.admitted(worker) for worker in on.workers) < goal:
        await asyncio.sleep(0.01)
