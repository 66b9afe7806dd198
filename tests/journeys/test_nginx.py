"""Four `gsb serve` processes behind nginx, as an operator would run them on one machine: one account, one sum."""

import asyncio
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import httpx2
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas.model import Policy
from tests.debian import program
from tests.journeys.load import keys_of, limited
from tests.journeys.tables import table_of
from tests.ports import free_port
from tests.processes import served, settings_env
from tests.schema.worlds import found

pytestmark = pytest.mark.prove

PROCESSES = 4
CLIENTS = 32
MONTH, BURST, SLOTS, PLENTY = 3_000, 300, 3, 1_000_000_000
WINDOW_SECONDS, WINDOWS = 10.0, 3
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 180.0
LOOKS = 100
LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city } } }'
PAGE = "query Page($n: Int) { air { airports(first: $n) { nodes { icao } } } }"

NGINX = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream gsb {{
    {servers}
    keepalive 64;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://gsb;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""


WAITING = "select count(*)::int8 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: the policy that refused it ("" for data), its price, when it was asked and when it was here."""

    refused_by: str
    points: int
    began: float
    ended: float


Behind: TypeAlias = Callable[[Callable[[Policy], int]], AbstractAsyncContextManager[tuple[httpx2.AsyncClient, str]]]


def most_within(seconds: float, told: Sequence[Told]) -> int:
    """The most points of answers that were asked for and here within so many seconds; tried from every beginning."""
    return max(
        sum(one.points for one in told if first.began <= one.began and one.ended <= first.began + seconds)
        for first in told
    )


@contextmanager
def nginx(folder: Path, upstreams: list[str]) -> Iterator[str]:
    """In turns to each; gives its address."""
    folder.mkdir()
    folder.chmod(0o755)
    port = free_port()
    servers = " ".join(f"server {url.removeprefix('http://')};" for url in upstreams)
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, servers=servers, port=port))
    process = subprocess.Popen([program("nginx", "nginx-light"), "-c", str(file), "-p", str(folder)])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
async def behind(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Behind]:
    """`async with behind(rule) as (http, key)`: the limits of the plan by the rule, and a client of the proxy."""
    await found(connections, state_dir)

    @asynccontextmanager
    async def begin(rule: Callable[[Policy], int]) -> AsyncIterator[tuple[httpx2.AsyncClient, str]]:
        await limited(connections, rule)
        registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
        environment = settings_env(settings, kept_answers_bytes="0")
        with ExitStack() as stack:
            processes = [stack.enter_context(served(environment)) for _ in range(PROCESSES)]
            url = stack.enter_context(nginx(state_dir / "nginx", [one.url for one in processes]))
            limits = httpx2.Limits(max_connections=CLIENTS)
            async with httpx2.AsyncClient(base_url=url, timeout=30, limits=limits) as http:
                await _until_it_answers(http)
                yield http, registered.key.secret

    yield begin


async def test_a_month_is_used_up_to_the_unit_behind_a_proxy(
    behind: Behind, connections: Connections, record_property: Callable[[str, object], None]
) -> None:
    async with behind(lambda one: MONTH if one.name == "month" else PLENTY) as (http, key):
        told = await asyncio.gather(*(_ask_until_the_end(http, key) for _ in range(CLIENTS)))
    codes = Counter(one.refused_by for each in told for one in each)
    points = sum(one.points for each in told for one in each)
    record_property("answers", codes[""])
    record_property("points", points)
    assert set(codes) == {"", "month"}
    assert points == MONTH
    async with connections.use() as connection:
        used = await connection.fetchval("select used from gsb.quota_account where policy = 'month'")
        noted = await connection.fetchval("select sum(points)::int from gsb.usage_fact where dataset_id = 0")
        workers = await connection.fetchval("select count(distinct worker_boot) from gsb.usage_fact")
    assert (used, noted, workers) == (MONTH, MONTH, PROCESSES)


