"""Releases that become current one after the other while everybody reads nested pages and walks by cursor."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from publicgsb.datasets.releases.service import rollback
from tests.chaos.releasing.editions import AGENCY, DATASET, NAME, rows
from tests.chaos.releasing.house import WORKERS, house
from tests.chaos.releasing.reading import read_on
from tests.schema.worlds import release

BACK = 5  # each so many swaps one goes back to the release before


@dataclass(frozen=True, slots=True)
class SwapScale:
    swaps: int
    each: int = 4  # connections to each worker
    count: int = 1_000  # records of an edition


SWAPS_SHORT = SwapScale(swaps=12, each=2)
SWAPS_LONG = SwapScale(swaps=50)


@dataclass(frozen=True, slots=True)
class SwapsOutcome:
    swaps: int
    behind: int  # workers that had not heard of a swap when it returned
    answers: int
    walks: int
    editions: int  # each was answered from
    failed: Mapping[str, int]
    mixed: int


async def swaps(database_url: str, redis_url: str, folder: Path, scale: SwapScale) -> SwapsOutcome:
    """Each swap waits until readers have seen it, so that none passes between two answers."""
    behind = 0
    async with (
        house(database_url, redis_url, folder, count=scale.count) as here,
        read_on(here.server.url, here.key, workers=WORKERS, each=scale.each, pause_seconds=0.0) as reading,
    ):
        edition = newest = 1  # editions are numbered as releases are
        for number in range(1, scale.swaps + 1):
            if number % BACK == 0:
                edition = newest - 1
                behind += (await rollback(here.connections, AGENCY, DATASET, edition, "tests")).workers_behind
            else:
                edition = newest = newest + 1
                outcome = await release(here.connections, folder, NAME, rows(edition, scale.count))
                assert outcome.release is not None and outcome.release.seq == edition
                behind += outcome.release.workers_behind
            reading.editions.clear()
            async with asyncio.timeout(60):
                while edition not in reading.editions:
                    await asyncio.sleep(0.005)
        async with asyncio.timeout(120):  # as many walks as there were releases, however slow the machine
            while reading.walks <= scale.swaps:
                await asyncio.sleep(0.05)
        return SwapsOutcome(
            swaps=scale.swaps,
            behind=behind,
            answers=reading.answers,
            walks=reading.walks,
            editions=newest,
            failed=dict(reading.others),
            mixed=reading.mixed,
        )
