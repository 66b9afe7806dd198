"""Addresses are asked the way a harvester asks them, and what they answered is written down."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.audited import refuse_what_is_not_audited
from tests.datasets.fetching.conftest import FileServer, answer

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.objects import open_objects
from publicgsb.datasets.quality import store
from publicgsb.datasets.quality.asking import ask_due, count_uncounted
from publicgsb.datasets.quality.head import head_status
from publicgsb.datasets.quality.known import KnownAnswers
from publicgsb.datasets.quality.model import Answered
from publicgsb.datasets.registry import DatasetEntry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import withdraw
from publicgsb.platform.kernel.database import Connections

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
Release = Callable[..., Awaitable[Any]]

BASE = "https://gsb.example"
NAME = "standards/countries"
ROWS = [["code", "name"], ["IR", "ایران"], ["JP", ""], ["FR", "France"]]


class Asked:
    """Implements Ask: what each address answers, 200 where nothing is said."""

    def __init__(self, **statuses: int | None) -> None:
        self.statuses = {name.replace("_", "."): status for name, status in statuses.items()}
        self.urls: list[str] = []

    async def __call__(self, url: str) -> int | None:
        self.urls.append(url)
        return self.statuses.get(url.rpartition("/")[2], 200)


@pytest.fixture
async def released(declare: Declare, country: Documents, release: Release) -> None:
    await declare(country())
    await release(NAME, ROWS)


async def entry_of(connections: Connections) -> DatasetEntry:
    async with connections.use() as connection:
        return (await load_registry(connection)).dataset("standards", "countries")


async def found(connections: Connections) -> Answered:
    async with connections.use() as connection:
        (one,) = (await store.answered(connection)).values()
    return one


async def age(connections: Connections, interval: str) -> None:
    async with connections.transaction() as connection:
        await connection.execute("update gsb.quality_answer set asked_at = now() - $1::text::interval", interval)


@pytest.mark.usefixtures("released")
async def test_the_page_and_a_file_of_each_format_are_asked(connections: Connections, state_dir: Path) -> None:
    await make_due(connections, open_objects(None, state_dir), state_dir)
    ask = Asked(data_csv=401)
    assert await ask_due(connections, BASE, ask) == 1
    files = f"{BASE}/files/standards/countries/1"
    assert ask.urls[0] == f"{BASE}/datasets/standards/countries"
    assert set(ask.urls[1:]) == {f"{files}/data.csv", f"{files}/part-00001.parquet", f"{files}/data.xlsx"}
    one = await found(connections)
    assert one.release_id == (await entry_of(connections)).releases[1].id
    assert (one.access, one.files["data.csv"]) == (200, 401)


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize(
    ("statuses", "sooner", "later"),
    [
        ({}, "23 hours", "25 hours"),
        ({"data_csv": 401}, "23 hours", "25 hours"),
        ({"data_csv": 503}, "9 minutes", "11 minutes"),
        ({"data_csv": None}, "9 minutes", "11 minutes"),
        ({"countries": 404}, "9 minutes", "11 minutes"),
        ({"countries": None}, "20 seconds", "40 seconds"),
    ],
)
async def test_what_was_in_order_is_asked_again_after_a_day_and_what_was_not_sooner(
    connections: Connections, statuses: dict[str, int | None], sooner: str, later: str
) -> None:
    assert await ask_due(connections, BASE, Asked(**statuses)) == 1
    await age(connections, sooner)
    assert await ask_due(connections, BASE, Asked()) == 0
    await age(connections, later)
    assert await ask_due(connections, BASE, Asked()) == 1


@pytest.mark.usefixtures("released")
async def test_a_new_release_is_asked_for_at_once(connections: Connections, release: Release) -> None:
    await ask_due(connections, BASE, Asked())
    await release(NAME, ROWS[:-1])
    ask = Asked()
    assert await ask_due(connections, BASE, ask) == 1
    assert any("/countries/2/" in url for url in ask.urls)


@pytest.mark.usefixtures("released")
async def test_too_many_requests_say_nothing_of_an_address(connections: Connections) -> None:
    assert await ask_due(connections, BASE, Asked(data_csv=429)) == 0
    assert await ask_due(connections, BASE, Asked()) == 1


@pytest.mark.usefixtures("released")
async def test_a_withdrawn_dataset_is_not_asked_for(connections: Connections) -> None:
    await withdraw(connections, "standards", "countries", Label("د", "w"), "test")
    ask = Asked()
    assert await ask_due(connections, BASE, ask) == 0 and ask.urls == []


@pytest.mark.usefixtures("released")
async def test_a_worker_reads_what_was_found_every_few_seconds(connections: Connections) -> None:
    now = [0.0]
    known = KnownAnswers(connections, clock=lambda: now[0])
    before = await known.known()
    await ask_due(connections, BASE, Asked())
    assert await known.known() is before
    now[0] += 6
    after = await known.known()
    assert after.tag != before.tag and [one.access for one in after.by_dataset.values()] == [200]
    await age(connections, "25 hours")
    await ask_due(connections, BASE, Asked())
    now[0] += 6
    assert (await known.known()).tag == after.tag, "found again as it was"


@pytest.mark.usefixtures("released")
async def test_what_was_released_before_releases_were_counted_is_counted_once(connections: Connections) -> None:
    entry = await entry_of(connections)
    assert entry.current is not None
    counted, version = entry.current.counted, 0
    assert counted is not None and counted.filled == {"code": 3, "name": 2}
    assert (counted.cells_read, counted.put_right) == (6, 0)
    async with connections.transaction() as connection:
        await connection.execute("update gsb.release set quality = null")
        version = (await load_registry(connection)).version
    await refuse_what_is_not_audited(connections)
    assert await count_uncounted(connections) == 1 and await count_uncounted(connections) == 0
    async with connections.use() as connection:
        registry = await load_registry(connection)
    current = registry.dataset("standards", "countries").current
    assert registry.version == version + 1 and current is not None and current.counted == counted


async def served(*answers: bytes) -> FileServer:
    server = FileServer(list(answers))
    await server.start()
    return server


async def book(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (answer(200), 200),
        (answer(302, location="/elsewhere"), 302),
        (answer(503), 503),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(404), 404),
        (b"SSH-2.0-OpenSSH\r\n", None),
        (b"", None),
    ],
)
async def test_the_status_of_a_head_is_told_and_no_redirect_followed(said: bytes, status: int | None) -> None:
    server = await served(said)
    try:
        assert await head_status(server.url("/files/a.csv"), resolver=book) == status
        assert server.heads[0].startswith("HEAD /files/a.csv HTTP/1.1\r\n")
        assert "authorization" not in server.heads[0].lower() and len(server.heads) == 1
    finally:
        await server.stop()


async def test_who_does_not_answer_has_no_status() -> None:
    server = FileServer([b"HTTP/1.1 "], holds=True)
    await server.start()
    try:
        assert await head_status(server.url(), resolver=book, seconds=0.2) is None
    finally:
        await server.stop()
    assert await head_status(server.url(), resolver=book) is None
    assert await head_status("ftp://gsb.example/", resolver=book) is None


async def test_two_processes_that_ask_at_once_leave_one_finding(connections: Connections, released: None) -> None:
    await asyncio.gather(*(ask_due(connections, BASE, Asked()) for _ in range(3)))
    assert (await found(connections)).access == 200
