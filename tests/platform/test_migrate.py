"""Migrations: once, in order, by one process at a time, and never silently different."""

import asyncio

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, Unavailable
from publicgsb.platform.server.migrate import Migration, migrate, migrations, pending


async def test_a_new_database_gets_every_migration_in_order_and_then_none(empty_database_url: str) -> None:
    names = [one.name for one in migrations()]
    assert await pending(empty_database_url) == names
    assert await migrate(empty_database_url) == names == sorted(names)
    assert await migrate(empty_database_url) == []
    assert await pending(empty_database_url) == []


async def test_processes_that_start_together_apply_each_migration_once(empty_database_url: str) -> None:
    applied = await asyncio.gather(*[migrate(empty_database_url) for _ in range(4)])
    assert sorted(len(names) for names in applied) == [0, 0, 0, len(migrations())]


async def test_a_migration_that_was_edited_after_it_was_applied_is_refused(
    database_url: str, connections: Connections
) -> None:
    async with connections.use() as connection:
        await connection.execute("update public.gsb_migrations set sha256 = 'other' where name like '%_01_%'")
    with pytest.raises(Conflict, match="another content"):
        await migrate(database_url)


async def test_a_migration_that_fails_is_taken_back_whole(empty_database_url: str) -> None:
    bad = Migration("2999_01_01_00_bad.sql", "create table public.half (); select 1 / 0;")
    with pytest.raises(Conflict, match=r"bad\.sql failed"):
        await migrate(empty_database_url, [*migrations(), bad])
    assert await pending(empty_database_url) == []
    assert await migrate(empty_database_url, [Migration(bad.name, "create table public.half ();")]) == [bad.name]


async def test_a_database_that_is_not_there_is_told_in_a_sentence_without_the_url(database_url: str) -> None:
    with pytest.raises(Unavailable) as refusal:
        await migrate(database_url.replace("/test_", "/gone_"))
    assert "does not exist" in refusal.value.message
    assert "postgresql://" not in refusal.value.message + str(refusal.value.hint)
