"""kill -9 of the releasing process leaves the old release, and nothing of the new one."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.sweep import sweep
from publicgsb.platform.kernel.database import Connections

ROWS = [["code", "name"], *([f"{n:06}", f"name {n}"] for n in range(20_000))]

# Stops itself hard at the named stage: no handler, no finally, no goodbye.
SCRIPT = """
import asyncio, os, signal, sys
from pathlib import Path
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.service import release_file
from publicgsb.platform.kernel.database import Connections

url, state_dir, path, stage, mode = sys.argv[1:]

def progress(reached, rows, read, total):
    if reached.value == stage and (rows or stage != "reading"):
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    connections = Connections(url, size=2)
    await release_file(
        connections, Path(state_dir), "standards", "countries", Path(path), "test", mode=Mode(mode), progress=progress
    )

asyncio.run(main())
"""


async def _registry(connections: Connections) -> Registry:
    async with connections.use() as connection:
        return await load_registry(connection)


async def _tables(connections: Connections) -> list[str]:
    async with connections.use() as connection:
        rows = await connection.fetch("select tablename from pg_tables where schemaname = 'released' order by 1")
    return [row["tablename"] for row in rows]


@pytest.mark.parametrize(
    ("stage", "mode"),
    [
        *((stage, Mode.FULL) for stage in ("reading", "loading", "indexing", "linking", "swapping")),
        *((stage, Mode.UPSERT) for stage in ("indexing", "swapping")),
    ],
)
async def test_a_killed_release_has_never_happened(
    connections: Connections,
    database_url: str,
    state_dir: Path,
    declare: Callable[..., Awaitable[Any]],
    country: Callable[..., dict[str, Any]],
    release: Callable[..., Awaitable[Any]],
    write_csv: Callable[..., Path],
    eventually: Callable[..., Awaitable[None]],
    stage: str,
    mode: Mode,
) -> None:
    await declare(country())
    await release("standards/countries", ROWS[:3])
    before = await _registry(connections)
    arguments = [database_url, str(state_dir), str(write_csv(ROWS)), stage, mode.value]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SCRIPT, *arguments, env=environment)
    assert await process.wait() == -signal.SIGKILL
    assert len(list((state_dir / "loading").iterdir())) == 1

    async def is_swept() -> bool:  # the server has yet to notice the death
        return (await sweep(connections, state_dir)).files == 1

    await eventually(is_swept)
    assert list((state_dir / "loading").iterdir()) == []
    assert await _tables(connections) == ["standards__countries__r1"]
    assert await _registry(connections) == before
    assert (await release("standards/countries", ROWS)).release.seq == 2
