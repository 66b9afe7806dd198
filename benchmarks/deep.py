"""A dataset of 1,200,000 records: pages far down it, and a walk of all of it while releases land."""

import asyncio
import http.client
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.effort import Effort
from benchmarks.place import Place
from benchmarks.planner import Planner
from benchmarks.queries import planner_of
from benchmarks.results import Result
from benchmarks.rounds import WrongAnswerError
from publicgsb.datasets import registry_store
from publicgsb.datasets.agencies.service import add_agency, add_dataset
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.releases import store, table
from publicgsb.datasets.releases.identifiers import released, table_name
from publicgsb.datasets.releases.service import release_file
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.server.demo.sources import Say

ROWS, DEPTH = 1_200_000, 1_000_000
PAGE = 1_000
_NEAR = 1_000  # the pages begin after any of so many records
_PATIENCE_SECONDS = 30
_DOCUMENT = {
    "agency": "deep", "dataset": "marks", "version": "1.0.0", "recordName": "Mark",
    "title": {"fa": "نشان‌ها", "en": "Marks"}, "description": {"fa": "ساخته برای سنجش.", "en": "Made for the bench."},
    "access": "open", "licence": "CC0-1.0", "attribution": "Made by the bench",
    "source": {"name": "Made by the bench", "year": 2026}, "theme": "science", "cadence": "irregular",
    "contact": "bench@publicgsb.example", "primaryKey": ["code"], "orderings": ["city"],
    "fields": [
        {"name": "code", "type": "string", "label": {"fa": "کد", "en": "Code"}, "filters": ["eq", "in"],
         "constraints": {"required": True}},
        {"name": "city", "type": "string", "label": {"fa": "شهر", "en": "City"}, "filters": ["eq"]},
        {"name": "count", "type": "integer", "label": {"fa": "شمار", "en": "Count"}},
        {"name": "amount", "type": "number", "label": {"fa": "مقدار", "en": "Amount"}},
    ],
}  # fmt: skip
_WALK = f"""query ($after: String) {{ deep {{ marks(first: {PAGE}, after: $after) {{
  nodes {{ code }} pageInfo {{ endCursor }} }} }} }}"""
_FIRST = "{ deep { marks(first: 1) { pageInfo { endCursor } } } }"
_EDGES = f"query ($after: String) {{ deep {{ marks(first: {_NEAR}, after: $after) {{ edges {{ cursor }} }} }} }}"
_PAGE = """query ($after: String) { deep { marks(first: 100, after: $after) {
  nodes { code city count amount } pageInfo { hasNextPage endCursor } } } }"""
_INSERT = """
insert into gsb.release (dataset_id, contract_id, seq, table_name, columns, row_count, sha256, actor, report)
values ($1::bigint, $2::bigint, 1, $3::text, $4::text[], $5::bigint, md5($3::text), 'bench', '{}')
returning id
"""


@dataclass(slots=True)
class Walk:
    """What a walk from the first page to the last saw."""

    codes: list[str]
    pages: int = 0
    cursor_at_depth: str = ""


async def fill(connections: Connections, rows: int) -> None:
    """The dataset's first release, made inside the database as the pipeline would leave it."""
    contract = parse(_DOCUMENT)
    await add_agency(connections, contract.agency, Label("ژرفا", "Deep"), "bench")
    await add_dataset(connections, contract, "bench")
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        await _first_release(connection, contract, rows)


async def _first_release(connection: Connection, contract: Contract, rows: int) -> None:
    target = await store.target(connection, contract.agency, contract.dataset)
    name = table_name(contract.agency, contract.dataset, 1)
    await connection.execute(table.create_table(contract, name))
    await connection.execute(
        f"insert into {released(name)} select lpad(n::text, 7, '0'), 'City ' || n % 1000, n % 997, n / 8.0, n "
        f"from generate_series(0, {rows - 1}) as n"
    )
    await connection.execute(table.row_index(name))
    await connection.execute(table.key_index(name, contract.primary_key))
    await connection.execute(f"analyze {released(name)}")
    columns = [field.name for field in contract.released_fields]
    release_id = await connection.fetchval(_INSERT, target.dataset_id, target.contract_id, name, columns, rows)
    version = await registry_store.next_version(connection, schema_changed=True)
    await store.set_current(connection, target.dataset_id, version, release_id)
    await registry_store.announce_version(connection, version)


async def land_releases(connections: Connections, folder: Path, until: Callable[[], bool]) -> int:
    """Small releases of the dataset, one after the other; how many there were."""
    file = folder / "marks.csv"
    landed = 0
    while not until():
        landed += 1
        rows = "".join(f"{number:07},Later,{landed},0.5\n" for number in range(10))
        file.write_text("code,city,count,amount\n" + rows, encoding="utf-8")
        outcome = await release_file(connections, folder, "deep", "marks", file, "bench")
        if outcome.release is None:
            raise WrongAnswerError(outcome.report.as_table())
    return landed


