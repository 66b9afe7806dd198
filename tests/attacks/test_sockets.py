"""The same shares on a real server and real sockets: who does not read, half asks or asks for all holds up nobody."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx2
import pytest

from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import keys_of, slots, unlimited
from tests.processes import Server, served, settings_env
from tests.schema.worlds import NOTES, declare, found, release

READERS = 4
SLOTS = 3
SECONDS_MAX = 60.0
LARGE = "{ air { notes(first: 1000) { nodes { code text } } } }"  # 7 MB: more than sockets hold between them
LOOK_UP = '{ geo { country(by: {code: "IR"}) { code } } }'
PAGE = "query Page($n: Int) { air { airports(first: $n) { nodes { icao } } } }"
WAITING = "select count(*)::int8 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture
async def keys(connections: Connections, state_dir: Path, settings: Settings) -> ApiKeys:
    await found(connections, state_dir)
    await declare(connections, NOTES)
    rows = "".join(f"{number:04},{'x' * 7_000}\n" for number in range(1_000))
    outcome = await release(connections, state_dir, "air/notes", "code,text\n" + rows)
    assert outcome.release is not None, outcome.report.as_table("en")
    await unlimited(connections)
    await slots(connections, SLOTS)
    return keys_of(settings, connections)


@pytest.fixture
def server(keys: ApiKeys, settings: Settings) -> Iterator[Server]:
    with served(settings_env(settings, reader_connections=str(READERS), kept_answers_bytes="0")) as server:
        yield server


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server.url, timeout=SECONDS_MAX) as http:
        yield http


async def made(keys: ApiKeys) -> str:
    return (await keys.register("A startup", "a@example.org", "Trying it")).key.secret


async def ask(http: httpx2.AsyncClient, key: str, document: str, n: int = 1) -> httpx2.Response:
    body = {"query": document, "variables": {"n": n}}
    return await http.post("/graphql", json=body, headers={"authorization": f"Bearer {key}"})


def request(key: str, document: str) -> bytes:
    body = json.dumps({"query": document})
    head = f"POST /graphql HTTP/1.1\r\nhost: gsb\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n{body}".encode()


async def dialled(server: Server, sent: bytes) -> socket.socket:
    """A connection whose own buffer takes next to nothing, with `sent` on its way."""
    port = httpx2.URL(server.url).port
    assert port is not None
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, ("127.0.0.1", port))
    await loop.sock_sendall(line, sent)
    return line


async def begun(line: socket.socket) -> bytes:
    """The first bytes of an answer: the server is sending."""
    return await asyncio.get_running_loop().sock_recv(line, 64)


async def rest(line: socket.socket, first: bytes) -> bytes:
    """The body of an answer whose first bytes were read."""
    got = first
    while b"\r\n\r\n" not in got:
        got += await asyncio.get_running_loop().sock_recv(line, 4096)
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(int(one.split(b":")[1]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length"))
    parts = [body]
    while sum(map(len, parts)) < length:
        parts.append(await asyncio.get_running_loop().sock_recv(line, 1 << 20))
    return b"".join(parts)


@pytest.mark.prove
async def test_callers_that_do_not_read_hold_up_neither_others_nor_their_own_key(
    server: Server, http: httpx2.AsyncClient, keys: ApiKeys
) -> None:
    """Three times as many as there are connections to the database, and four times as many as the key has slots."""
    slow, other = await made(keys), await made(keys)
    with ExitStack() as stack:
        async with asyncio.timeout(SECONDS_MAX):
            lines: list[tuple[socket.socket, bytes]] = []
            for _ in range(3 * READERS):
                line = stack.enter_context(closing(await dialled(server, request(slow, LARGE))))
                lines.append((line, await begun(line)))
            assert {first.split(b"\r\n")[0] for _, first in lines} == {b"HTTP/1.1 200 OK"}
            for _ in range(2 * READERS):
                assert (await ask(http, other, LOOK_UP)).json()["data"] == {"geo": {"country": {"code": "IR"}}}
                assert (await ask(http, slow, LOOK_UP)).status_code == 200
            whole = json.loads(await rest(*lines[0]))
    assert len(whole["data"]["air"]["notes"]["nodes"]) == 1_000
    assert (await ask(http, slow, LOOK_UP)).status_code == 200  # the others left in the middle of their answers


async def test_who_half_asks_on_two_hundred_connections_holds_up_nobody(
    server: Server, http: httpx2.AsyncClient, keys: ApiKeys
) -> None:
    greedy, other = await made(keys), await made(keys)
    whole = request(greedy, LOOK_UP)
    with ExitStack() as stack:
        for number in range(200):
            half = whole[: 20 + number % (len(whole) - 20)]  # in the head, and in the body
            stack.enter_context(closing(await dialled(server, half)))
        for key in (other, greedy):
            assert (await ask(http, key, LOOK_UP)).status_code == 200


@pytest.mark.prove
async def test_a_key_that_asks_on_forty_connections_takes_no_more_of_the_database_than_its_slots(
    server: Server, http: httpx2.AsyncClient, keys: ApiKeys, connections: Connections
) -> None:
    """Its statements wait for a locked table; those of another key pass."""
    greedy, other = await made(keys), await made(keys)
    for key, document in ((greedy, PAGE), (other, LOOK_UP)):
        assert (await ask(http, key, document)).status_code == 200
    waiting: list[int] = []
    told: set[tuple[int, str]] = set()
    others: list[int] = []

    async def again(n: int) -> None:
        async with httpx2.AsyncClient(base_url=server.url, timeout=SECONDS_MAX) as line:
            while len(others) < 20:
                answer = await ask(line, greedy, PAGE, n)
                details = answer.json()["errors"][0]["extensions"]["details"]
                told.add((answer.status_code, details.get("policy") or details["reason"]))

    async with connections.transaction() as connection, asyncio.timeout(SECONDS_MAX), asyncio.TaskGroup() as group:
        table = await connection.fetchval("select table_name from gsb.release where table_name ~ 'airports'")
        await connection.execute(f'lock table released."{table}" in access exclusive mode')
        async with connections.use() as watching:  # before the crowd: a connection takes its time beside it
            for n in range(1, 41):
                group.create_task(again(n))
            while len(others) < 20:
                waiting.append(await watching.fetchval(WAITING))
                if max(waiting) == SLOTS:  # it has all that it can get
                    others.append((await ask(http, other, LOOK_UP)).status_code)
    assert max(waiting) == SLOTS
    assert set(others) == {200}
    assert told == {(429, "concurrency"), (503, "lock")}
