"""Backup and restore: a round trip brings everything back, and nothing is overwritten by accident."""

import asyncio
import tarfile
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from tests.schema.worlds import found, release

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.recall import recall
from publicgsb.datasets.releases.recall_journal import JOURNAL_FILE, RecallLine, note
from publicgsb.datasets.releases.service import list_releases
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, Unavailable
from publicgsb.platform.server import backup as backups
from publicgsb.platform.server.audit import Filters, Head, Verdict, entries, head, verify
from publicgsb.platform.server.backup import backup, restore
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings, load_settings
from publicgsb.platform.server.starting import bring_up


@pytest.fixture
def here(state_dir: Path, database_url: str) -> Settings:
    """An installation whose secrets lie in its state folder."""
    return load_settings(state_dir=state_dir / "here", database_url=SecretStr(database_url), demo=True)


@pytest.fixture
def there(state_dir: Path, empty_database_url: str) -> Settings:
    return load_settings(state_dir=state_dir / "there", database_url=SecretStr(empty_database_url), demo=True)


async def rows(url: str) -> list[str]:
    connection = await asyncpg.connect(url, server_settings={"role": "gsb_reader"})
    try:
        return [row["name"] for row in await connection.fetch("select name from released.made_by_test")]
    finally:
        await connection.close()


async def fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("create table released.made_by_test (name text)")
    await connection.execute("insert into released.made_by_test values ('داده')")
    await connection.close()


async def enter_worker(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "insert into gsb.worker (boot_id, kind, pid, host, seen_seq) values (gen_random_uuid(), 'api', 1, 'x', 0)"
    )
    await connection.close()


def test_a_round_trip_brings_back_rows_rights_and_secrets(
    here: Settings, there: Settings, database_url: str, empty_database_url: str, state_dir: Path
) -> None:
    file = state_dir / "all.gsb"
    asyncio.run(fill(database_url))
    secrets = load_secrets(here)
    backup(here, database_url, file)
    assert file.stat().st_mode & 0o777 == 0o600
    restore(there, empty_database_url, file)
    assert asyncio.run(rows(empty_database_url)) == ["داده"]
    assert load_secrets(there) == secrets
    assert (there.state_dir / "pepper").stat().st_mode & 0o777 == 0o600


def test_the_audit_comes_back_as_one_chain_and_goes_on_with_the_restore(
    here: Settings, there: Settings, database_url: str, empty_database_url: str, state_dir: Path
) -> None:
    async def write() -> Head:
        connections = Connections(database_url, size=1)
        async with connections.use() as connection:
            await record(connection, "person:1", "key.revoke", "key:1", reason="گم شد")
        kept = await head(connections)
        await connections.close()
        return kept

    async def check(kept: Head) -> tuple[Verdict, str]:
        connections = Connections(empty_database_url, size=1)
        (newest,) = await entries(connections, Filters(limit=1))
        verdict = await verify(connections, [kept])
        await connections.close()
        return verdict, newest.action

    kept = asyncio.run(write())
    backup(here, database_url, state_dir / "all.gsb")
    restore(there, empty_database_url, state_dir / "all.gsb")
    verdict, newest = asyncio.run(check(kept))
    assert (verdict.entries, verdict.problems, newest) == (2, (), "installation.restore")


def test_a_database_that_holds_something_is_replaced_only_by_force(
    here: Settings, database_url: str, state_dir: Path
) -> None:
    file = state_dir / "all.gsb"
    asyncio.run(fill(database_url))
    backup(here, database_url, file)
    with pytest.raises(Conflict, match="not empty"):
        restore(here, database_url, file)
    restore(here, database_url, file, may_replace=True)
    assert asyncio.run(rows(database_url)) == ["داده"]


def test_a_running_process_stops_a_restore(here: Settings, database_url: str, state_dir: Path) -> None:
    file = state_dir / "all.gsb"
    backup(here, database_url, file)
    asyncio.run(enter_worker(database_url))
    with pytest.raises(Conflict, match="1 running processes"):
        restore(here, database_url, file, may_replace=True)


