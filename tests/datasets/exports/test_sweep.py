"""Objects stay as long as a release names them that may be read, and go afterwards."""

import asyncio
import signal
import sys
from pathlib import Path

from tests.datasets.exports.conftest import NAME, Declare, Documents, Make, Release, content

from publicgsb.datasets.exports.making import making, making_folder
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.exports.sweep import sweep_files
from publicgsb.platform.kernel.database import Connections

IRAN = [["code", "name"], ["IR", "Iran"]]
JAPAN = [["code", "name"], ["JP", "Japan"]]


async def _end(connections: Connections, seq: int, state: str) -> None:
    async with connections.use() as connection:
        await connection.execute("update gsb.release set state = $2, gone_at = now() where seq = $1", seq, state)


async def test_files_of_a_release_past_its_life_go_and_others_stay(
    connections: Connections, declare: Declare, country: Documents, release: Release, make: Make, objects: Objects,
    state_dir: Path,
) -> None:  # fmt: skip
    await declare(country())
    await release(NAME, IRAN)
    first = await make()
    await release(NAME, JAPAN)
    second = await make()
    await _end(connections, 1, "gone")
    early = await sweep_files(connections, objects, state_dir)
    assert early is not None and (early.releases, early.objects) == (0, 0)  # a download of it may be under way
    swept = await sweep_files(connections, objects, state_dir, grace_seconds=0)
    assert swept is not None and (swept.releases, swept.objects) == (1, len(first.parts))
    for part in second.parts:
        assert len(await content(objects, part.sha256, part.bytes)) == part.bytes


async def test_files_of_a_recalled_release_go_at_once(
    connections: Connections, declare: Declare, country: Documents, release: Release, make: Make, objects: Objects,
    state_dir: Path,
) -> None:  # fmt: skip
    await declare(country())
    await release(NAME, IRAN)
    await make()
    await _end(connections, 1, "recalled")
    swept = await sweep_files(connections, objects, state_dir)
    assert swept is not None and swept.releases == 1
    assert [name async for name in objects.names()] == []


async def test_an_object_that_two_releases_share_stays_with_the_second(
    connections: Connections, declare: Declare, country: Documents, release: Release, make: Make, objects: Objects,
    state_dir: Path,
) -> None:  # fmt: skip
    await declare(country())
    await release(NAME, IRAN)
    await make()
    await release(NAME, IRAN)
    second = await make()
    await _end(connections, 1, "gone")
    await sweep_files(connections, objects, state_dir, grace_seconds=0)
    left = {name async for name in objects.names()}
    assert left == {part.sha256 for part in second.parts}


async def test_nothing_is_swept_while_somebody_makes_files(
    connections: Connections, objects: Objects, state_dir: Path
) -> None:
    async with making(connections):
        assert await sweep_files(connections, objects, state_dir, patience_seconds=0.05) is None
    assert await sweep_files(connections, objects, state_dir, patience_seconds=0.05) is not None


async def test_a_sweep_has_its_turn_before_those_who_begin_to_make_files_while_it_waits(
    connections: Connections, objects: Objects, state_dir: Path
) -> None:
    """One maker after another, each beginning before the last has ended, would starve a sweep that only tries."""
    was_swept: list[bool] = []
    left = making_folder(state_dir) / "left"  # goes within the sweep's turn; when its call returns says nothing of that
    left.mkdir(parents=True)

    async def sweep() -> None:
        assert await sweep_files(connections, objects, state_dir) is not None

    async def make_next() -> None:
        async with making(connections):
            was_swept.append(not left.exists())

    async with asyncio.TaskGroup() as group, making(connections):
        group.create_task(sweep())
        await _until_waiting(connections, 1)
        group.create_task(make_next())
        await _until_waiting(connections, 2)
        assert was_swept == []
    assert was_swept == [True]


async def _until_waiting(connections: Connections, sessions: int) -> None:
    async with asyncio.timeout(60), connections.use() as connection:
        query = """
            select count(*) from pg_locks
            where locktype = 'advisory' and not granted
              and database = (select oid from pg_database where datname = current_database())
        """
        while await connection.fetchval(query) < sessions:
            await asyncio.sleep(0.01)


async def test_a_recalled_release_is_forgotten_also_while_somebody_makes_files(
    connections: Connections, declare: Declare, country: Documents, release: Release, make: Make, objects: Objects,
    state_dir: Path,
) -> None:  # fmt: skip
    await declare(country())
    await release(NAME, IRAN)
    await make()
    await _end(connections, 1, "recalled")
    async with making(connections):
        assert await sweep_files(connections, objects, state_dir, patience_seconds=0.05) is None
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.export") == 0


async def test_what_the_database_names_and_the_store_has_lost_is_made_again(
    connections: Connections, declare: Declare, country: Documents, release: Release, make: Make, objects: Objects,
    state_dir: Path,
) -> None:  # fmt: skip
    await declare(country())
    await release(NAME, IRAN)
    first = await make()
    await objects.delete(first.parts[0].sha256)
    swept = await sweep_files(connections, objects, state_dir)
    assert swept is not None and swept.lost == 1
    assert (await make()).parts == first.parts
    for part in first.parts:
        assert len(await content(objects, part.sha256, part.bytes)) == part.bytes


# The store's own way to put an object in parts, ended hard before the last of them.
UNFINISHED = """
import os, signal, sys
import obstore
from obstore.store import LocalStore

with obstore.open_writer(LocalStore(sys.argv[1]), f"sha256/ab/{'ab' * 32}", buffer_size=1024) as writer:
    writer.write(b"x" * 5000)
    os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_what_a_killed_process_was_putting_is_removed_and_was_never_an_object(
    connections: Connections, objects: Objects, state_dir: Path
) -> None:
    folder = state_dir / "objects"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", UNFINISHED, str(folder))
    assert await process.wait() == -signal.SIGKILL
    (left,) = [path for path in folder.rglob("*") if path.is_file()]
    assert left.name == f"{'ab' * 32}#1"
    assert [name async for name in objects.names()] == []
    swept = await sweep_files(connections, objects, state_dir)
    assert swept is not None and swept.objects == 1
    assert not left.exists()
