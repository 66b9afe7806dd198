"""A walk by cursors reads one release from the first page to the last, however many newer ones land meanwhile."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from benchmarks import deep

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import running
from tests.journeys.load import unlimited


@pytest.mark.prove
async def test_a_walk_of_120_000_records_returns_each_exactly_once_while_releases_land(
    settings: Settings, connections: Connections, state_dir: Path
) -> None:
    await deep.fill(connections, 119_999)
    await unlimited(connections)
    async with running(settings, connections) as service:
        key, begun, asked = await service.data_key(), asyncio.Event(), 0

        async def ask(document: str, variables: dict[str, Any]) -> Any:
            nonlocal asked
            asked += 1
            if asked in (40, 80):  # however slow a release is here, two land within the walk
                await another_release(connections)
            answer = (await service.ask(key, document, variables)).json()
            assert "errors" not in answer, answer["errors"]
            return answer["data"]

        walking = asyncio.create_task(deep.walk(ask, 0, begun))
        await begun.wait()
        landed = await deep.land_releases(connections, state_dir, walking.done)
        seen = await walking
    assert landed > 1
    assert (seen.pages, len(seen.codes)) == (120, 119_999)
    assert deep.flaws(seen.codes, 119_999) == 0


async def another_release(connections: Connections) -> None:
    async with asyncio.timeout(60):
        before = await released(connections)
        while await released(connections) == before:
            await asyncio.sleep(0.05)


async def released(connections: Connections) -> int:
    async with connections.use() as connection:
        return int(await connection.fetchval("select count(*) from gsb.release"))


def test_a_record_that_is_missing_or_comes_twice_is_a_flaw() -> None:
    codes = [f"{number:07}" for number in range(10)]
    assert deep.flaws(codes, 10) == 0
    assert deep.flaws(codes[1:], 10) == 1
    assert deep.flaws([*codes, codes[0]], 10) == 1
    assert deep.flaws([*codes, "other"], 10) == 1
