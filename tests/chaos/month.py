"""A month's quota, many processes, random prices, closed at the price of 1: every unit settled, none twice."""

import asyncio
from dataclasses import asdict, dataclass
from typing import Any

from publicgsb.quotas.metering.check import check
from tests.chaos.ledger_scale import LedgerScale
from tests.chaos.ledger_stage import LedgerStage


@dataclass(frozen=True, slots=True)
class MonthOutcome:
    """In units. Exact when all but `breaches` are the limit."""

    scenario: str
    workers: int
    limit: int
    admitted: int
    ledger: int
    facts: int
    breaches: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def month(on: LedgerStage, scale: LedgerScale) -> MonthOutcome:
    await on.set_limit(scale.limit)
    workers = await asyncio.gather(*(on.start("spend") for _ in range(scale.workers)))
    for worker in workers:
        worker.tell("go")
    ended = await asyncio.gather(*(worker.line() for worker in workers))
    assert set(ended) == {"exhausted"}
    assert set(await asyncio.gather(*(worker.ended() for worker in workers))) == {0}
    return MonthOutcome(
        scenario="month",
        workers=scale.workers,
        limit=scale.limit,
        admitted=sum(on.admitted(worker) for worker in workers),
        ledger=await on.number("select used from gsb.quota_account where policy = 'month'"),
        facts=await on.number("select sum(points) from gsb.usage_fact where dataset_id = 0"),
        breaches=len(await check(on.connections)),
    )
