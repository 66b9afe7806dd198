"""An agency's person hands in a file over HTTP, and the jobs process takes it through checks, gate and release."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb.apikeys.model import Actor
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service
from tests.journeys.load import keys_of
from tests.processes import jobs, served, settings_env
from tests.schema.worlds import COUNTRY_ROWS, found

RELEASES = "/api/v1/agencies/geo/datasets/countries/releases"
MORE_ROWS = COUNTRY_ROWS + "".join(f"C{number},Land {number},{number}\n" for number in range(5_000))
JOB_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Publisher:
    """A person of the agency `geo`, at a running service."""

    http: httpx2.AsyncClient

    async def hand_in(self, rows: str, idempotency_key: str) -> httpx2.Response:
        headers = {"content-type": "text/csv", "idempotency-key": idempotency_key}
        return await self.http.post(RELEASES, content=rows.encode(), headers=headers)

    async def outcome(self, handed_in: httpx2.Response) -> dict[str, Any]:
        """The job once it has ended."""
        assert handed_in.status_code == 202, handed_in.text
        deadline = time.monotonic() + JOB_SECONDS
        while (job := (await self.http.get(handed_in.headers["location"])).json())["state"] in {"queued", "running"}:
            assert time.monotonic() < deadline, job
            await asyncio.sleep(0.02)
        return dict(job)

    async def current(self) -> tuple[int, str]:
        """The number and the text of the current release, as anybody reads it."""
        answer = await asyncio.to_thread(httpx2.get, f"{self.http.base_url}/files/geo/countries/latest.csv")
        return int(answer.headers["gsb-release"]), answer.text


@pytest.fixture
async def publisher(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Publisher]:
    await found(connections, state_dir)
    agency_id = next(one.id for one in await list_agencies(connections) if one.slug == "geo")
    keys = keys_of(settings, connections)
    issued = await keys.create_agency_key(agency_id, "A person", "p@example.org", Actor("tests", None))
    headers = {"authorization": f"Bearer {issued.secret}"}
    env = settings_env(settings)
    with served(env) as server, jobs(env):
        async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=30) as http:
            yield Publisher(http)


async def test_a_file_becomes_the_release_and_handing_it_in_again_changes_nothing(publisher: Publisher) -> None:
    first = await publisher.hand_in(MORE_ROWS, "once")
    job = await publisher.outcome(first)
    assert (job["state"], job["stage"], job["release"]) == ("released", "done", 2)
    size = len(MORE_ROWS.encode())
    assert job["progress"] == {"rows": 5_003, "bytes": size, "bytesTotal": size}
    assert job["report"]["errors"] == []
    assert job["finishedAt"] is not None
    again = await publisher.hand_in(MORE_ROWS, "once")
    assert (again.status_code, again.json()["id"]) == (200, job["id"])
    other = await publisher.hand_in(COUNTRY_ROWS, "once")
    assert (other.status_code, other.json()["code"]) == (409, "CONFLICT")
    seq, text = await publisher.current()
    assert (seq, text.count("\n")) == (2, 5_004)


async def test_a_file_with_errors_changes_nothing_and_its_report_says_where(publisher: Publisher) -> None:
    before = await publisher.current()
    wrong = MORE_ROWS + "C1,Again,1\nQQ,,many\n"
    job = await publisher.outcome(await publisher.hand_in(wrong, "wrong"))
    assert (job["state"], job["release"]) == ("refused", None)
    told = {(error["row"], error["field"]) for error in job["report"]["errors"]}
    assert {(5_005, "name"), (5_005, "population")} <= told
    assert "many" not in str(job)
    assert await publisher.current() == before


async def test_planted_national_ids_are_blocked_and_never_shown(publisher: Publisher) -> None:
    before = await publisher.current()
    ids = [national_id(100_000_000 + 7_919 * number) for number in range(500)]
    rows = "code,name,population\n" + "".join(f"C{at},{one},\n" for at, one in enumerate(ids))
    job = await publisher.outcome(await publisher.hand_in(rows, "ids"))
    assert job["state"] == "refused"
    blocked = [finding for finding in job["report"]["findings"] if finding["verdict"] == "block"]
    assert [(finding["field"], finding["kind"]) for finding in blocked] == [("name", "national-id")]
    assert blocked[0]["legalBasis"]
    assert not any(one in str(job) for one in ids)
    assert await publisher.current() == before


def national_id(body: int) -> str:
    """Nine digits and the check digit of the published rule."""
    rest = sum(int(digit) * weight for digit, weight in zip(str(body), range(10, 1, -1), strict=True)) % 11
    return f"{body}{rest if rest < 2 else 11 - rest}"


async def test_another_agency_s_key_and_a_startup_s_key_hand_nothing_in(service: Service, key: str) -> None:
    for wrong, reason in ((await service.agency_key("air"), "other_agency"), (key, "data_key")):
        headers = {"authorization": f"Bearer {wrong}", "content-type": "text/csv", "idempotency-key": "x"}
        answer = await service.http.post(RELEASES, content=b"code,name,population\n", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_PERMITTED")
        assert answer.json()["details"]["reason"] == reason
    async with service.connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.job") == 0
