"""A release that was recalled is served to no request sent after the call returned: on no worker, by no way."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
import pytest

from publicgsb.apikeys.model import Actor
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.audit import Filters, entries
from publicgsb.platform.server.recalling import tell_readers
from publicgsb.platform.server.settings import Settings
from publicgsb.schema.serving.execute import Runner
from tests.app import Service
from tests.journeys.load import Line, kept_up, keys_of, lines, until
from tests.journeys.watch import TIMES, WORKERS, serving
from tests.processes import Server
from tests.schema.worlds import found, release

REASON = {"reason": {"fa": "دادهٔ شخصی در آن بود", "en": "Personal data was in it"}}
LOOK_UP = '{ geo { country(by: {code: "IR"}) { name } } }'
NAMED = '{ geo { country(by: {code: "IR"}, release: %d) { name } } }'
LIST = "{ geo { countries(first: 2) { nodes { code name } pageInfo { endCursor } } } }"
SECRET = "secret"
FILES_EVERY_SECONDS = 0.25  # files without a key are guarded per address
RECALLS = int(os.environ.get("RECALLS", "100"))


@pytest.fixture
async def server(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Server]:
    async with serving(found, settings, connections, state_dir) as server:
        yield server


async def release_name(connections: Connections, state_dir: Path, name: str) -> int:
    """The number of a new release of geo/countries in which Iran is called so."""
    outcome = await release(connections, state_dir, "geo/countries", f"code,name,population\nIR,{name},1\nTR,T,2\n")
    assert outcome.release is not None
    return outcome.release.seq


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: whether anything of the recalled release was in it."""

    worker: str
    way: str
    began: float
    status: int
    is_secret: bool


@dataclass
class Ways:
    """Asks for a release in three ways without a pause: as the current one, by its number, and for its file."""

    key: str
    seq: int = 0
    seen: list[Seen] = field(default_factory=list)
    filed: dict[str, float] = field(default_factory=dict)

    async def step(self, line: Line) -> None:
        for way, document in (("current", LOOK_UP), ("named", NAMED % self.seq)):
            asked = await line.ask(self.key, document)
            self._note(line, way, asked.began, asked.status, str(asked.body))
        if time.monotonic() - self.filed.get(line.worker, 0.0) >= FILES_EVERY_SECONDS:
            self.filed[line.worker] = began = time.monotonic()
            answer = await line.http.get(f"/files/geo/countries/{self.seq}.csv")
            self._note(line, "file", began, answer.status_code, answer.text)

    def _note(self, line: Line, way: str, began: float, status: int, text: str) -> None:
        self.seen.append(Seen(line.worker, way, began, status, SECRET in text))

    def workers(self, *, secret: bool, after: float = 0.0) -> int:
        """How many workers gave such an answer to the plain question TIMES times at least."""
        got = [
            one.worker for one in self.seen if one.way == "current" and one.is_secret is secret and one.began > after
        ]
        return sum(got.count(worker) >= TIMES for worker in set(got))

    def filed_everywhere(self, status: int, after: float = 0.0) -> bool:
        got = {one.worker for one in self.seen if one.way == "file" and one.status == status and one.began > after}
        return len(got) == WORKERS


async def recalled_under_load(
    server: Server, settings: Settings, connections: Connections, state_dir: Path, times: int
) -> list[float]:
    """How long each recall took, in milliseconds; none of them was followed by an answer out of what it recalled."""
    keys, took = keys_of(settings, connections), list[float]()
    ways = Ways((await keys.register("A startup", "a@example.org", "Trying it")).key.secret)
    agency_key = await keys.create_agency_key(1, "A person", "p@example.org", Actor("tests", None))
    async with connections.use() as connection:
        agency = await connection.fetchval("select slug from gsb.agency where id = 1")
    assert agency == "geo"
    as_agency = {"authorization": f"Bearer {agency_key.secret}"}
    ways.seq = 1
    async with (
        lines(server.url, workers=WORKERS, each=2) as to_all,
        httpx2.AsyncClient(base_url=server.url, headers=as_agency, timeout=60) as http,
        kept_up(to_all, ways.step),
    ):
        for number in range(times):
            ways.seen.clear()
            ways.seq = await release_name(connections, state_dir, f"{SECRET} {number}")
            took.append(await recalled_once(ways, http))
    return took


