"""From an upload to a release by way of a reviewer, over HTTP with the keys of the agency's own people."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from publicgsb.apikeys.model import Actor, Role
from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.datasets.jobs.worker import run_one
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.reviews.model import Review
from publicgsb.platform.kernel.database import Connections
from tests.app import Service
from tests.schema.worlds import COUNTRIES, declare

ROWS = "code,name,population\nIR,Iran,1\nTR,Türkiye,2\nAF,Afghanistan,3\n".encode()
PATH = "/api/v1/agencies/geo/datasets/countries"


@dataclass
class Agency:
    """The agency geo, which has what it releases reviewed."""

    http: httpx2.AsyncClient
    connections: Connections
    state_dir: Path
    publisher: str
    reviewer: str

    async def send(self, key: str, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {key}", **more.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **more)

    async def upload(
        self, path: str = f"{PATH}/submissions", key: str = "one", content: bytes = ROWS
    ) -> httpx2.Response:
        headers = {"content-type": "text/csv", "idempotency-key": key}
        return await self.send(self.publisher, "POST", path, content=content, headers=headers)

    async def work(self) -> None:
        while await run_one(self.connections, self.state_dir):
            pass

    async def in_review(self) -> str:
        made: str = (await self.upload()).json()["id"]
        await self.work()
        return made


@pytest.fixture
async def agency(service: Service, connections: Connections, state_dir: Path) -> AsyncIterator[Agency]:
    agency_id = next(one.id for one in await list_agencies(connections) if one.slug == "geo")
    keys = [
        await service.keys.create_agency_key(agency_id, name, f"{name}@example.org", Actor("tests", None), role=role)
        for name, role in (("Parisa", Role.PUBLISHER), ("Reza", Role.REVIEWER))
    ]
    await set_review(connections, "geo", Review.REQUIRED, "tests")
    yield Agency(service.http, connections, state_dir, *(key.secret for key in keys))


async def test_an_upload_waits_for_its_reviewer_and_is_then_answered(agency: Agency, service: Service) -> None:
    uploaded = await agency.upload(f"{PATH}/releases")
    assert (uploaded.status_code, uploaded.json()["release"]) == (202, None)
    await agency.work()
    job = (await agency.send(agency.publisher, "GET", uploaded.headers["location"])).json()
    assert job["state"] == "in_review"
    one = f"/api/v1/submissions/{job['submission']}"
    seen = (await agency.send(agency.reviewer, "GET", one)).json()
    assert (seen["state"], seen["review"]["rows"]["difference"], seen["holds"]) == ("in_review", 0, True)
    body = {"fileSha256": seen["file"]["sha256"]}
    approved = await agency.send(agency.reviewer, "POST", f"{one}/approve", json=body)
    assert (approved.status_code, approved.json()["decidedBy"]) == (200, "Reza")
    await agency.work()
    await service.caught_up()
    key = await service.data_key()
    answer = (await service.ask(key, '{ geo { country(by: {code: "AF"}) { name } } }')).json()
    assert answer["data"]["geo"]["country"] == {"name": "Afghanistan"}
    seq = (await agency.send(agency.publisher, "GET", one)).json()["release"]
    signed = (await service.http.get(f"{PATH}/releases/{seq}/certificate")).json()
    assert signed["certificate"]["reviewer"] == "Reza"


@dataclass
class Held:
    """The worker hears of a new registry, and does not get to serve it until it is let go."""

    may_go_on: asyncio.Event

    async def told_and_served(self, told: Awaitable[httpx2.Response], http: httpx2.AsyncClient) -> tuple[Any, Any]:
        """What an answer says of the release, and what the same worker serves once that answer is there."""

        async def follow() -> tuple[Any, Any]:
            answer = (await told).json()
            return answer["release"], ((await http.get(PATH)).json()["release"] or {}).get("seq")

        following = asyncio.create_task(follow())
        await asyncio.wait({following}, timeout=0.5)  # an answer that waits for nothing is there by then
        self.may_go_on.set()
        return await following


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch, service: Service) -> Held:
    gate = asyncio.Event()

    async def after_the_gate(*arguments: Any) -> Registry:
        await gate.wait()
        return await load_registry(*arguments)

    monkeypatch.setattr("publicgsb.schema.serving.world.load_registry", after_the_gate)
    return Held(gate)


async def _ended(agency: Agency, table: str, state: str) -> None:
    async with asyncio.timeout(60), agency.connections.use() as connection:
        while not await connection.fetchval(f"select count(*) from gsb.{table} where state = $1", state):
            await asyncio.sleep(0.01)


async def test_no_submission_is_called_published_before_the_worker_serves_its_release(
    agency: Agency, service: Service, held: Held
) -> None:
    one = f"/api/v1/submissions/{await agency.in_review()}"
    await agency.send(agency.reviewer, "POST", f"{one}/approve")
    working = asyncio.create_task(agency.work())
    await _ended(agency, "submission", "published")
    told, served = await held.told_and_served(agency.send(agency.publisher, "GET", one), service.http)
    assert told == served == 2
    await working


async def test_no_job_is_called_released_before_the_worker_serves_its_release(
    agency: Agency, service: Service, held: Held
) -> None:
    await set_review(agency.connections, "geo", Review.NONE, "tests")
    uploaded = await agency.upload(f"{PATH}/releases")
    working = asyncio.create_task(agency.work())
    await _ended(agency, "job", "released")
    asked = agency.send(agency.publisher, "GET", uploaded.headers["location"])
    told, served = await held.told_and_served(asked, service.http)
    assert told == served == 2
    await working


async def test_its_own_submitter_and_a_publisher_may_not_approve_it(agency: Agency) -> None:
    made = await agency.in_review()
    refused = await agency.send(agency.publisher, "POST", f"/api/v1/submissions/{made}/approve")
    assert (refused.status_code, refused.json()["details"]["reason"]) == (403, "own_submission")


async def test_a_reviewer_sends_back_with_a_reason(agency: Agency) -> None:
    made = await agency.in_review()
    path = f"/api/v1/submissions/{made}/send-back"
    assert (await agency.send(agency.reviewer, "POST", path, json={})).status_code == 400
    back = await agency.send(agency.reviewer, "POST", path, json={"reason": "ردیف افغانستان درست نیست."})
    assert (back.json()["state"], back.json()["reason"]) == ("sent_back", "ردیف افغانستان درست نیست.")
    listed = await agency.send(agency.publisher, "GET", "/api/v1/submissions?state=sent_back")
    assert [one["id"] for one in listed.json()["submissions"]] == [made]


async def test_a_draft_is_submitted_and_withdrawn(agency: Agency) -> None:
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    made = (await agency.upload(f"{PATH}/submissions?draft=true&embargoUntil={day}T08:00:00%2B03:30")).json()
    assert (made["state"], made["embargoUntil"]) == ("draft", f"{day}T04:30:00+00:00")
    one = f"/api/v1/submissions/{made['id']}"
    submitted = await agency.send(agency.publisher, "POST", f"{one}/submit")
    assert submitted.json()["state"] == "validating"
    gone = await agency.send(agency.publisher, "POST", f"{one}/withdraw", json={"reason": "too early"})
    assert gone.json()["state"] == "withdrawn"
    again = await agency.send(agency.publisher, "POST", f"{one}/submit")
    assert (again.status_code, again.json()["details"]["state"]) == (409, "withdrawn")


async def test_the_page_for_paper_is_html_without_scripts(agency: Agency) -> None:
    made = await agency.in_review()
    page = await agency.send(agency.reviewer, "GET", f"/api/v1/submissions/{made}/page")
    assert (
        page.headers["content-type"].startswith("text/html")
        and "default-src 'none'" in page.headers["content-security-policy"]
    )
    assert made in page.text and "Afghanistan" not in page.text


async def test_applications_that_a_break_would_hurt_are_named_to_the_agency(agency: Agency, service: Service) -> None:
    await set_review(agency.connections, "geo", Review.NONE, "tests")
    key = await service.data_key()
    await service.ask(key, '{ geo { country(by: {code: "IR"}) { name population } } }')
    await eventually_noted(agency.connections)
    await set_review(agency.connections, "geo", Review.REQUIRED, "tests")
    broken = COUNTRIES.replace('version: "1.0.0"', 'version: "2.0.0"')
    broken = "\n".join(line for line in broken.splitlines() if "name: population" not in line)
    await declare(agency.connections, broken)
    made = (await agency.upload(content=b"code,name\nIR,Iran\n")).json()["id"]
    await agency.work()
    seen = (await agency.send(agency.reviewer, "GET", f"/api/v1/submissions/{made}")).json()
    assert seen["review"]["contract"]["touchedFields"] == ["population"]
    assert [(one["organisation"], one["fields"]) for one in seen["wouldHurt"]] == [("A startup", ["population"])]


async def eventually_noted(connections: Connections) -> None:
    """Until the usage of what was asked is written down."""
    async with asyncio.timeout(60):
        while True:
            async with connections.use() as connection:
                if await connection.fetchval("select exists (select from gsb.usage_fact where dataset_id <> 0)"):
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("query", "reason"), [("?embargoUntil=tomorrow", "embargo"), ("?asOf=x", "as_of"), ("?notesFa=x", "notes")]
)
async def test_what_cannot_be_understood_is_refused_before_the_file_is_read(
    agency: Agency, query: str, reason: str
) -> None:
    refused = await agency.upload(f"{PATH}/submissions{query}")
    assert (refused.status_code, refused.json()["details"]["reason"]) == (400, reason)


async def test_a_data_key_and_another_agency_see_no_submission(agency: Agency, service: Service) -> None:
    made = await agency.in_review()
    path = f"/api/v1/submissions/{made}"
    assert (await agency.send(await service.data_key(), "GET", path)).status_code == 403
    assert (await agency.send(await service.agency_key("air"), "GET", path)).status_code == 404
    refused = await agency.send(
        await service.agency_key("air"),
        "POST",
        f"{PATH}/submissions",
        content=ROWS,
        headers={"content-type": "text/csv", "idempotency-key": "x"},
    )
    assert (refused.status_code, refused.json()["details"]["reason"]) == (403, "other_agency")


async def test_a_dataset_is_deprecated_and_withdrawn_by_its_agency(agency: Agency, service: Service) -> None:
    why = {"reason": {"fa": "جایگزین دارد", "en": "It is replaced"}}
    body = why | {"sunsetOn": "2099-03-20", "successor": "air/airports"}
    done = await agency.send(agency.reviewer, "POST", f"{PATH}/deprecate", json=body)
    assert (done.status_code, done.json()["state"]) == (200, "deprecated")
    await service.caught_up()
    page = await service.http.get(PATH)
    assert page.json()["deprecation"]["successor"] == "air/airports"
    assert page.headers["sunset"] == "Fri, 20 Mar 2099 23:59:59 GMT" and page.headers["deprecation"].startswith("@")
    told = "{ datasets { id state deprecation { sunsetOn successor reason { en } } tombstone { by } } }"
    listed = (await service.ask(await service.data_key(), told)).json()["data"]["datasets"]
    assert {
        "id": "geo/countries",
        "state": "deprecated",
        "deprecation": {"sunsetOn": "2099-03-20", "successor": "air/airports", "reason": {"en": "It is replaced"}},
        "tombstone": None,
    } in listed
    sdl = (await service.http.get("/schema.graphql?datasets=geo/countries")).text
    assert '@deprecated(reason: "Answered until 2099-03-20: It is replaced. Use air/airports instead.")' in sdl
    withdrawn = await agency.send(agency.publisher, "POST", f"{PATH}/withdraw", json=why | {"legalGround": "IR-FOI-14"})
    assert withdrawn.status_code == 200
    await service.caught_up()
    left = (await service.http.get(PATH)).json()
    assert (left["release"], left["releases"]) == (None, [])
    stone = left["tombstone"]
    assert (stone["by"], stone["legalGround"], stone["reason"]) == ("agency", "IR-FOI-14", why["reason"])


NOTES = {"notesFa": "جمعیت سال ۱۴۰۵", "notesEn": "Population of 2026 <b>"}


async def test_the_notes_of_a_release_are_reviewed_with_it_and_told_wherever_it_is_named(
    agency: Agency, service: Service
) -> None:
    wished = {"fa": NOTES["notesFa"], "en": NOTES["notesEn"]}
    uploaded = await agency.upload(f"{PATH}/releases?{urlencode(NOTES)}")
    await agency.work()
    one = f"/api/v1/submissions/{uploaded.json()['submission']}"
    assert (await agency.send(agency.reviewer, "GET", one)).json()["notes"] == wished
    page = (await agency.send(agency.reviewer, "GET", f"{one}/page")).text
    assert NOTES["notesFa"] in page and "2026 &lt;b&gt;" in page
    await agency.send(agency.reviewer, "POST", f"{one}/approve")
    await agency.work()
    await service.caught_up()
    described = (await service.http.get(PATH)).json()
    assert [release["notes"] for release in described["releases"]] == [wished, None]
    assert [release["seq"] for release in described["releases"]] == [2, 1]
    catalogue = (await service.http.get("/catalog.json")).json()["agencies"]
    assert wished in [one["notes"] for each in catalogue for one in each["datasets"]]
    harvested = (await service.http.get("/catalog.jsonld")).json()["dcat:dataset"]
    assert [one["adms:versionNotes"] for one in harvested if "adms:versionNotes" in one] == [
        [{"@language": language, "@value": text} for language, text in wished.items()]
    ]
    shown = (await service.http.get("/datasets/geo/countries")).text
    assert NOTES["notesFa"] in shown and "Population of 2026 &lt;b&gt;" in shown
    query = '{ dataset(id: "geo/countries") { releases { notes { fa en } } } }'
    told = (await service.ask(await service.data_key(), query)).json()["data"]["dataset"]
    assert told["releases"] == [{"notes": wished}, {"notes": None}]
    async with service.connections.use() as connection:
        heard = await connection.fetchval(
            "select payload->'notes' from gsb.outbox where kind = 'release.published' order by id desc limit 1"
        )
    assert json.loads(heard) == wished


async def test_the_same_key_with_other_notes_is_another_wish(agency: Agency) -> None:
    assert (await agency.upload()).status_code == 202
    refused = await agency.upload(f"{PATH}/submissions?{urlencode(NOTES)}")
    assert (refused.status_code, refused.json()["details"]["reason"]) == (409, "idempotency_key")
