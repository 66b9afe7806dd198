"""The chain is made by the database: no writer can skip it, and nothing in it is changed."""

import asyncio

import asyncpg
import pytest

from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.audit import verify


@pytest.mark.parametrize("table", ["audit", "audit_link"])
@pytest.mark.parametrize("statement", ["update gsb.{} set {} = {}", "delete from gsb.{}", "truncate gsb.{}"])
async def test_what_is_written_cannot_be_changed(connections: Connections, table: str, statement: str) -> None:
    column = "digest" if table == "audit_link" else "actor"
    async with connections.use() as connection:
        await record(connection, "person:1", "key.revoke", "key:abcdefgh")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed"):
            await connection.execute(statement.format(table, column, column))


async def test_an_entry_that_is_taken_back_leaves_no_gap(connections: Connections) -> None:
    async with connections.use() as connection:
        await record(connection, "person:1", "key.create", "key:1")
        transaction = connection.transaction()
        await transaction.start()
        await record(connection, "person:1", "key.create", "key:2")
        await transaction.rollback()
        await record(connection, "person:1", "key.create", "key:3")
    verdict = await verify(connections)
    assert (verdict.entries, verdict.head.seq, verdict.problems) == (2, 2, ())


async def test_entries_of_many_writers_are_chained_in_the_order_of_their_commits(connections: Connections) -> None:
    async def write(number: int) -> None:
        async with connections.transaction() as connection:
            await record(connection, f"person:{number}", "key.create", f"key:{number}", after={"state": "active"})
            await record(connection, f"person:{number}", "key.revoke", f"key:{number}", reason="لو رفت")

    await asyncio.gather(*(write(number) for number in range(100)))
    verdict = await verify(connections)
    assert (verdict.entries, verdict.head.seq, verdict.problems) == (200, 200, ())


async def test_a_transaction_that_goes_on_after_its_entry_holds_nobody_up(connections: Connections) -> None:
    """A release of an hour writes its entry and goes on; a revocation meanwhile must not wait for it."""
    async with connections.transaction() as slow:
        await record(slow, "person:1", "dataset.release", "a/b")
        async with connections.transaction() as quick:
            await quick.execute("set local lock_timeout = '5s'")
            await record(quick, "person:2", "key.revoke", "key:2")
    async with connections.use() as connection:
        order = await connection.fetch(
            "select a.actor from gsb.audit as a join gsb.audit_link as l on l.audit_id = a.id order by l.seq"
        )
    assert [row["actor"] for row in order] == ["person:2", "person:1"]
    assert (await verify(connections)).problems == ()


async def test_locks_taken_in_either_order_do_not_block_each_other_for_ever(connections: Connections) -> None:
    """Events take their own clock's row: before or after the entry, two such transactions both commit."""

    async def change(*, event_first: bool) -> None:
        async with connections.transaction() as connection:
            for is_event in (event_first, not event_first):
                if is_event:
                    await connection.execute("update gsb.event_clock set seq = seq + 1")
                else:
                    await record(connection, "person:1", "key.revoke", "key:1")

    await asyncio.gather(*(change(event_first=number % 2 == 0) for number in range(40)))
    assert (await verify(connections)).entries == 40
