"""Facts on disk: nothing that was spooled is lost, and nothing counts twice."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import anyio
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas import spool
from publicgsb.quotas.facts import Facts
from publicgsb.quotas.spool import SUFFIX, Spool, SpoolFull, has_files, replay
from publicgsb.quotas.store import Fact

from .processes import start

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
OpenSpool: TypeAlias = Callable[..., Spool]
SECOND = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)


def _facts(first: int, count: int) -> list[Fact]:
    return [Fact(seq, SECOND, 4, "k", 0, 0, "h", 1, 2, 50, 0, 3) for seq in range(first, first + count)]


@pytest.fixture
def open_spool() -> Iterator[OpenSpool]:
    with ExitStack() as stack:

        def spool(folder: Path, bytes_max: int = 1_000_000) -> Spool:
            opened = Spool(folder, BootId(uuid4()), bytes_max)
            stack.callback(opened.let_go)
            return opened

        yield spool


async def _sums(connections: Connections) -> tuple[int, int, int]:
    async with connections.use() as connection:
        row = await connection.fetchrow(
            "select count(*)::int, coalesce(sum(points), 0)::int, (select coalesce(sum(points), 0)::int"
            " from gsb.usage_day where dataset_id = 0) from gsb.usage_fact where dataset_id = 0"
        )
    assert row is not None
    return row[0], row[1], row[2]


async def test_what_was_spooled_comes_back_to_the_fact_and_the_folder_is_empty(
    connections: Connections, state_dir: Path, open_spool: OpenSpool
) -> None:
    spool = open_spool(state_dir)
    spool.append(_facts(1, 3))
    spool.append(_facts(4, 2))
    spool.let_go()
    assert await replay(state_dir, connections) == 5
    assert await _sums(connections) == (5, 10, 10)
    assert not has_files(state_dir)


async def test_what_the_release_before_spooled_is_read(
    connections: Connections, state_dir: Path, monkeypatch: pytest.MonkeyPatch, open_spool: OpenSpool
) -> None:
    """It knew no time of the database: a worker that ended in an update leaves such lines."""
    monkeypatch.setattr(spool, "astuple", lambda fact: astuple(fact)[:-1])
    before = open_spool(state_dir)
    before.append(_facts(1, 3))
    before.let_go()
    assert await replay(state_dir, connections) == 3
    assert await _sums(connections) == (3, 6, 6)


async def test_a_file_is_left_alone_while_its_writer_lives(
    connections: Connections, state_dir: Path, open_spool: OpenSpool
) -> None:
    spool = open_spool(state_dir)
    spool.append(_facts(1, 3))
    assert await replay(state_dir, connections) == 0
    assert has_files(state_dir)


async def test_a_torn_tail_and_a_flipped_byte_are_left_out_and_the_rest_counts(
    connections: Connections, state_dir: Path, open_spool: OpenSpool
) -> None:
    spool = open_spool(state_dir)
    spool.append(_facts(1, 5))
    spool.let_go()
    (file,) = state_dir.glob(f"*{SUFFIX}")
    lines = file.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"k"', b'"j"')
    file.write_bytes(b"".join(lines)[:-9])
    assert await replay(state_dir, connections) == 3
    assert await _sums(connections) == (3, 6, 6)


async def test_what_was_replayed_before_counts_once(
    connections: Connections, state_dir: Path, open_spool: OpenSpool
) -> None:
    spool = open_spool(state_dir)
    spool.append(_facts(1, 3))
    spool.let_go()
    (file,) = state_dir.glob(f"*{SUFFIX}")
    content = file.read_bytes()
    await replay(state_dir, connections)
    file.write_bytes(content)  # as if the process had died before it could remove the file
    await replay(state_dir, connections)
    assert await _sums(connections) == (3, 6, 6)


def test_a_full_folder_takes_nothing_of_a_batch(state_dir: Path, open_spool: OpenSpool) -> None:
    spool = open_spool(state_dir, bytes_max=1_000)
    spool.append(_facts(1, 2))
    with pytest.raises(SpoolFull):
        spool.append(_facts(3, 50))
    (file,) = state_dir.glob(f"*{SUFFIX}")
    assert file.read_bytes().count(b"\n") == 2


def test_what_is_spooled_is_nobody_elses_to_read(state_dir: Path, open_spool: OpenSpool) -> None:
    open_spool(state_dir / "facts").append(_facts(1, 1))
    (file,) = (state_dir / "facts").iterdir()
    assert file.stat().st_mode & 0o077 == 0


async def test_a_file_stays_when_the_database_goes_away_in_the_middle(state_dir: Path, open_spool: OpenSpool) -> None:
    spool = open_spool(state_dir)
    spool.append(_facts(1, 3))
    spool.let_go()
    with pytest.raises(Unavailable):
        await replay(state_dir, Connections(NOWHERE, size=1))
    assert has_files(state_dir)


async def test_a_worker_spools_while_the_database_is_away_and_writes_all_of_it_when_it_is_back(
    connections: Connections, state_dir: Path, open_spool: OpenSpool
) -> None:
    facts = Facts(Connections(NOWHERE, size=1), BootId(uuid4()), open_spool(state_dir))
    for _ in range(3):
        facts.record_answer(4, "k", "h", (), points=2, bytes=50, errors=0, ms=3)
        await facts._try_flush()
    assert (facts._pending, facts.spooled) == ([], 6)
    facts._connections = connections
    facts.record_answer(4, "k", "h", (), points=2, bytes=50, errors=0, ms=3)
    await facts.close()
    assert await _sums(connections) == (4, 8, 8)
    assert not has_files(state_dir)


async def test_a_disk_that_takes_nothing_leaves_the_facts_in_memory(
    connections: Connections, state_dir: Path, open_spool: OpenSpool
) -> None:
    facts = Facts(Connections(NOWHERE, size=1), BootId(uuid4()), open_spool(state_dir, bytes_max=0))
    facts.record_answer(4, "k", "h", (), points=2, bytes=50, errors=0, ms=3)
    await facts._try_flush()
    facts._connections = connections
    await facts.close()
    assert await _sums(connections) == (1, 2, 2)


async def test_what_a_killed_worker_had_spooled_is_replayed_by_another_process_once(
    connections: Connections, state_dir: Path
) -> None:
    """PostgreSQL is down, and the worker is killed in the middle of it."""
    killed = start("fact_writer.py", NOWHERE, state_dir)
    assert killed.stdout is not None
    with killed.stdout:
        spooled = 0
        for _ in range(5):
            spooled = int(await anyio.to_thread.run_sync(killed.stdout.readline))
        os.kill(killed.pid, signal.SIGKILL)
        spooled = max([spooled, *(int(line) for line in killed.stdout if line.endswith("\n"))])
    killed.wait()
    await replay(state_dir, connections)
    await replay(state_dir, connections)
    count, points, by_day = await _sums(connections)
    assert count >= spooled >= 5
    assert points == by_day == 2 * count
