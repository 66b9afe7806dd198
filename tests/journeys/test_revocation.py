"""A key that was taken away answers nothing any more, on any worker, from the moment that "everywhere" was said."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from publicgsb.apikeys.model import Registered
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import Line, Watch, kept_up, keys_of, lines, loaded, until
from tests.processes import Server, gsb, settings_env

WORKERS = 2


@pytest.fixture
async def server(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Server]:
    async with loaded(settings, connections, state_dir, WORKERS) as server:
        yield server


def must_end_at(watch: Watch, gone: float, reason: str) -> None:
    late = [one for one in watch.asked if one.began > gone]
    assert {one.status for one in late} == {401}
    assert {one.body["errors"][0]["extensions"]["details"]["reason"] for one in late} == {reason}
    assert not any(one.body.get("data") for one in late)
    assert {one.status for one in watch.asked} == {200, 401}


async def test_after_everywhere_no_worker_answers_a_revoked_key(
    server: Server, settings: Settings, connections: Connections
) -> None:
    async with lines(server.url, workers=WORKERS, each=3) as to_all, httpx2.AsyncClient(base_url=server.url) as owner:
        for _ in range(5):
            registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
            await revoked_under_load(to_all, owner, registered)


async def revoked_under_load(to_all: list[Line], owner: httpx2.AsyncClient, registered: Registered) -> None:
    watch = Watch(registered.key.secret)
    async with kept_up(to_all, watch.step):
        await until(lambda: watch.answered(200) == WORKERS)
        told = await owner.request(
            "DELETE",
            f"/api/v1/keys/{registered.key.key.id}",
            headers={"authorization": f"Bearer {registered.owner_token.text}"},
        )
        gone = time.monotonic()
        await until(lambda: watch.answered(401, after=gone) == WORKERS)
    assert (told.status_code, told.json()["effective"]) == (200, "everywhere")
    must_end_at(watch, gone, "revoked")


async def test_after_everywhere_no_worker_answers_a_suspended_organisation(
    server: Server, settings: Settings, connections: Connections
) -> None:
    registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
    watch = Watch(registered.key.secret)
    async with lines(server.url, workers=WORKERS, each=3) as to_all, kept_up(to_all, watch.step):
        await until(lambda: watch.answered(200) == WORKERS)
        number = str(registered.organisation.id)
        told = await asyncio.to_thread(gsb, settings_env(settings), "org", "suspend", number, "--reason", "abuse")
        gone = time.monotonic()
        await until(lambda: watch.answered(401, after=gone) == WORKERS)
    assert told["effective"] == "everywhere"
    must_end_at(watch, gone, "suspended")
