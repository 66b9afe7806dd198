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
from tests.journeys.load import Line, kept_up, keys_of, lines, until
from tests.journeys.watch import WORKERS, Watch, serving
from tests.processes import Server, gsb, settings_env
from tests.schema.worlds import found

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city } } }'


@pytest.fixture
async def server(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Server]:
    async with serving(found, settings, connections, state_dir) as server:
        yield server


async def test_after_everywhere_no_worker_answers_a_revoked_key(
    server: Server, settings: Settings, connections: Connections
) -> None:
    async with (
        lines(server.url, workers=WORKERS, each=3) as to_all,
        httpx2.AsyncClient(base_url=server.url, timeout=60) as owner,
    ):
        for _ in range(5):
            registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
            await revoked_under_load(to_all, owner, registered)


async def revoked_under_load(to_all: list[Line], owner: httpx2.AsyncClient, registered: Registered) -> None:
    watch = Watch(registered.key.secret, LOOK_UP)
    async with kept_up(to_all, watch.step):
        await until(lambda: watch.got(200) == WORKERS)
        told = await owner.request(
            "DELETE",
            f"/api/v1/keys/{registered.key.key.id}",
            headers={"authorization": f"Bearer {registered.owner_token.text}"},
        )
        gone = time.monotonic()
        await until(lambda: watch.got(401, after=gone) == WORKERS)
    assert (told.status_code, told.json()["effective"]) == (200, "everywhere")
    watch.must_end_at(gone, 401, "revoked")


@pytest.mark.prove
async def test_after_everywhere_no_worker_answers_a_suspended_organisation(
    server: Server, settings: Settings, connections: Connections
) -> None:
    registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
    watch = Watch(registered.key.secret, LOOK_UP)
    async with lines(server.url, workers=WORKERS, each=3) as to_all, kept_up(to_all, watch.step):
        await until(lambda: watch.got(200) == WORKERS)
        number = str(registered.organisation.id)
        told = await asyncio.to_thread(gsb, settings_env(settings), "org", "suspend", number, "--reason", "abuse")
        gone = time.monotonic()
        await until(lambda: watch.got(401, after=gone) == WORKERS)
    assert told["effective"] == "everywhere"
    watch.must_end_at(gone, 401, "suspended")


@pytest.mark.prove
async def test_after_everywhere_no_worker_lets_a_key_or_its_token_do_what_it_was_taken(
    server: Server, settings: Settings, connections: Connections
) -> None:
    registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
    path, secret = f"/api/v1/keys/{registered.key.key.id}", registered.key.secret
    as_key, as_owner = ({"authorization": f"Bearer {text}"} for text in (secret, registered.owner_token.text))
    async with (
        lines(server.url, workers=WORKERS, each=2) as to_all,
        httpx2.AsyncClient(base_url=server.url, timeout=60) as http,
    ):
        token = (await http.post("/api/v1/auth/token", headers=as_key)).json()["token"]
        key, of_token = Watch(secret, LOOK_UP), Watch(token, LOOK_UP)
        async with kept_up(to_all, key.step), kept_up(to_all, of_token.step):
            await until(lambda: key.got(200) == of_token.got(200) == WORKERS)
            told = await http.patch(path, headers=as_owner, json={"datasets": ["geo/countries"]})
            gone = time.monotonic()
            await until(lambda: key.got(403, after=gone) == of_token.got(403, after=gone) == WORKERS)
    assert (told.status_code, told.json()["effective"], told.json()["workers"]) == (200, "everywhere", WORKERS)
    for watch in (key, of_token):
        watch.must_end_at(gone, 403, "key_dataset")
