"""One unit, and a thousand who want it at the same moment, again and again: exactly one gets it each time."""

import asyncio
import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from tests.chaos.ledger_scale import LedgerScale
from tests.chaos.ledger_stage import LedgerStage


@dataclass(frozen=True, slots=True)
class RushOutcome:
    """`admitted`: in how many rounds so many got the unit. `refused`: by code, over all rounds."""

    scenario: str
    workers: int
    at_once: int
    rounds: int
    admitted: dict[int, int]
    refused: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def rush(on: LedgerStage, scale: LedgerScale) -> RushOutcome:
    await on.set_limit(scale.limit)
    tasks = scale.at_once // scale.workers
    workers = await asyncio.gather(*(on.start("rush", tasks=tasks) for _ in range(scale.workers)))
    admitted: Counter[int] = Counter()
    refused: Counter[str] = Counter()
    for number in range(1, scale.rounds + 1):
        for worker in workers:
            worker.tell(str(number))
        outcomes: Counter[str] = Counter()
        for line in await asyncio.gather(*(worker.line() for worker in workers)):
            outcomes.update(json.loads(line))
        admitted[outcomes.pop("admitted", 0)] += 1
        refused += outcomes
    assert set(await asyncio.gather(*(worker.ended() for worker in workers))) == {0}
    return RushOutcome("rush", scale.workers, tasks * scale.workers, scale.rounds, dict(admitted), dict(refused))
