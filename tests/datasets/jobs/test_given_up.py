"""A file that kills whoever reads it is given up, told to its publisher, written down and counted."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from publicgsb.datasets.jobs.given_up import LOST_LEASES_MAX, GivenUpJobs
from publicgsb.datasets.jobs.model import Job, JobState
from publicgsb.datasets.jobs.service import job_of, receive, submit
from publicgsb.datasets.jobs.worker import run_one
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import list_releases
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.platform.server.audit import Filters, entries

Eventually = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]
Queue = Callable[[str], Awaitable[Job]]

# Holds the job for as long as it lives: it never comes to the end of the file.
HOLDER = """
import asyncio, sys
from pathlib import Path
from publicgsb.datasets.jobs.worker import run_one
from publicgsb.datasets.releases import service
from publicgsb.platform.kernel.database import Connections

async def endless(*arguments, **more):
    await asyncio.Event().wait()

service._read = endless

asyncio.run(run_one(Connections(sys.argv[1], size=2), Path(sys.argv[2])))
"""


@pytest.fixture
async def queue(
    connections: Connections,
    state_dir: Path,
    declare: Callable[..., Awaitable[Any]],
    country: Callable[..., dict[str, Any]],
) -> Queue:
    await declare(country())
    async with connections.use() as connection:
        agency_id = (await load_registry(connection)).agencies["standards"].id

    async def content() -> AsyncIterator[bytes]:
        yield b"code,name\nIR,Iran\n"

    async def queued(key: str) -> Job:
        upload = await receive(state_dir, content(), 1_000)
        return (await submit(connections, "standards", "countries", key, upload, "test", agency_id=agency_id)).job

    return queued


async def _killed(connections: Connections, database_url: str, state_dir: Path, eventually: Eventually) -> None:
    """A process takes the job up and is killed while it has it; its lease is over."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, database_url, str(state_dir), env=environment
    )

    async def is_locked() -> bool:
        async with connections.use() as connection:
            locks: int = await connection.fetchval(
                "select count(*) from pg_locks where locktype = 'advisory'"
                " and database = (select oid from pg_database where datname = current_database())"
            )
        return locks > 0

    async def is_let_go() -> bool:
        return not await is_locked()

    try:
        await eventually(is_locked)  # by now it has the job, and all that it asks the server for until it reads
    finally:
        process.kill()
        await process.wait()
    await eventually(is_let_go)  # the server has yet to notice the death: until then the dataset is busy
    async with connections.use() as connection:  # it is dead for certain, so nobody has to wait for its lease
        await connection.execute("update gsb.job set lease_until = now() - interval '1 second' where state = 'running'")


@pytest.fixture
async def pulse(connections: Connections) -> AsyncIterator[Pulse]:
    pulse = Pulse(connections, "test")
    yield pulse
    await pulse.stop()


async def test_a_job_that_ended_three_processes_is_given_up_and_the_next_one_is_run(
    connections: Connections, database_url: str, state_dir: Path, queue: Queue, eventually: Eventually, pulse: Pulse
) -> None:
    counted = GivenUpJobs(connections, pulse)
    await pulse.start()
    poison = await queue("poison")
    for _ in range(LOST_LEASES_MAX):
        await _killed(connections, database_url, state_dir, eventually)
    good = await queue("good")
    assert await run_one(connections, state_dir)  # the good one, and the poison not once more
    ended, following = [await job_of(connections, one.agency_id, one.id) for one in (poison, good)]
    assert (ended.state, ended.attempts, ended.lost_leases) == (JobState.FAILED, 4, 3)
    assert ended.error is not None and ended.error["details"] == {"reason": "process_lost", "lost_leases": 3}
    assert "plain CSV" in ended.error["hint"] and "3 times" in ended.error["detail"]
    assert (following.state, following.release_seq) == (JobState.RELEASED, 1)
    assert list((state_dir / "uploads").iterdir()) == []
    (entry,) = await entries(connections, Filters(action="job.end"))
    assert (entry.actor, entry.subject, entry.after["reason"]) == ("system:jobs", f"job:{poison.id}", "process_lost")

    async def is_counted() -> bool:
        return counted.count == 1

    await eventually(is_counted)


async def test_a_job_that_lost_two_processes_is_released_by_the_third(
    connections: Connections, database_url: str, state_dir: Path, queue: Queue, eventually: Eventually
) -> None:
    job = await queue("unlucky")
    for _ in range(LOST_LEASES_MAX - 1):
        await _killed(connections, database_url, state_dir, eventually)
    assert await run_one(connections, state_dir)
    ended = await job_of(connections, job.agency_id, job.id)
    assert (ended.state, ended.lost_leases) == (JobState.RELEASED, 2)
    assert len(await list_releases(connections, "standards", "countries")) == 1