def test_a_cut_or_changed_file_is_refused_before_anything_changes(
    here: Settings, there: Settings, database_url: str, empty_database_url: str, state_dir: Path
) -> None:
    file = state_dir / "all.gsb"
    backup(here, database_url, file)
    whole = file.read_bytes()
    with tarfile.open(file) as tar:
        place = tar.getmember("database.dump").offset_data
    for damaged in (whole[: len(whole) // 2], b"", whole[:place] + b"X" + whole[place + 1 :]):
        file.write_bytes(damaged)
        with pytest.raises(InvalidRequest):
            restore(there, empty_database_url, file)
    assert not (there.state_dir / "pepper").exists()


def test_another_pepper_in_the_settings_is_refused(
    here: Settings, there: Settings, database_url: str, empty_database_url: str, state_dir: Path
) -> None:
    file = state_dir / "all.gsb"
    backup(here, database_url, file)
    other = there.model_copy(update={"pepper": SecretStr("another pepper " * 4)})
    with pytest.raises(Conflict, match="not the pepper"):
        restore(other, empty_database_url, file)


def test_an_existing_file_is_not_overwritten(here: Settings, database_url: str, state_dir: Path) -> None:
    file = state_dir / "all.gsb"
    file.write_text("mine")
    with pytest.raises(Conflict, match="exists"):
        backup(here, database_url, file)
    assert file.read_text() == "mine"


async def recall_second(url: str) -> None:
    connections = Connections(url, size=2)
    try:
        await recall(connections, "geo", "countries", 2, Label("شخصی", "Personal"), "operator:test")
    finally:
        await connections.close()


async def make_world(url: str, folder: Path) -> None:
    connections = Connections(url, size=2)
    try:
        await found(connections, folder)
        await release(connections, folder, "geo/countries", "code,name,population\nIR,secret,1\nTR,T,2\n")
    finally:
        await connections.close()


async def states(url: str) -> list[tuple[int, str, bool]]:
    connections = Connections(url, size=2)
    try:
        lines = await list_releases(connections, "geo", "countries")
        async with connections.use() as connection:
            stands = await connection.fetchval("select to_regclass('released.geo__countries__r2') is not null")
        return [(line.seq, line.state, bool(line.is_current)) for line in lines] + [(0, "table", stands)]
    finally:
        await connections.close()


def test_a_release_that_was_recalled_after_the_backup_stays_recalled(
    here: Settings, database_url: str, state_dir: Path
) -> None:
    file = state_dir / "before.gsb"
    asyncio.run(make_world(database_url, state_dir))
    backup(here, database_url, file)
    asyncio.run(recall_second(database_url))
    restore(here, database_url, file, may_replace=True)
    assert asyncio.run(states(database_url)) == [(2, "recalled", False), (1, "published", True), (0, "table", False)]


def test_a_restore_on_another_machine_knows_by_the_journal(
    here: Settings, there: Settings, database_url: str, empty_database_url: str, state_dir: Path
) -> None:
    file = state_dir / "before.gsb"
    asyncio.run(make_world(database_url, state_dir))
    backup(here, database_url, file)
    there.state_dir.mkdir(parents=True)
    sha256 = asyncio.run(hash_of_second(database_url))
    note(there.state_dir / JOURNAL_FILE, RecallLine("geo", "countries", 2, sha256, "شخصی", "Personal", "operator:x"))
    note(there.state_dir / JOURNAL_FILE, RecallLine("geo", "countries", 1, "0" * 64, "شخصی", "Personal", "operator:x"))
    restore(there, empty_database_url, file)
    assert asyncio.run(states(empty_database_url))[:2] == [(2, "recalled", False), (1, "published", True)]


def test_a_restore_that_was_cut_off_before_the_recalls_serves_none_of_them(
    here: Settings, database_url: str, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had been killed between the rows and the recalls; the database that knew of them is gone by then."""
    file = state_dir / "before.gsb"
    asyncio.run(make_world(database_url, state_dir))
    backup(here, database_url, file)
    asyncio.run(recall_second(database_url))  # without a journal: only this database knows of it
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(backups, "_finish", _killed)
        restore(here, database_url, file, may_replace=True)
    assert (2, "published", True) in asyncio.run(states(database_url))
    for _ in range(2):  # as `gsb serve` and `gsb jobs` begin
        asyncio.run(bring_up(here, database_url))
        assert asyncio.run(states(database_url)) == [
            (2, "recalled", False),
            (1, "published", True),
            (0, "table", False),
        ]


async def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_database_is_not_replaced_while_its_recalls_cannot_be_kept(
    here: Settings, database_url: str, state_dir: Path
) -> None:
    file = state_dir / "before.gsb"
    asyncio.run(make_world(database_url, state_dir))
    backup(here, database_url, file)
    asyncio.run(recall_second(database_url))
    (here.state_dir / JOURNAL_FILE).mkdir(parents=True)
    with pytest.raises(Unavailable, match="nothing was changed"):
        restore(here, database_url, file, may_replace=True)
    assert (2, "recalled", False) in asyncio.run(states(database_url))


async def hash_of_second(url: str) -> str:
    connections = Connections(url, size=2)
    try:
        return (await list_releases(connections, "geo", "countries"))[0].sha256
    finally:
        await connections.close()
