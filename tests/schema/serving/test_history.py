"""The schema's history is written once per version, by whichever worker comes first."""

import asyncio

from tests.journeys.wire import wired_database

from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.serving.history import _LOCK, SchemaHistory, Served, record
from publicgsb.schema.serving.texts import SchemaTexts


def texts(sdl: str) -> SchemaTexts:
    return SchemaTexts([sdl.encode()], lambda _: ())


ONE = texts("type Query {\n  a: Int\n}")
TWO = texts("type Query {\n  a: Int\n  b: Int\n}")


async def test_two_workers_record_each_version_once_with_what_it_changed(connections: Connections) -> None:
    for served in (Served(1, ONE), Served(2, TWO)):
        recorded = await asyncio.gather(*(record(connections, served) for _ in range(3)))
        assert sorted(recorded) == [False, False, True]
    second, first = await SchemaHistory(connections, lambda: Served(2, TWO)).entries()
    assert (first.schema_version, first.is_first, first.changes) == (1, True, ())
    assert second.schema_version == 2
    assert [(one.kind.value, one.path) for one in second.changes] == [("added", "Query.b")]


async def test_a_worker_that_is_behind_or_runs_an_older_program_records_nothing(connections: Connections) -> None:
    assert await record(connections, Served(2, ONE))
    assert not await record(connections, Served(1, TWO))
    assert await record(connections, Served(2, TWO))
    assert not await record(connections, Served(2, ONE))
    assert [one.sdl_sha256 for one in await SchemaHistory(connections, lambda: Served(2, ONE)).entries()] == [
        TWO.sha256,
        ONE.sha256,
    ]


async def test_what_is_served_at_the_start_and_after_a_change_is_recorded(connections: Connections) -> None:
    serving = [Served(1, ONE)]
    history = SchemaHistory(connections, lambda: serving[-1], settle_seconds=0)
    await history.start()
    try:
        async with asyncio.timeout(60):
            while not await history.entries():
                await asyncio.sleep(0.02)
            serving.append(Served(2, TWO))
            history.changed()
            while len(entries := await history.entries()) < 2:
                await asyncio.sleep(0.02)
    finally:
        await history.stop()
    assert [one.schema_version for one in entries] == [2, 1]


async def test_it_stops_though_the_line_to_the_database_went_dead(connections: Connections, database_url: str) -> None:
    async with wired_database(database_url) as (wire, url), connections.use() as other:
        lost = Connections(url, size=1)
        history = SchemaHistory(lost, lambda: Served(1, ONE))
        await other.execute("select pg_advisory_lock($1)", _LOCK)  # so that recording is under way, and stays so
        await history.start()
        async with asyncio.timeout(60):
            while not await other.fetchval("select exists (select from pg_locks where not granted)"):
                await asyncio.sleep(0.01)
            wire.silence()
            await history.stop()
        await other.execute("select pg_advisory_unlock($1)", _LOCK)
        await lost.close()
