"""A worker whose reader is a streaming replica answers from what the replica shows, however far it is behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from benchmarks.replication import Pair, replicated
from pydantic import SecretStr

from publicgsb.apikeys.model import Actor
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.migrate import migrate
from publicgsb.platform.server.settings import load_settings
from publicgsb.schema.serving.world import Worlds
from tests.app import Service, running
from tests.patience import PATIENT
from tests.schema.worlds import COUNTRY_ROWS, found, release

PAGE = "query ($after: String) { geo { countries(first: 1, after: $after) { nodes { name } pageInfo { endCursor } } } }"
NEWER = COUNTRY_ROWS.replace("ایران", "Iran")
WAIT_SECONDS = 60.0

pytestmark = pytest.mark.prove


@pytest.fixture
async def pair(state_dir: Path) -> AsyncIterator[Pair]:
    async with replicated(state_dir) as pair:
        await migrate(pair.primary_url)
        yield pair


@pytest.fixture
async def primary(pair: Pair) -> AsyncIterator[Connections]:
    connections = Connections(pair.primary_url, size=4)
    yield connections
    await connections.close()


@pytest.fixture
async def service(pair: Pair, primary: Connections, redis_url: str, state_dir: Path) -> AsyncIterator[Service]:
    await found(primary, state_dir)
    settings = load_settings(
        database_url=SecretStr(pair.primary_url),
        reader_url=SecretStr(pair.replica_url),
        redis_url=SecretStr(redis_url),
        state_dir=state_dir,
        pepper=SecretStr("tests-only " * 4),
        **PATIENT,
    )
    await pair.caught_up()
    async with running(settings, primary) as service:
        yield service


def worlds_of(service: Service) -> Worlds:
    return service.app._endpoint._parts.worlds  # type: ignore[attr-defined,no-any-return]


async def caught_up(service: Service) -> None:
    worlds = worlds_of(service)
    async with asyncio.timeout(WAIT_SECONDS):
        while worlds.is_behind:
            await asyncio.sleep(0.01)


async def first_name(service: Service, key: str) -> tuple[int, str, str]:
    """Which release answered, its first country, and the cursor behind it."""
    answer = (await service.ask(key, PAGE)).json()
    assert "errors" not in answer, answer
    page: dict[str, Any] = answer["data"]["geo"]["countries"]
    return answer["extensions"]["receipt"][0]["release"], page["nodes"][0]["name"], page["pageInfo"]["endCursor"]


async def test_a_release_is_answered_when_the_replica_shows_it_and_not_before(
    service: Service, pair: Pair, primary: Connections, state_dir: Path
) -> None:
    key = await service.data_key()
    release_, name, cursor = await first_name(service, key)
    assert (release_, name) == (1, "ایران")
    await pair.pause()
    outcome = await release(primary, state_dir, "geo/countries", NEWER)
    assert outcome.release is not None
    assert outcome.release.workers_behind == 1
    for _ in range(20):
        assert (await first_name(service, key))[:2] == (1, "ایران")
        following = (await service.ask(key, PAGE, {"after": cursor})).json()
        assert following["data"]["geo"]["countries"]["nodes"] == [{"name": "Türkiye"}]
    await pair.resume()
    await caught_up(service)
    release_, name, _ = await first_name(service, key)
    assert (release_, name) == (2, "Iran")
    following = (await service.ask(key, PAGE, {"after": cursor})).json()
    assert following["extensions"]["receipt"][0]["release"] == 1
    await service.caught_up()


async def test_while_the_replica_is_behind_keys_are_revoked_at_once(
    service: Service, pair: Pair, primary: Connections, state_dir: Path
) -> None:
    """The pulse is not held up by the replica."""
    registered = await service.keys.register("A startup", "a@example.org", "Trying it")
    await first_name(service, registered.key.secret)
    await pair.pause()
    await release(primary, state_dir, "geo/countries", NEWER)
    revoked = await service.keys.revoke_key(registered.key.key.id, "a test", Actor("tests", registered.organisation.id))
    assert revoked.spread.is_everywhere
    assert (await service.ask(registered.key.secret, PAGE)).status_code == 401
    await pair.resume()


async def test_a_cursor_from_a_worker_that_is_ahead_is_told_to_wait_and_never_reads_older_rows(
    service: Service, pair: Pair, primary: Connections, redis_url: str, state_dir: Path
) -> None:
    key = await service.data_key()
    await pair.pause()
    await release(primary, state_dir, "geo/countries", NEWER)
    settings = load_settings(
        database_url=SecretStr(pair.primary_url),
        redis_url=SecretStr(redis_url),
        state_dir=state_dir,
        pepper=SecretStr("tests-only " * 4),
        **PATIENT,
    )
    async with running(settings, primary) as ahead:
        release_, _, cursor = await first_name(ahead, key)
    assert release_ == 2
    early = await service.ask(key, PAGE, {"after": cursor})
    assert early.status_code == 503
    assert early.json()["errors"][0]["extensions"]["details"]["reason"] == "replica"
    assert "retry-after" in early.headers
    await pair.resume()
    await caught_up(service)
    later = (await service.ask(key, PAGE, {"after": cursor})).json()
    assert later["extensions"]["receipt"][0]["release"] == 2
