"""An engine dies under load: only 503 with Retry-After, recovery without a hand, and not one point lost or invented."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.migrate import migrate
from publicgsb.platform.server.settings import load_settings
from tests.journeys.load import keys_of, unlimited
from tests.processes import served, settings_env
from tests.schema.worlds import found

pytestmark = pytest.mark.prove

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city country { name } } } }'
CALLERS = 6
RECOVERY_SECONDS = 60


@dataclass(slots=True)
class Asking:
    """What came back so far, from all callers."""

    statuses: Counter[int] = field(default_factory=Counter)
    points: int = 0
    answered_since: int = 0
    refused_since: int = 0

    def mark(self) -> None:
        self.answered_since = self.refused_since = 0

    async def once(self, http: httpx2.AsyncClient, key: str) -> None:
        answer = await http.post("/graphql", json={"query": LOOK_UP}, headers={"authorization": f"Bearer {key}"})
        self.statuses[answer.status_code] += 1
        body = answer.json()
        if answer.status_code == 200:
            assert body["data"]["air"]["airport"]["city"] == "تهران"
            self.points += body["extensions"]["cost"]["actual"]
            self.answered_since += 1
        else:
            assert body["errors"][0]["extensions"]["code"] in ("UNAVAILABLE", "TIMEOUT"), body
            assert int(answer.headers["retry-after"]) >= 1
            self.refused_since += 1
            await asyncio.sleep(0.02)


async def until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(RECOVERY_SECONDS):
        while not claim():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def under_load(url: str, key: str) -> AsyncIterator[Asking]:
    asking, stop = Asking(), asyncio.Event()

    async def again(http: httpx2.AsyncClient) -> None:
        while not stop.is_set():
            await asking.once(http, key)

    async with httpx2.AsyncClient(base_url=url, timeout=30) as http, asyncio.TaskGroup() as group:
        for _ in range(CALLERS):
            group.create_task(again(http))
        try:
            await until(lambda: asking.answered_since > 20)
            yield asking
        finally:
            stop.set()


@pytest.mark.parametrize("engine", ["_postgres", "_valkey"])
async def test_a_database_that_dies_under_load_costs_503_and_a_redis_that_dies_costs_nothing(engine: str) -> None:
    with tempfile.TemporaryDirectory(prefix="gsb") as folder:
        state_dir = Path(folder) / "state"
        with Engines(load_settings(state_dir=state_dir), is_temporary=True) as engines:
            await migrate(engines.database_url)
            settings = load_settings(
                state_dir=state_dir,
                database_url=SecretStr(engines.database_url),
                redis_url=SecretStr(engines.redis_url),
                pepper=SecretStr("tests-only " * 4),
            )
            connections = Connections(engines.database_url, size=4)
            await found(connections, state_dir)
            await unlimited(connections)
            registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
            victim, is_database = getattr(engines, engine), engine == "_postgres"
            with served(settings_env(settings)) as server:
                async with under_load(server.url, registered.key.secret) as asking:
                    for _ in range(2):
                        await asyncio.to_thread(victim.stop)
                        asking.mark()
                        await until(lambda: (asking.refused_since if is_database else asking.answered_since) > 10)
                        await asyncio.to_thread(victim.start)
                        asking.mark()
                        await until(lambda: asking.answered_since > 50)
            assert set(asking.statuses) == ({200, 503} if is_database else {200})
            async with connections.use() as connection:
                noted = await connection.fetchval("select sum(points)::int from gsb.usage_fact where dataset_id = 0")
                account = await connection.fetchrow(
                    "select used::int, allotted::int from gsb.quota_account where policy = 'month'"
                )
            await connections.close()
    assert noted == asking.points
    assert account is not None
    assert asking.points <= account["used"] <= account["allotted"]
