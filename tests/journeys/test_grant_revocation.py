"""What was granted and then revoked is answered by no worker, from the moment that "everywhere" was said."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from publicgsb.apikeys.model import Actor
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.grant_world import WAGE, approved, found_restricted, send, stepped, submitted
from tests.journeys.load import kept_up, keys_of, lines, until
from tests.journeys.watch import WORKERS, Watch, serving
from tests.processes import Server, gsb, settings_env


@pytest.fixture
async def server(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Server]:
    async with serving(found_restricted, settings, connections, state_dir) as server:
        yield server


@pytest.mark.prove
async def test_after_everywhere_no_worker_answers_by_a_revoked_grant(
    server: Server, settings: Settings, connections: Connections
) -> None:
    keys = keys_of(settings, connections)
    registered = await keys.register("A startup", "a@example.org", "Trying it")
    await approved(connections, registered)
    geo_id = next(one.id for one in await list_agencies(connections) if one.slug == "geo")
    agency = (await keys.create_agency_key(geo_id, "A person", "p@example.org", Actor("tests", None))).secret
    owner, watch = registered.owner_token.text, Watch(registered.key.secret, WAGE)
    async with (
        lines(server.url, workers=WORKERS, each=2) as to_all,
        httpx2.AsyncClient(base_url=server.url, timeout=60) as http,
    ):
        async with kept_up(to_all, watch.step):
            await until(lambda: watch.got(403) == WORKERS)
            number = await submitted(http, owner)
            assert await stepped(http, agency, number, "validate") == "validated"
            granted = time.monotonic()
            await until(lambda: watch.got(200, after=granted) == WORKERS)
            told = await send(http, agency, "POST", f"/{number}/revoke", reason="Sold to others.")
            gone = time.monotonic()
            await until(lambda: watch.got(403, after=gone) == WORKERS)
        again = await submitted(http, owner)
    assert (told.status_code, told.json()["effective"], told.json()["workers"]) == (200, "everywhere", WORKERS)
    assert {one.status for one in watch.asked if one.began > gone} == {403}
    assert {one.status for one in watch.asked if granted < one.began and one.ended < gone} >= {200}
    await decided_at_a_terminal(settings, again)


async def decided_at_a_terminal(settings: Settings, number: int) -> None:
    env = settings_env(settings)

    async def run(*arguments: str, exit_code: int = 0) -> object:
        return await asyncio.to_thread(gsb, env, "grant", *arguments, exit_code=exit_code)

    one = str(number)
    await run("validate", one, "--agency", "air", exit_code=4)
    validated = await run("validate", one, "--agency", "geo", "--days", "30")
    assert isinstance(validated, dict)
    assert (validated["state"], validated["grant"]["state"], validated["effective"]) == (
        *("validated", "active", "everywhere"),
    )
    await run("refuse", one, "--agency", "geo", "--legal-ground", "IR-FOI-15", "--message", "Late.", exit_code=5)
    revoked = await run("revoke", one, "--reason", "A complaint.")
    assert isinstance(revoked, dict)
    assert (revoked["grant"]["state"], revoked["effective"], revoked["workers"]) == ("revoked", "everywhere", WORKERS)
    shown = await run("show", one)
    assert isinstance(shown, dict)
    assert [(step["by"], step["step"]) for step in shown["steps"]] == [
        *(("applicant", "submit"), ("operator", "validate"), ("operator", "revoke"))
    ]
    listed = await run("list", "--agency", "geo", "--state", "validated")
    assert isinstance(listed, list)
    assert [row["id"] for row in listed] == [number, number - 1]
