"""A recalled release is in no registry any more, its table is gone, its hash stays."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.audited import refuse_what_is_not_audited

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry import DatasetEntry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.recall import Reach, Recalled, recall
from publicgsb.datasets.releases.recall_journal import noted
from publicgsb.datasets.releases.service import list_releases, release_file, rollback
from publicgsb.datasets.releases.sweep import sweep
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound, ReleaseRecalled, TimedOut

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
Release = Callable[..., Awaitable[Any]]
WriteCsv = Callable[..., Path]

WHY = Label("دادهٔ شخصی در آن بود", "Personal data was in it")
HEADER = ["code", "name"]


@pytest.fixture
async def three(declare: Declare, country: Documents, release: Release) -> None:
    """Three releases of standards/countries."""
    await declare(country())
    for name in ("Iran", "Iran (Islamic Republic of)", "I.R. Iran"):
        await release("standards/countries", [HEADER, ["IR", name]])


async def take_back(connections: Connections, seq: int) -> Recalled:
    return await recall(connections, "standards", "countries", seq, WHY, "operator:test")


async def entry_of(connections: Connections) -> DatasetEntry:
    async with connections.use() as connection:
        return (await load_registry(connection)).dataset("standards", "countries")


async def tables(connections: Connections) -> set[str]:
    async with connections.use() as connection:
        rows = await connection.fetch("select relname from pg_class where relnamespace = 'released'::regnamespace")
    return {row["relname"] for row in rows if "__r" in row["relname"] and not row["relname"].endswith("_idx")}


@pytest.mark.usefixtures("three")
async def test_the_release_before_a_recalled_current_one_becomes_current(connections: Connections) -> None:
    done = await take_back(connections, 3)
    entry = await entry_of(connections)
    assert (done.current, done.workers_open, done.is_new) == (2, 0, True)
    assert entry.current is not None and entry.current.seq == 2
    assert (set(entry.recalled), sorted(entry.releases)) == ({3}, [1, 2])
    with pytest.raises(ReleaseRecalled):
        entry.release(3)


@pytest.mark.usefixtures("three")
async def test_the_one_before_is_none_that_was_recalled_itself(connections: Connections) -> None:
    await take_back(connections, 2)
    assert (await take_back(connections, 3)).current == 1


@pytest.mark.usefixtures("three")
async def test_recalling_an_older_release_leaves_the_current_one(connections: Connections) -> None:
    done = await take_back(connections, 1)
    entry = await entry_of(connections)
    assert entry.current is not None
    assert (done.current, entry.current.seq, set(entry.recalled)) == (3, 3, {1})


@pytest.mark.usefixtures("three")
async def test_what_was_current_before_a_rollback_is_not_brought_back(connections: Connections) -> None:
    await rollback(connections, "standards", "countries", 2, "test")
    assert (await take_back(connections, 2)).current == 1


async def test_a_dataset_whose_only_release_is_recalled_has_none(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", [HEADER, ["IR", "Iran"]])
    done = await take_back(connections, 1)
    entry = await entry_of(connections)
    assert (done.current, entry.current) == (None, None)
    async with connections.use() as connection:
        registry = await load_registry(connection)
    with pytest.raises(ReleaseRecalled):
        entry.refuse_recalled(registry.version)


@pytest.mark.usefixtures("three")
async def test_its_table_and_what_tells_how_it_differed_are_dropped_and_its_hash_stays(
    connections: Connections,
) -> None:
    before = await tables(connections)
    done = await take_back(connections, 2)
    gone = {name for name in before - await tables(connections) if name.count("idx") == 0}
    stem = "standards__countries__r"
    assert {f"{stem}2", f"{stem}2_changes", f"{stem}3_changes"} <= gone
    assert done.is_dropped and f"{stem}1" in await tables(connections)
    line = next(one for one in await list_releases(connections, "standards", "countries") if one.seq == 2)
    assert (line.state, line.sha256) == ("recalled", done.sha256)


@pytest.mark.usefixtures("three")
async def test_a_table_that_somebody_is_reading_is_dropped_by_the_sweep(
    connections: Connections, state_dir: Any
) -> None:
    async with connections.transaction() as reader:
        await reader.execute("select * from released.standards__countries__r2")
        done = await take_back(connections, 2)
    assert not done.is_dropped
    await sweep(connections, state_dir, grace_seconds=0)
    assert "standards__countries__r2" not in await tables(connections)


@pytest.mark.usefixtures("three")
async def test_a_recall_repeated_waits_again_and_changes_nothing(connections: Connections) -> None:
    first = await take_back(connections, 3)
    again = await recall(connections, "standards", "countries", 3, Label("دیگر", "Another"), "operator:other")
    assert (again.is_new, again.version, again.reason) == (False, first.version, WHY)
    async with connections.use() as connection:
        told = await connection.fetchval("select count(*) from gsb.outbox where kind = 'release.recalled'")
        noted = await connection.fetchval("select count(*) from gsb.audit where action = 'release.recall'")
    assert (told, noted) == (1, 1)


@pytest.mark.usefixtures("three")
async def test_a_process_that_has_not_heard_is_counted_and_keeps_the_table_from_being_dropped(
    connections: Connections,
) -> None:
    async with connections.use() as connection:
        await connection.execute(
            """
            insert into gsb.worker (boot_id, kind, pid, host, seen_seq, heartbeat_at)
            values (gen_random_uuid(), 'api', 1, 'x', 0, now() + interval '1 minute')
            """
        )
    first = await take_back(connections, 3)
    assert (first.workers, first.workers_open, first.is_dropped) == (1, 1, False)
    assert "standards__countries__r3" in await tables(connections)
    async with connections.use() as connection:
        await connection.execute("delete from gsb.worker")
    again = await take_back(connections, 3)
    assert (again.workers_open, again.is_dropped, again.is_new) == (0, True, False)


async def test_releases_that_were_made_on_top_of_it_are_named(
    connections: Connections, state_dir: Path, declare: Declare, country: Documents, write_csv: WriteCsv
) -> None:
    await declare(country())
    for mode, code in ((Mode.FULL, "IR"), (Mode.APPEND, "JP"), (Mode.APPEND, "DE"), (Mode.FULL, "IR")):
        file = write_csv([HEADER, [code, "A name"]])
        outcome = await release_file(connections, state_dir, "standards", "countries", file, "test", mode=mode)
        assert outcome.release is not None
    assert (await take_back(connections, 1)).still_in == (2, 3)
    assert (await take_back(connections, 2)).still_in == (3,)
    assert (await take_back(connections, 3)).still_in == ()


@pytest.mark.usefixtures("three")
async def test_a_recalled_release_cannot_be_rolled_back_to(connections: Connections) -> None:
    await take_back(connections, 1)
    with pytest.raises(ReleaseRecalled):
        await rollback(connections, "standards", "countries", 1, "test")


@pytest.mark.usefixtures("three")
async def test_a_release_that_is_not_there_is_not_recalled(connections: Connections) -> None:
    with pytest.raises(NotFound):
        await take_back(connections, 4)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("english", [" ", "a\0b", "half \ud800"])
async def test_a_recall_has_a_reason_in_both_languages(connections: Connections, english: str) -> None:
    with pytest.raises(InvalidRequest):
        await recall(connections, "standards", "countries", 3, Label("چون", english), "operator:test")
    assert (await entry_of(connections)).recalled == frozenset()


@pytest.mark.usefixtures("three")
async def test_the_answer_lists_what_cannot_be_recalled(connections: Connections) -> None:
    async def reach_of(_: Connection, release_id: int) -> Reach:
        return Reach(2, 3, 40, 5_000, 600) if release_id else Reach()

    done = await recall(connections, "standards", "countries", 3, WHY, "operator:test", reach_of=reach_of)
    assert done.reach == Reach(2, 3, 40, 5_000, 600)


@pytest.mark.usefixtures("three")
async def test_a_recall_whose_readers_cannot_be_counted_is_done_all_the_same(connections: Connections) -> None:
    async def reach_of(connection: Connection, _: int) -> Reach:
        raise TimedOut("Too many facts.")

    done = await recall(connections, "standards", "countries", 3, WHY, "operator:test", reach_of=reach_of)
    assert (done.reach, done.workers_open, done.current) == (None, 0, 2)


@pytest.mark.usefixtures("three")
async def test_a_recall_repeated_is_in_the_journal_with_its_first_reason(
    connections: Connections, tmp_path: Path
) -> None:
    await take_back(connections, 3)
    other = Label("دیگر", "Another")
    await recall(connections, "standards", "countries", 3, other, "operator:other", journal=tmp_path / "journal")
    (line,) = noted(tmp_path / "journal")
    assert (line.seq, line.reason_fa, line.reason_en, line.actor) == (3, WHY.fa, WHY.en, "operator:test")


@pytest.mark.usefixtures("three")
async def test_the_audit_tells_who_dropped_its_table_and_that_it_was_recalled(
    connections: Connections, state_dir: Path
) -> None:
    await refuse_what_is_not_audited(connections)
    await take_back(connections, 3)
    async with connections.transaction() as reader:
        await reader.execute("select * from released.standards__countries__r2")
        await take_back(connections, 2)
    await sweep(connections, state_dir, grace_seconds=0)
    async with connections.use() as connection:
        rows = await connection.fetch("select actor, reason from gsb.audit where action = 'release.drop' order by id")
    assert [tuple(row) for row in rows] == [("operator:test", "recalled"), ("system:retention", "recalled")]
