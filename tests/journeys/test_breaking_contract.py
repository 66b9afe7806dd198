"""A field that an application uses goes: refused, announced, both served, the application moved, the old one ended."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb.datasets.jobs.worker import run_one
from publicgsb.datasets.notices.ending import end_due
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.audit import Filters, entries
from publicgsb.platform.server.noticing import tell_late_users, users_of
from tests.app import Service
from tests.audited import refuse_what_is_not_audited
from tests.journeys.test_submissions import eventually_noted
from tests.schema.worlds import COUNTRIES, declare

PATH = "/api/v1/agencies/geo/datasets/countries"
OLD = '{ geo { country(by: {code: "IR"}) { name population } } }'
NEW = '{ geo { countryV2(by: {code: "IR"}) { name } } }'
BOTH = '{ geo { country(by: {code: "IR"}) { population } countryV2(by: {code: "IR"}) { name } } }'
LINKED = '{ air { airport(by: {icao: "OIIE"}) { country { name } } } }'
OTHER = '{ air { airport(by: {icao: "OIIE"}) { city } } }'
BROKEN = "\n".join(
    line
    for line in COUNTRIES.replace('version: "1.0.0"', 'version: "2.0.0"').splitlines()
    if "name: population" not in line
)


@dataclass
class Geo:
    """The agency geo, which has declared countries without their population; and a startup that asks for it."""

    service: Service
    state_dir: Path
    agency_key: str
    key: str

    async def upload(self, dataset: str, rows: bytes) -> dict[str, Any]:
        """The job once it has ended."""
        headers = {"content-type": "text/csv", "idempotency-key": f"{dataset}-{len(rows)}"}
        path = f"/api/v1/agencies/geo/datasets/{dataset}/releases"
        sent = await self.send("POST", path, content=rows, headers=headers)
        while await run_one(self.service.connections, self.state_dir, users_of=users_of):
            pass
        await self.service.caught_up()
        job: dict[str, Any] = (await self.send("GET", sent.headers["location"])).json()
        return job

    async def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.agency_key}", **more.pop("headers", {})}
        return await self.service.http.request(method, path, headers=headers, **more)

    async def announce(self, **body: Any) -> httpx2.Response:
        done = await self.send("POST", f"{PATH}/notice", json=body)
        await self.service.caught_up()
        return done

    async def ask(self, document: str) -> httpx2.Response:
        return await self.service.ask(self.key, document)

    async def end_in(self, days: int) -> list[str]:
        ended = await end_due(self.service.connections, datetime.now(UTC) + timedelta(days=days))
        await self.service.caught_up()
        return ended


@pytest.fixture
async def geo(service: Service, connections: Connections, state_dir: Path) -> AsyncIterator[Geo]:
    geo = Geo(service, state_dir, await service.agency_key("geo"), await service.data_key())
    assert (await geo.ask(OLD)).status_code == 200
    await eventually_noted(connections)
    await declare(connections, BROKEN)
    yield geo


async def test_a_field_goes_only_with_notice_and_those_who_use_it_have_somewhere_to_go(geo: Geo) -> None:
    refused = await geo.upload("countries", b"code,name\nIR,Iran\n")
    assert refused["state"] == "failed"
    details = refused["error"]["details"]
    assert (details["reason"], details["touched_fields"]) == ("breaking_not_announced", ["population"])
    assert (details["applications"], details["organisations"]) == (1, 1)
    assert "gsb contract announce geo/countries" in refused["error"]["hint"]
    announced = await geo.announce()
    assert announced.status_code == 201, announced.text
    told = announced.json()
    assert (told["successor"], told["linkedFrom"]) == ("geo/countries_v2", ["air/airports"])
    assert [(one["organisation"], one["fields"]) for one in told["applications"]] == [("A startup", ["population"])]
    assert (await geo.upload("countries_v2", b"code,name\nIR,Iran\n"))["state"] == "released"
    both = (await geo.ask(BOTH)).json()["data"]["geo"]
    assert both == {"country": {"population": "90000000"}, "countryV2": {"name": "Iran"}}
    assert (await geo.upload("countries", b"code,name,population\nIR,Iran,91\n"))["state"] == "released"
    assert (await geo.ask(OLD)).json()["data"]["geo"]["country"]["population"] == "91"
    assert await geo.end_in(90) == []
    assert await geo.end_in(91) == ["geo/countries"]
    ended = (await geo.ask(OLD)).json()
    assert ended["data"]["geo"]["country"] is None
    extensions = ended["errors"][0]["extensions"]
    assert (extensions["code"], extensions["details"]["successor"]) == ("DATASET_WITHDRAWN", "geo/countries_v2")
    assert extensions["hint"] == "Ask geo/countries_v2 instead."
    assert (await geo.ask(NEW)).json()["data"]["geo"]["countryV2"] == {"name": "Iran"}
    file = await geo.service.http.get("/files/geo/countries/latest.csv")
    assert (file.status_code, file.json()["details"]["successor"]) == (410, "geo/countries_v2")
    assert (await geo.service.http.get("/files/geo/countries_v2/latest.csv")).status_code == 200


async def test_every_answer_that_touches_the_old_one_says_until_when(geo: Geo) -> None:
    assert "sunset" not in (await geo.ask(OLD)).headers
    await geo.announce()
    end = datetime.now(UTC).replace(hour=23, minute=59, second=59) + timedelta(days=90)
    for document in (OLD, OLD, OLD, OLD, LINKED):  # the later ones out of memory
        headers = (await geo.ask(document)).headers
        assert headers["sunset"] == format_datetime(end, usegmt=True)
        assert headers["deprecation"].startswith("@")
        assert headers["link"] == '</api/v1/agencies/geo/datasets/countries_v2>; rel="successor-version"'
    page = (await geo.service.http.get("/datasets/geo/countries")).headers
    assert page["sunset"] == format_datetime(end, usegmt=True)
    assert page["deprecation"].startswith("@") and page["link"].endswith('; rel="successor-version"')
    as_get = await geo.service.http.get(
        "/graphql", params={"query": OLD}, headers={"authorization": f"Bearer {geo.key}"}
    )
    assert "sunset" in as_get.headers
    again = await geo.service.http.get(
        "/graphql",
        params={"query": OLD},
        headers={"authorization": f"Bearer {geo.key}", "if-none-match": as_get.headers["etag"]},
    )
    assert (again.status_code, again.headers["sunset"]) == (304, as_get.headers["sunset"])
    assert "sunset" not in (await geo.ask(OTHER)).headers
    sdl = (await geo.service.http.get("/schema.graphql?datasets=geo/countries")).text
    assert "Use geo/countries_v2 instead." in sdl and "@deprecated" in sdl


async def test_who_uses_it_is_told_by_message_and_nobody_else_learns_of_them(geo: Geo) -> None:
    await geo.announce()
    async with geo.service.connections.use() as connection:
        rows = await connection.fetch(
            "select payload->'applications'->0->>'fields' as fields from gsb.outbox"
            " where kind = 'contract.breaking_announced' and organisation_id is not null"
        )
    assert [row["fields"] for row in rows] == ['["population"]']
    assert await tell_late_users(geo.service.connections) == 0
    for path in (PATH, "/catalog.json", "/catalog.jsonld", "/api/v1/agencies/geo/datasets/countries_v2"):
        assert "A startup" not in (await geo.service.http.get(path)).text
    other = {"authorization": f"Bearer {await geo.service.agency_key('air')}"}
    assert (await geo.service.http.get(f"{PATH}/notice", headers=other)).status_code == 403
    data_key = {"authorization": f"Bearer {geo.key}"}
    assert (await geo.service.http.get(f"{PATH}/notice", headers=data_key)).status_code == 403
    own = (await geo.send("GET", f"{PATH}/notice")).json()
    assert own["notice"]["successor"] == "geo/countries_v2"
    assert [one["organisation"] for one in own["applications"]] == ["A startup"]


async def test_whoever_begins_to_use_it_later_is_told_later_and_a_file_is_a_use(geo: Geo) -> None:
    await geo.announce()
    other = await geo.service.keys.register("Another", "b@example.org", "Trying it")
    headers = {"authorization": f"Bearer {other.key.secret}"}
    assert (await geo.service.http.get("/files/geo/countries/latest.csv", headers=headers)).status_code == 200
    told = 0
    async with geo.service.connections.use() as connection:
        while not await connection.fetchval("select exists (select from gsb.usage_fact where operation_hash = 'file')"):
            await connection.execute("select pg_sleep(0.05)")
    told += await tell_late_users(geo.service.connections)
    told += await tell_late_users(geo.service.connections)
    assert told == 1
    own = (await geo.send("GET", f"{PATH}/notice")).json()
    assert {one["organisation"]: one["fields"] for one in own["applications"]} == {
        "A startup": ["population"],
        "Another": ["population"],
    }


async def test_whoever_still_uses_it_two_weeks_before_is_told_once_more(geo: Geo) -> None:
    await geo.announce()
    ends = datetime.now(UTC).date() + timedelta(days=90)
    connections = geo.service.connections
    assert await tell_late_users(connections, ends - timedelta(days=15)) == 0
    assert await tell_late_users(connections, ends - timedelta(days=14)) == 0  # not asked for a week
    async with connections.use() as connection:
        await connection.execute("update gsb.dataset set sunset_on = current_date + 14 where sunset_on is not null")
    await refuse_what_is_not_audited(connections)
    assert await tell_late_users(connections) == 1
    assert await tell_late_users(connections) == 0
    (entry,) = await entries(connections, Filters(action="contract.notice_told"))
    assert (entry.actor, entry.after) == ("system:notice", {"told": 0, "reminded": 1})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"sunsetOn": "soon"}, "sunset"),
        ({"sunsetOn": "2026-01-01"}, "notice_period"),
        ({"reason": {"fa": "x"}}, "reason"),
        ({"reason": "x"}, "reason"),
        ({"reason": {"fa": "", "en": ""}}, "reason"),
        ({"surprise": 1}, "members"),
    ],
)
async def test_what_cannot_be_understood_announces_nothing(geo: Geo, body: dict[str, Any], reason: str) -> None:
    refused = await geo.send("POST", f"{PATH}/notice", json=body)
    assert (refused.status_code, refused.json()["details"]["reason"]) == (400, reason)
    assert (await geo.send("GET", f"{PATH}/notice")).json()["notice"] is None
