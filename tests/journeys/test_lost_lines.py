"""The engines run on and the lines to them break: the service says 503, never hangs, comes back, and counts exactly."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas.leases import reclaim
from publicgsb.quotas.model import Period
from tests.app import Service, running
from tests.journeys.load import limited
from tests.journeys.wire import Wire, wired_database, wired_redis
from tests.schema.worlds import found

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city country { name } } } }'
PATIENCE_SECONDS = 60.0
HASTY = {"request_seconds": 10.0, "statement_seconds": 5.0}
ASKERS = 4


@dataclass(slots=True)
class Wired:
    """A running service whose engines hang on wires, and what it answered."""

    service: Service
    database: Wire
    redis: Wire
    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    points: int = 0

    async def readiness(self) -> tuple[int, str]:
        answer = await self.service.http.get("/health/ready")
        body = answer.json()
        assert (answer.status_code == 503) == ("retry-after" in answer.headers)
        return answer.status_code, body["details"]["reason"] if "details" in body else body["status"]

    async def becomes(self, wanted: tuple[int, str]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (state := await self.readiness()) != wanted:
                assert state[0] in (200, 503)
                await asyncio.sleep(0.02)

    async def ask(self, key: str) -> int:
        """One request; a refusal must say that it passes, and none may take longer than a request may."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await self.service.ask(key, LOOK_UP)
        body = answer.json()
        if answer.status_code == 200:
            assert "errors" not in body, body
            self.points += body["extensions"]["cost"]["actual"]
        else:
            assert int(answer.headers["retry-after"]) >= 1
        code = body["errors"][0]["extensions"]["code"] if "errors" in body else ""
        self.answers[answer.status_code, code] += 1
        return answer.status_code

    async def ask_until(self, key: str, status: int, *, in_a_row: int = 1) -> None:
        """Ask on until so many answers in a row have had this status."""
        seen = 0
        async with asyncio.timeout(PATIENCE_SECONDS):
            while seen < in_a_row:
                seen = seen + 1 if await self.ask(key) == status else 0


@asynccontextmanager
async def wired(settings: Settings, connections: Connections) -> AsyncIterator[Wired]:
    assert settings.database_url is not None
    assert settings.redis_url is not None
    async with (
        wired_database(settings.database_url.get_secret_value()) as (database, database_url),
        wired_redis(settings.redis_url.get_secret_value()) as (redis, redis_url),
    ):
        # A silent line is given up after the longest time of a request.
        changed = {"database_url": SecretStr(database_url), "redis_url": SecretStr(redis_url)} | HASTY
        async with running(settings.model_copy(update=changed), connections) as service:
            yield Wired(service, database, redis)


@pytest.fixture(autouse=True)
async def world(connections: Connections, state_dir: Path) -> None:
    """Released rows, and windows so wide that only the faults refuse."""
    await found(connections, state_dir)
    await limited(connections, lambda one: one.limit if one.period in (Period.DAY, Period.MONTH) else 1_000_000)


async def counted(connections: Connections) -> tuple[int, int]:
    """Points in the ledger and in the usage facts; the service has ended, so nothing is on its way."""
    async with connections.use() as connection:
        row = await connection.fetchrow(
            """select (select coalesce(sum(used), 0) from gsb.quota_account where policy = 'month') as used,
                      (select coalesce(sum(points), 0) from gsb.usage_fact where dataset_id = 0) as facts,
                      (select count(*) from gsb.quota_lease where state = 'open') as open"""
        )
    assert row is not None
    assert row["open"] == 0
    return int(row["used"]), int(row["facts"])


async def test_a_worker_that_has_lost_the_database_is_live_and_not_ready_until_it_is_back(
    settings: Settings, connections: Connections
) -> None:
    async with wired(settings, connections) as world:
        await world.becomes((200, "ready"))
        world.database.cut()
        await world.becomes((503, "pulse"))
        assert (await world.service.http.get("/health/live")).json() == {"status": "live"}
        await world.database.mend()
        await world.becomes((200, "ready"))


async def test_a_worker_without_redis_stays_ready_and_says_so(settings: Settings, connections: Connections) -> None:
    async with wired(settings, connections) as world:
        assert (await world.service.http.get("/health/ready")).json()["redis"] == "answers"
        world.redis.cut()
        answer = await world.service.http.get("/health/ready")
        assert (answer.status_code, answer.json()["redis"]) == (200, "away")


@pytest.mark.parametrize("engine", ["database", "redis"])
async def test_what_breaks_under_load_is_503_for_the_database_only_and_every_point_is_counted_once(
    settings: Settings, connections: Connections, engine: str
) -> None:
    async with wired(settings, connections) as world:
        wire: Wire = getattr(world, engine)
        key = await world.service.data_key()
        meanwhile, expected = (503, {(200, ""), (503, "UNAVAILABLE")}) if engine == "database" else (200, {(200, "")})
        for _ in range(2):
            await asyncio.gather(*(world.ask_until(key, 200, in_a_row=20) for _ in range(ASKERS)))
            wire.cut()
            await asyncio.gather(*(world.ask_until(key, meanwhile, in_a_row=5) for _ in range(ASKERS)))
            await wire.mend()
            await asyncio.gather(*(world.ask_until(key, 200, in_a_row=20) for _ in range(ASKERS)))
    assert set(world.answers) == expected
    assert await counted(connections) == (world.points, world.points)


async def test_a_line_that_goes_dead_without_a_word_is_given_up_and_replaced(
    settings: Settings, connections: Connections
) -> None:
    """A firewall that forgets a connection says nothing to either side; new connections work at once."""
    async with wired(settings, connections) as world:
        await world.becomes((200, "ready"))
        world.database.silence()
        await world.becomes((503, "pulse"))
        await world.becomes((200, "ready"))


async def test_a_redis_that_falls_silent_holds_requests_for_moments_and_refuses_none(
    settings: Settings, connections: Connections
) -> None:
    hasty = settings.model_copy(update={"redis_timeout_ms": 500})
    async with wired(hasty, connections) as world:
        key = await world.service.data_key()
        await world.ask_until(key, 200, in_a_row=20)
        world.redis.silence()
        await asyncio.gather(*(world.ask_until(key, 200, in_a_row=20) for _ in range(ASKERS)))
    assert set(world.answers) == {(200, "")}
    assert await counted(connections) == (world.points, world.points)


async def test_a_worker_that_was_declared_dead_begins_again_and_what_it_held_counts_as_used(
    settings: Settings, connections: Connections
) -> None:
    async with wired(settings, connections) as world:
        key = await world.service.data_key()
        await world.ask_until(key, 200, in_a_row=20)
        world.database.cut()
        await world.becomes((503, "pulse"))
        reclaimed = await reclaim(connections, dead_after_seconds=1.0)
        assert (reclaimed.workers, reclaimed.units > 0) == (1, True)
        await world.database.mend()
        await asyncio.gather(*(world.ask_until(key, 200, in_a_row=20) for _ in range(ASKERS)))
    used, facts = await counted(connections)
    assert facts == world.points
    assert world.points < used <= world.points + reclaimed.units
