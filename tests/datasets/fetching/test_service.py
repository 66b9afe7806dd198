"""A source is looked at when it is due; a file that changed is released like an uploaded one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.datasets.fetching.conftest import RULES, Book, FileServer, answer

from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.fetching.getting import get
from publicgsb.datasets.fetching.service import drop_source, fetch_due, list_sources, set_source
from publicgsb.datasets.jobs.worker import run_one
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.service import list_releases
from publicgsb.datasets.reviews.model import Review, State
from publicgsb.datasets.reviews.service import submissions_of
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
ONE, TWO = b"code,name\nIR,Iran\n", b"code,name\nIR,Iran\nJP,Japan\n"


@pytest.fixture
async def look(
    connections: Connections, state_dir: Path, declare: Declare, country: Documents, server: FileServer, book: Book
) -> Callable[[], Awaitable[int]]:
    """The source of standards/countries is due, looked at, and what it brought is released."""
    await declare(country())
    await set_source(connections, "standards", "countries", server.url(), Mode.FULL, 600, RULES, "test")

    async def looked() -> int:
        async with connections.transaction() as connection:
            await connection.execute("update gsb.source set due_at = now()")
        handed_in = await fetch_due(connections, state_dir, RULES, partial(get, resolver=book))
        while await run_one(connections, state_dir):
            pass
        return handed_in

    return looked


async def releases(connections: Connections) -> list[int]:
    return [line.rows for line in reversed(await list_releases(connections, "standards", "countries"))]


async def test_only_a_file_that_changed_is_released(
    connections: Connections, server: FileServer, look: Callable[[], Awaitable[int]], state_dir: Path
) -> None:
    server.answers = [answer(200, ONE, ETag='"1"'), answer(304), answer(200, ONE), answer(200, TWO), answer(200, ONE)]
    assert [await look() for _ in range(5)] == [1, 0, 0, 1, 1]
    assert await releases(connections) == [1, 2, 1]
    assert 'If-None-Match: "1"' in server.heads[1]
    assert list((state_dir / "uploads").iterdir()) == []


async def test_a_source_is_not_due_before_its_time(
    connections: Connections, server: FileServer, look: Callable[[], Awaitable[int]], state_dir: Path, book: Book
) -> None:
    server.answers = [answer(200, ONE)]
    await look()
    assert await fetch_due(connections, state_dir, RULES, partial(get, resolver=book)) == 0
    assert len(server.heads) == 1


async def test_a_failure_is_told_and_tried_again_sooner(
    connections: Connections, server: FileServer, look: Callable[[], Awaitable[int]]
) -> None:
    server.answers = [answer(503), answer(200, ONE)]
    assert await look() == 0
    (source,) = await list_sources(connections)
    assert (source.error, source.failures) == ("The source answered with status 503.", 1)
    assert replace(source, failures=0, every_seconds=86_400).retry_seconds() == 300
    assert replace(source, failures=20, every_seconds=86_400).retry_seconds() == 86_400
    assert await look() == 1
    (source,) = await list_sources(connections)
    assert (source.error, source.failures, source.changes) == (None, 0, 1)


async def test_a_source_that_fails_in_no_foreseen_way_does_not_end_the_round(
    connections: Connections, declare: Declare, country: Documents, server: FileServer, state_dir: Path,
    look: Callable[[], Awaitable[int]], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    await declare(country(dataset="others", recordName="Other"))
    await set_source(connections, "standards", "others", server.url("/others"), Mode.FULL, 600, RULES, "test")
    asked: list[str] = []

    async def broken(url: str, *_: object) -> Any:
        asked.append(url)
        raise ValueError(f"secret {url}")

    assert await fetch_due(connections, state_dir, RULES, broken) == 0
    assert len(asked) == 2
    sources = await list_sources(connections)
    assert [(one.error, one.failures) for one in sources] == [("The source could not be looked at.", 1)] * 2
    assert "ValueError" in caplog.text and "secret" not in caplog.text and "data.test" not in caplog.text


async def test_a_file_handed_in_before_a_crash_is_not_handed_in_twice(
    connections: Connections, server: FileServer, look: Callable[[], Awaitable[int]]
) -> None:
    server.answers = [answer(200, ONE)]
    await look()
    async with connections.transaction() as connection:  # as if the process had died before it wrote this down
        await connection.execute("update gsb.source set changes = 0, file_sha256 = null, etag = null")
    await look()
    assert await releases(connections) == [1]
    async with connections.transaction() as connection:
        await connection.execute("update gsb.source set changes = 0, file_sha256 = null, etag = null")
    server.answers = [answer(200, TWO)]
    assert [await look(), await look()] == [0, 1]
    assert await releases(connections) == [1, 2]


async def test_another_address_forgets_what_was_known_of_the_old_one(
    connections: Connections, server: FileServer, look: Callable[[], Awaitable[int]]
) -> None:
    server.answers = [answer(200, ONE, ETag='"1"')]
    await look()
    await set_source(connections, "standards", "countries", server.url("/b"), Mode.APPEND, 600, RULES, "test")
    server.answers = [answer(200, b"code,name\nDE,Germany\n")]
    assert await look() == 1
    assert "If-None-Match" not in server.heads[1]
    assert await releases(connections) == [1, 2]


async def test_a_source_ends_and_a_bad_one_never_begins(
    connections: Connections, server: FileServer, look: Callable[[], Awaitable[int]]
) -> None:
    await drop_source(connections, "standards", "countries", "test")
    assert await look() == 0
    with pytest.raises(NotFound):
        await drop_source(connections, "standards", "countries", "test")
    for url, every in (("file:///etc/passwd", 600), (server.url(), 10)):
        with pytest.raises(InvalidRequest):
            await set_source(connections, "standards", "countries", url, Mode.FULL, every, RULES, "test")


async def test_the_address_is_in_no_audit(connections: Connections, look: Callable[[], Awaitable[int]]) -> None:
    await set_source(
        connections, "standards", "countries", "https://data.test/rows?key=secret", Mode.FULL, 600, RULES, "test"
    )
    async with connections.use() as connection:
        written = await connection.fetchval("select string_agg(a::text, ' ') from gsb.audit as a")
    assert "data.test" in written and "secret" not in written


async def test_where_releases_are_reviewed_a_fetched_file_waits_for_its_reviewer(
    connections: Connections, server: FileServer, look: Callable[[], Awaitable[int]]
) -> None:
    await set_review(connections, "standards", Review.REQUIRED, "test")
    server.answers = [answer(200, ONE)]
    assert (await look(), await releases(connections)) == (1, [])
    (waiting,) = await submissions_of(connections, None, [State.IN_REVIEW])
    assert (waiting.name, waiting.submitted_by) == ("standards/countries", None)