async def test_a_strict_window_holds_behind_a_proxy_wherever_it_begins(
    behind: Behind, record_property: Callable[[str, object], None]
) -> None:
    """By the client's clock: what was asked and answered within ten seconds was admitted within them."""
    async with behind(lambda one: BURST if one.name == "burst" else PLENTY) as (http, key):
        ends, told = time.monotonic() + WINDOWS * WINDOW_SECONDS, list[Told]()

        def is_over() -> bool:
            """A slow machine asks for as long as it takes to spend what the windows give."""
            return time.monotonic() > ends and sum(one.points for one in told) > (WINDOWS - 1) * BURST

        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(_ask_until(http, key, told, is_over))
    admitted = [one for one in told if not one.refused_by]
    assert {one.refused_by for one in told} == {"", "burst"}
    record_property("window_points", sum(one.points for one in admitted))
    record_property("most_in_any_window", most_within(WINDOW_SECONDS, admitted))
    assert most_within(WINDOW_SECONDS, admitted) <= BURST


def test_the_most_within_a_window_is_found_wherever_it_begins() -> None:
    told = [Told("", points, began, began + 0.5) for points, began in ((3, 0.0), (4, 9.6), (5, 9.9), (2, 19.5))]
    assert (
        most_within(10.0, told) == 9
    )  # from 0.6 to 10.4 are four and five; the three began before, the two ended late
    assert most_within(20.0, told) == 14


async def test_no_more_requests_run_at_once_than_the_account_has_slots_behind_a_proxy(
    behind: Behind, connections: Connections, record_property: Callable[[str, object], None]
) -> None:
    """Seen in the database, where what was admitted waits for a table that somebody has locked."""
    refusals: Counter[str] = Counter()
    seen: list[int] = []
    async with behind(lambda one: SLOTS if one.name == "concurrency" else PLENTY) as (http, key):

        async def again(n: int) -> None:
            while len(seen) < LOOKS:
                answer = await _post(http, key, PAGE, n)
                details = answer.json()["errors"][0]["extensions"]["details"]
                refusals[details.get("policy") or details["reason"]] += 1

        async with connections.transaction() as connection, asyncio.timeout(60), asyncio.TaskGroup() as group:
            table = await table_of(connection, "air", "airports")
            await connection.execute(f'lock table released."{table}" in access exclusive mode')
            for number in range(CLIENTS):
                group.create_task(again(number + 1))
            while len(seen) < LOOKS:
                async with connections.use() as looking:
                    seen.append(await looking.fetchval(WAITING))
                await asyncio.sleep(0.01)
        assert (await _post(http, key, PAGE, 1)).status_code == 200
    record_property("most_at_once", max(seen))
    assert max(seen) == SLOTS
    assert refusals["concurrency"] > 0


async def _post(http: httpx2.AsyncClient, key: str, document: str, n: int | None = None) -> httpx2.Response:
    body = {"query": document, "variables": {"n": n}}
    return await http.post("/graphql", json=body, headers={"authorization": f"Bearer {key}"})


async def _ask(http: httpx2.AsyncClient, key: str) -> Told:
    began = time.monotonic()
    body = (await _post(http, key, LOOK_UP)).json()
    ended = time.monotonic()
    if "errors" in body:
        return Told(body["errors"][0]["extensions"]["details"]["policy"], 0, began, ended)
    return Told("", body["extensions"]["cost"]["actual"], began, ended)


async def _ask_until_the_end(http: httpx2.AsyncClient, key: str) -> list[Told]:
    """The last is a refusal."""
    told: list[Told] = []
    while not told or not told[-1].refused_by:
        told.append(await _ask(http, key))
    return told


async def _ask_until(http: httpx2.AsyncClient, key: str, told: list[Told], is_over: Callable[[], bool]) -> None:
    """Without a pause but after a refusal."""
    while not is_over():
        answer = await _ask(http, key)
        told.append(answer)
        if answer.refused_by:
            await asyncio.sleep(PAUSE_SECONDS)


async def _until_it_answers(http: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await http.get("/health/ready")).status_code == 200:
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0.02)
