"""That the bench's endpoint without keys, quotas and metering answers what the product answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from benchmarks.unmetered import without_metering
from tests.app import running
from tests.schema.worlds import found

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings

LOOKUP = '{ air { airport(by: {icao: "OIIE"}) { icao city country { name } } } }'


@pytest.fixture
async def world(connections: Connections, state_dir: Path) -> AsyncIterator[Connections]:
    await found(connections, state_dir)
    yield connections


async def test_it_answers_the_same_data_without_a_key_and_writes_no_fact(
    world: Connections, settings: Settings
) -> None:
    async with running(settings, world) as service:
        metered = await service.ask(await service.data_key(), LOOKUP)
    async with running(settings, world) as service:
        async with world.use() as connection:
            before = await connection.fetchval("select count(*) from gsb.usage_fact")
        transport = httpx2.ASGITransport(without_metering(service.app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://gsb") as http:
            answers = [await http.post("/graphql", json={"query": LOOKUP}, headers=NOBODY) for _ in range(2)]
    assert [answer.json()["data"] for answer in answers] == [metered.json()["data"]] * 2
    async with world.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.usage_fact") == before


NOBODY = {"authorization": "Bearer nobody"}