async def walk(ask: Callable[[str, dict[str, Any]], Awaitable[Any]], depth: int, begun: asyncio.Event) -> Walk:
    """All pages by their cursors; `ask` gives the answer's data. `begun` is set once the first page is there."""
    seen = Walk([])
    after: str | None = None
    while True:
        page = (await ask(_WALK, {"after": after}))["deep"]["marks"]
        seen.codes += [node["code"] for node in page["nodes"]]
        seen.pages += 1
        begun.set()
        after = page["pageInfo"]["endCursor"]
        if len(seen.codes) == depth and after:
            seen.cursor_at_depth = after
        if len(page["nodes"]) < PAGE:
            return seen


def flaws(codes: list[str], rows: int) -> int:
    """Records that are missing and records that came twice."""
    expected = {f"{number:07}" for number in range(rows)}
    return len(expected ^ set(codes)) + len(codes) - len(set(codes))


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    # Not a multiple of the page: the last page is a short one.
    rows, depth = effort.of(ROWS, 12_000) - 1, effort.of(DEPTH, 10_000)
    await fill(place.connections, rows)
    planner = await planner_of(place)
    with servers.ours(place) as port:
        http_ = Client(port, place.key)
        begun = asyncio.Event()
        began = time.perf_counter()
        walking = asyncio.create_task(walk(http_.ask, depth, begun))
        await begun.wait()
        landed = await land_releases(place.connections, place.settings.state_dir, walking.done)
        seen = await walking
        seconds = time.perf_counter() - began
    wrong = flaws(seen.codes, rows)
    say(f"walked {len(seen.codes):,} records in {seconds:.1f} s, {landed} releases: {wrong} missing or twice")
    near, far = await _compare(place, planner, seen.cursor_at_depth, effort.of(2_000, 100))
    say(f"a page at the beginning {near * 1000:.2f} ms, after {depth:,} records {far * 1000:.2f} ms")
    values = {"deep": far / near, "walked": float(wrong)}
    return Result(values, _section(seen, rows, depth, landed, seconds, (near, far)))


class Client:
    """One connection to our server."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}

    async def ask(self, document: str, variables: dict[str, Any]) -> Any:
        answer = await asyncio.to_thread(self._ask, json.dumps({"query": document, "variables": variables}))
        if "errors" in answer:
            raise WrongAnswerError(f"the walk was answered {answer['errors']}")
        return answer["data"]

    def _ask(self, body: str) -> Any:
        self._connection.request("POST", "/graphql", body, self._headers)
        return json.loads(self._connection.getresponse().read())


async def _compare(place: Place, planner: Planner, cursor: str, times: int) -> tuple[float, float]:
    """Median seconds of a page of 100 near the beginning and far down, in turns, by the statement on a held line.

    Not over HTTP: an answer that was given before may come from memory there.
    """
    chance = random.Random(1)
    async with place.connections.use() as connection:
        first = (await _data(planner, connection, _FIRST))["pageInfo"]["endCursor"]
        pages = [await _data(planner, connection, _EDGES, after) for after in (first, cursor)]
        near, far = ([edge["cursor"] for edge in page["edges"]] for page in pages)
        seconds: tuple[list[float], list[float]] = ([], [])
        for _ in range(times):
            for cursors, found in zip((near, far), seconds, strict=True):
                question = planner.question(_PAGE, {"after": chance.choice(cursors)})
                began = time.perf_counter()
                await question.answer(connection)
                found.append(time.perf_counter() - began)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


async def _data(planner: Planner, connection: Connection, document: str, after: str | None = None) -> Any:
    question = planner.question(document, {"after": after} if after else {})
    return json.loads(await question.answer(connection))["deep"]["marks"]


def _section(seen: Walk, rows: int, depth: int, landed: int, seconds: float, pages: tuple[float, float]) -> str:
    near, far = pages
    return f"""## Deep

A dataset of {rows:,} records. Its pages of {PAGE:,} were walked to the end over HTTP by their cursors while {landed}
newer releases of it landed; each record of the release that the walk began with must come exactly once. The time of a
page of 100 is that of its statement on a held connection, median of pages after random records.

| what | figure |
|---|---|
| records walked, in pages | {len(seen.codes):,} in {seen.pages:,} |
| records per second | {len(seen.codes) / seconds:,.0f} |
| page of 100 at the beginning | {near * 1000:.2f} ms |
| page of 100 after {depth:,} records | {far * 1000:.2f} ms |
"""