async def recalled_once(ways: Ways, http: httpx2.AsyncClient) -> float:
    await until(lambda: ways.workers(secret=True) == WORKERS and ways.filed_everywhere(200))
    began = time.monotonic()
    told = await http.post(f"/api/v1/agencies/geo/datasets/countries/releases/{ways.seq}/recall", json=REASON)
    gone = time.monotonic()
    assert (told.status_code, told.json()["effective"]) == (200, "everywhere"), told.text
    await until(lambda: ways.workers(secret=False, after=gone) == WORKERS and ways.filed_everywhere(410, after=gone))
    late = [one for one in ways.seen if one.began > gone]
    assert not [one for one in late if one.is_secret]
    assert {one.status for one in late if one.way == "file"} == {410}
    assert {one.status for one in ways.seen if one.way != "file"} <= {200, 503}
    return (gone - began) * 1000


async def test_after_everywhere_no_worker_serves_a_recalled_release(
    server: Server,
    settings: Settings,
    connections: Connections,
    state_dir: Path,
    record_property: Callable[[str, object], None],
) -> None:
    took = await recalled_under_load(server, settings, connections, state_dir, 3)
    record_property("recall_ms", [round(one, 1) for one in took])


@pytest.mark.prove
async def test_no_recall_of_many_is_followed_by_an_answer_out_of_it(
    server: Server,
    settings: Settings,
    connections: Connections,
    state_dir: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """RECALLS=1000 for more."""
    took = await recalled_under_load(server, settings, connections, state_dir, RECALLS)
    record_property("recalls", len(took))
    record_property("recall_ms_median", round(median(took), 1))
    record_property("recall_ms_max", round(max(took), 1))
    print(f"{len(took)} recalls: median {median(took):.1f} ms, longest {max(took):.1f} ms, 0 served after")


@dataclass
class Recalling:
    """A service with two releases of geo/countries, of which the second is recalled over HTTP."""

    service: Service
    key: str
    agency_key: str

    async def recall(self, seq: int = 2) -> httpx2.Response:
        done = await self.service.http.post(
            f"/api/v1/agencies/geo/datasets/countries/releases/{seq}/recall",
            headers={"authorization": f"Bearer {self.agency_key}"},
            json=REASON,
        )
        await self.service.caught_up()
        return done

    async def ask(self, document: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.service.ask(self.key, document)).json()
        return answer

    async def code_of(self, document: str) -> str:
        answer = await self.ask(document)
        assert SECRET not in str(answer)
        code: str = answer["errors"][0]["extensions"]["code"]
        return code


@pytest.fixture
async def recalling(service: Service, key: str, connections: Connections, state_dir: Path) -> Recalling:
    assert await release_name(connections, state_dir, f"{SECRET} 2") == 2
    await service.caught_up()
    return Recalling(service, key, await service.agency_key("geo"))


async def test_a_recall_over_http_tells_what_is_current_and_what_it_cannot_reach(recalling: Recalling) -> None:
    await recalling.ask(LOOK_UP)
    done = await recalling.recall()
    told = done.json()
    assert (done.status_code, told["current"], told["effective"], told["tableDropped"]) == (200, 1, "everywhere", True)
    assert set(told["cannotBeRecalled"]) == {"organisations", "applications", "requests", "bytes", "anonymousBytes"}
    assert (await recalling.ask(LOOK_UP))["data"]["geo"]["country"] == {"name": "ایران"}


async def test_neither_a_number_nor_a_cursor_nor_a_change_feed_reads_it(recalling: Recalling) -> None:
    cursor = (await recalling.ask(LIST))["data"]["geo"]["countries"]["pageInfo"]["endCursor"]
    await recalling.recall()
    assert await recalling.code_of(NAMED % 2) == "RELEASE_RECALLED"
    assert await recalling.code_of(LIST.replace("first: 2", f'first: 2, after: "{cursor}"')) == "RELEASE_RECALLED"
    since = "{ geo { countriesChanges(since: 2, first: 5) { nodes { change } } } }"
    assert await recalling.code_of(since) == "RELEASE_RECALLED"


async def test_no_file_of_it_is_served_nor_said_to_be_unchanged(recalling: Recalling) -> None:
    http = recalling.service.http
    path = "/files/geo/countries/2.csv"
    tag = (await http.get(path)).headers["etag"]
    await recalling.recall()
    for headers in ({}, {"if-none-match": tag}):
        answer = await http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (410, "RELEASE_RECALLED")
    assert SECRET not in (await http.get("/files/geo/countries/latest.csv")).text


async def test_a_kept_answer_of_it_is_not_said_to_be_unchanged(recalling: Recalling) -> None:
    http, headers = recalling.service.http, {"authorization": f"Bearer {recalling.key}"}
    first = await http.get("/graphql", params={"query": LOOK_UP}, headers=headers)
    assert SECRET in first.text
    await recalling.recall()
    again = await http.get(
        "/graphql", params={"query": LOOK_UP}, headers={**headers, "if-none-match": first.headers["etag"]}
    )
    assert again.status_code == 200 and SECRET not in again.text


async def test_a_dataset_that_has_none_left_says_that_it_was_recalled(recalling: Recalling) -> None:
    await recalling.recall(2)
    assert (await recalling.recall(1)).json()["current"] is None
    assert await recalling.code_of(LOOK_UP) == "RELEASE_RECALLED"
    latest = await recalling.service.http.get("/files/geo/countries/latest.csv")
    assert (latest.status_code, latest.json()["code"]) == (410, "RELEASE_RECALLED")


@pytest.mark.parametrize("document", [LOOK_UP, LIST])
async def test_a_request_that_comes_too_late_is_told_to_ask_again(
    recalling: Recalling, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    """It was bound before the recall, and its statement runs after the table was dropped."""
    run, is_first = Runner.run, True

    async def late(runner: Runner, *arguments: Any) -> Any:
        nonlocal is_first
        if is_first:
            is_first = False
            await recalling.recall()
        return await run(runner, *arguments)

    monkeypatch.setattr(Runner, "run", late)
    answer = await recalling.service.ask(recalling.key, document)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["details"]) == (503, {"reason": "recalled"})
    assert "errors" not in await recalling.ask(document)


async def test_another_agency_recalls_nothing(recalling: Recalling) -> None:
    recalling.agency_key = await recalling.service.agency_key("air")
    refused = await recalling.recall()
    assert (refused.status_code, refused.json()["details"]) == (403, {"reason": "other_agency"})
    assert await recalling.ask(LOOK_UP) != {}


async def test_whoever_read_it_is_told_once(recalling: Recalling, connections: Connections) -> None:
    await recalling.ask(LOOK_UP)
    await recalling.recall()
    async with asyncio.timeout(60):
        while await tell_readers(connections) == 0:  # its fact is written down within moments
            await asyncio.sleep(0.05)
    assert await tell_readers(connections) == 0
    async with connections.use() as connection:
        rows = await connection.fetch("select payload, organisation_id from gsb.outbox where kind = 'copy.recalled'")
    assert len(rows) == 1 and rows[0]["organisation_id"] is not None
    (entry,) = await entries(connections, Filters(action="release.recall_told"))
    assert (entry.actor, entry.after["organisations"]) == ("system:recall", 1)
