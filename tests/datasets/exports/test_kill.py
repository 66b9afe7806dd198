"""kill -9 of the process that makes files leaves the release without any, and nobody is offered half of one."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.datasets.exports.conftest import NAME, Declare, Documents, Make, Release

from publicgsb.datasets.exports.making import making_folder
from publicgsb.datasets.exports.model import FileFormat
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.exports.sweep import sweep_files
from publicgsb.platform.kernel.database import Connections

ROWS = [["code", "name"], *([f"{n:06}", f"name {n}"] for n in range(5_000))]

# Stops itself hard at the named stage, or halfway through putting: no handler, no finally, no goodbye.
SCRIPT = """
import asyncio, os, signal, sys
from pathlib import Path
from publicgsb.datasets.exports.making import make_files
from publicgsb.datasets.exports.objects import open_objects
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections

url, state_dir, stage = sys.argv[1], Path(sys.argv[2]), sys.argv[3]

def told(reached):
    if reached.value == stage:
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    connections = Connections(url, size=2)
    async with connections.use() as connection:
        entry = (await load_registry(connection)).dataset("standards", "countries")
    await make_files(connections, open_objects(None, state_dir), state_dir, entry, entry.current, told=told)

asyncio.run(main())
"""


@pytest.mark.parametrize("stage", ["csv", "parquet", "xlsx", "putting", "telling"])
async def test_a_killed_maker_has_made_nothing_and_the_next_one_makes_it(
    connections: Connections,
    database_url: str,
    state_dir: Path,
    declare: Declare,
    country: Documents,
    release: Release,
    objects: Objects,
    make: Make,
    eventually: Callable[..., Awaitable[None]],
    stage: str,
) -> None:
    await declare(country())
    await release(NAME, ROWS)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = ["-c", SCRIPT, database_url, str(state_dir), stage]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, env=environment)
    assert await process.wait() == -signal.SIGKILL
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.export") == 0
    left = len([name async for name in objects.names()])
    assert left == (3 if stage == "telling" else 0)
    assert len(list(making_folder(state_dir).iterdir())) == 1

    async def is_swept() -> bool:  # the server has yet to notice the death
        swept = await sweep_files(connections, objects, state_dir)
        return swept is not None and (swept.objects, swept.folders) == (left, 1)

    await eventually(is_swept)
    assert [name async for name in objects.names()] == []
    assert {part.format for part in (await make()).parts} == set(FileFormat)
