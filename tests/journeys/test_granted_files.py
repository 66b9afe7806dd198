"""Files of restricted data: for whom a grant has opened them, by signed addresses that end with the grant."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.objects import open_objects
from publicgsb.datasets.exports.requested.making import make_requested
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.journeys.grant_world import applicant, found_restricted, send, stepped, submitted

LIST = "/api/v1/agencies/air/datasets/crews/releases/latest/files"


@pytest.fixture
async def service(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found_restricted(connections, state_dir)
    async with running(settings, connections) as service:
        yield service


async def test_a_grant_opens_files_and_exports_and_its_end_closes_their_addresses(
    service: Service, state_dir: Path
) -> None:
    objects = open_objects(None, state_dir)
    assert await make_due(service.connections, objects, state_dir) == 5
    startup, agency = await applicant(service), await service.agency_key("air")
    headers = {"x-api-key": startup.key}
    wish = {"dataset": "air/crews", "where": {"id": {"eq": "2"}}}

    async def ask() -> httpx2.Response:
        asking = headers | {"idempotency-key": "one"}
        return await service.http.post("/api/v1/exports", json=wish, headers=asking)

    refused = [await service.http.get(LIST, headers=headers), await ask()]
    assert [(one.status_code, one.json()["details"]["reason"]) for one in refused] == [(403, "grant")] * 2

    number = await submitted(service.http, startup.token, "air/crews")
    assert await stepped(service.http, agency, number, "validate", days=30) == "validated"
    await service.caught_up()
    listed = (await service.http.get(LIST, headers=headers)).json()
    export = await ask()
    assert export.status_code == 202
    await make_requested(service.connections, objects, state_dir)
    told = (await service.http.get(export.headers["location"], headers=headers)).json()
    addresses = [listed["parts"][0]["url"], listed["csv"]["url"], told["parts"][0]["url"]]
    assert [(await service.http.get(url)).status_code for url in addresses] == [200] * 3
    assert (await service.http.get(LIST, headers={"x-api-key": startup.test_key})).status_code == 403

    revoked = await send(service.http, agency, "POST", f"/{number}/revoke", reason="misuse")
    assert revoked.status_code == 200
    answers = await asyncio.gather(*map(service.http.get, addresses))
    assert [(one.status_code, one.json()["details"]["reason"]) for one in answers] == [(403, "grant")] * 3
