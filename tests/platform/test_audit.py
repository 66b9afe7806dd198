"""The check of the chain finds whatever was done to it, and says to which entry."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.audit import Filters, Flaw, Head, entries, head, parse_head, verify
from publicgsb.platform.server.migrate import migrate, migrations

Tamper = Callable[[str], Awaitable[None]]


@pytest.fixture
async def ten(connections: Connections) -> None:
    async with connections.use() as connection:
        for number in range(1, 11):
            actor = f"person:{number % 2}"
            await record(connection, actor, "key.revoke", f"key:{number}", before={"state": "active"}, reason="گم شد")


@pytest.fixture
async def tamper(connections: Connections, ten: None) -> Tamper:
    """As the owner of the database can: with the triggers off."""

    async def act(statements: str) -> None:
        async with connections.transaction() as connection:
            for table in ("audit", "audit_link", "audit_head"):
                await connection.execute(f"alter table gsb.{table} disable trigger user")
            await connection.execute(statements)
            for table in ("audit", "audit_link", "audit_head"):
                await connection.execute(f"alter table gsb.{table} enable trigger user")

    return act


async def _flaws(connections: Connections, *anchors: Head) -> list[tuple[Flaw, int | None, int | None]]:
    return [(one.flaw, one.seq, one.entry) for one in (await verify(connections, anchors)).problems]


async def test_an_untouched_chain_is_intact(connections: Connections, ten: None) -> None:
    verdict = await verify(connections, [await head(connections)])
    assert (verdict.entries, verdict.head.seq, verdict.problems) == (10, 10, ())


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'person:9'",
        "action = 'key.create'",
        "subject = 'key:x'",
        "at = at + interval '1 microsecond'",
        """before = '{"state": "revoked"}'""",
        """after = '{}'""",
        "reason = null",
        "reason = ''",
        """details = '{"a": 1}'""",
        "actor = actor || action, action = ''",
    ],
)
async def test_a_changed_row_is_named(connections: Connections, tamper: Tamper, change: str) -> None:
    await tamper(f"update gsb.audit set {change} where id = 4")
    assert await _flaws(connections) == [(Flaw.CHANGED, 4, 4)]


async def test_a_removed_row_is_named(connections: Connections, tamper: Tamper) -> None:
    await tamper("delete from gsb.audit where id = 4")
    assert await _flaws(connections) == [(Flaw.REMOVED, 4, 4)]


async def test_a_row_removed_with_its_link_is_found(connections: Connections, tamper: Tamper) -> None:
    await tamper("delete from gsb.audit where id = 4; delete from gsb.audit_link where seq = 4")
    assert await _flaws(connections) == [(Flaw.REMOVED, 4, None)]


async def test_closing_the_numbers_after_a_removal_is_found(connections: Connections, tamper: Tamper) -> None:
    await tamper(
        "delete from gsb.audit where id = 4; delete from gsb.audit_link where seq = 4;"
        "update gsb.audit_link set seq = seq - 100 where seq > 4;"
        "update gsb.audit_link set seq = seq + 99 where seq < 0"
    )
    assert (Flaw.REORDERED, 4, 5) in await _flaws(connections)


async def test_a_row_written_past_the_chain_is_named(connections: Connections, tamper: Tamper) -> None:
    await tamper("insert into gsb.audit (actor, action, subject) values ('person:1', 'key.create', 'key:y')")
    assert await _flaws(connections) == [(Flaw.ADDED, None, 11)]


async def test_rows_that_changed_places_are_named(connections: Connections, tamper: Tamper) -> None:
    await tamper(
        "update gsb.audit_link set seq = 0 where seq = 4; update gsb.audit_link set seq = 4 where seq = 5;"
        "update gsb.audit_link set seq = 5 where seq = 0"
    )
    found = await _flaws(connections)
    assert {(Flaw.REORDERED, 4, 5), (Flaw.REORDERED, 5, 4)} <= set(found)


async def test_rows_whose_content_changed_places_are_named(connections: Connections, tamper: Tamper) -> None:
    await tamper(
        "update gsb.audit as a set at = b.at, subject = b.subject from gsb.audit as b"
        " where a.id + b.id = 9 and a.id in (4, 5)"
    )
    assert await _flaws(connections) == [(Flaw.CHANGED, 4, 4), (Flaw.CHANGED, 5, 5)]


async def test_a_tail_that_was_cut_off_is_found(connections: Connections, tamper: Tamper) -> None:
    await tamper("delete from gsb.audit where id > 8; delete from gsb.audit_link where seq > 8")
    assert await _flaws(connections) == [(Flaw.CUT, 8, None)]


async def test_a_tail_cut_off_with_its_head_is_found_by_a_head_that_was_kept(
    connections: Connections, tamper: Tamper
) -> None:
    kept = await head(connections)
    await tamper(
        "delete from gsb.audit where id > 8; delete from gsb.audit_link where seq > 8;"
        "update gsb.audit_head set seq = 8, hash = (select hash from gsb.audit_link where seq = 8)"
    )
    assert await _flaws(connections) == []
    assert await _flaws(connections, kept) == [(Flaw.ANCHOR, 10, None)]


async def test_a_chain_that_was_made_anew_is_found_by_a_head_that_was_kept(
    connections: Connections, tamper: Tamper
) -> None:
    kept = await head(connections)
    await tamper(
        "update gsb.audit set actor = 'person:9' where id = 4;"
        "delete from gsb.audit_link; update gsb.audit_head set seq = 0, hash = decode(repeat('00', 32), 'hex')"
    )
    migration = next(one for one in migrations() if one.name.endswith("_05_audit.sql"))
    relink = migration.text.partition("do $$")[2].partition("$$;")[0]
    await tamper(f"do $${relink}$$")
    assert await _flaws(connections) == []
    assert await _flaws(connections, kept) == [(Flaw.ANCHOR, 10, 10)]


async def test_what_was_written_before_the_chain_existed_is_linked_by_the_migration(empty_database_url: str) -> None:
    earlier = [one for one in migrations() if one.name < "2026_11_27"]
    await migrate(empty_database_url, earlier)
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute(
        "insert into gsb.audit (actor, action, subject, details)"
        """ select 'person:' || n, 'key.create', 'key:' || n, '{"kind": "gsbl"}' from generate_series(1, 5) as n"""
    )
    await connection.close()
    await migrate(empty_database_url)
    connections = Connections(empty_database_url, size=1)
    verdict = await verify(connections)
    await connections.close()
    assert (verdict.entries, verdict.head.seq, verdict.problems) == (5, 5, ())


async def test_entries_are_listed_by_who_what_and_to_what(connections: Connections, ten: None) -> None:
    async def found(**filters: object) -> list[int]:
        return [one.id for one in await entries(connections, Filters(**filters))]  # type: ignore[arg-type]

    assert await found(limit=2) == [10, 9]
    assert await found(limit=2, before_id=9) == [8, 7]
    assert await found(actor="person:1") == [9, 7, 5, 3, 1]
    assert await found(action="key") == await found(action="key.revoke") == list(range(10, 0, -1))
    assert await found(action="ke") == []
    assert await found(subject="key:4") == [4]


def test_a_head_is_read_as_it_is_printed(tmp_path: Path) -> None:
    kept = Head(12, "ab" * 32)
    assert parse_head(f" {kept}\n") == kept
    for wrong in ("", "12", "12:", "x:" + "ab" * 32, "12:" + "AB" * 32, "12:" + "ab" * 31):
        with pytest.raises(InvalidRequest):
            parse_head(wrong)


async def test_a_check_while_entries_are_written_sees_one_moment(connections: Connections, ten: None) -> None:
    async def write() -> None:
        for number in range(50):
            async with connections.use() as connection:
                await record(connection, "person:1", "key.create", f"key:w{number}")

    writing = asyncio.create_task(write())
    while not writing.done():
        assert (await verify(connections)).problems == ()
    await writing
