"""Jobs are run once and to an end, whatever happens to those who run them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from publicgsb.datasets.jobs import store
from publicgsb.datasets.jobs.model import Job, JobState, Upload
from publicgsb.datasets.jobs.service import job_of, receive, submit
from publicgsb.datasets.jobs.worker import ATTEMPTS_MAX, run_job, run_jobs, run_one
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import list_releases
from publicgsb.datasets.releases.session import releasing
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
Queue = Callable[..., Awaitable[Job]]

GOOD = b"code,name\nIR,Iran\n"
BAD = b"code,name\nIR\n"


async def _upload(state_dir: Path, content: bytes) -> Upload:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    return await receive(state_dir, chunks(), 1_000)


@pytest.fixture
async def queue(connections: Connections, state_dir: Path, declare: Declare, country: Documents) -> Queue:
    await declare(country())
    async with connections.use() as connection:
        agency_id = (await load_registry(connection)).agencies["standards"].id

    async def queued(content: bytes, key: str = "one") -> Job:
        upload = await _upload(state_dir, content)
        submitted = await submit(connections, "standards", "countries", key, upload, "test", agency_id=agency_id)
        return submitted.job

    return queued


async def _claim(connections: Connections, lease_seconds: float) -> Job | None:
    async with connections.transaction() as connection:
        return await store.claim(connection, lease_seconds)


async def test_a_file_with_errors_ends_as_refused_with_its_report(
    connections: Connections, state_dir: Path, queue: Queue
) -> None:
    job = await queue(BAD)
    await run_one(connections, state_dir)
    ended = await job_of(connections, job.agency_id, job.id)
    assert ended.state is JobState.REFUSED and ended.report is not None
    assert ended.report["counts"] == {"missing-cell": 1}
    assert await list_releases(connections, "standards", "countries") == []


async def test_jobs_of_one_dataset_are_run_one_at_a_time_in_the_order_of_arrival(
    connections: Connections, queue: Queue
) -> None:
    first, second = await queue(GOOD, "one"), await queue(GOOD, "two")
    claimed = await _claim(connections, 30)
    assert claimed is not None and claimed.id == first.id
    assert await _claim(connections, 30) is None
    async with connections.transaction() as connection:
        await store.set_ended(connection, claimed, JobState.FAILED)
    following = await _claim(connections, 30)
    assert following is not None and following.id == second.id


async def test_a_job_whose_holder_died_is_taken_up_by_another(
    connections: Connections, state_dir: Path, queue: Queue
) -> None:
    job = await queue(GOOD)
    dead = await _claim(connections, 0.0)
    assert dead is not None
    assert await run_one(connections, state_dir)
    ended = await job_of(connections, job.agency_id, job.id)
    assert (ended.state, ended.attempts, ended.release_seq) == (JobState.RELEASED, 2, 1)


async def test_a_holder_that_lost_its_job_releases_nothing(
    connections: Connections, state_dir: Path, queue: Queue
) -> None:
    job = await queue(GOOD)
    slow = await _claim(connections, 0.0)
    other = await _claim(connections, 30)
    assert slow is not None and other is not None
    await run_job(connections, state_dir, slow)
    assert await list_releases(connections, "standards", "countries") == []
    await run_job(connections, state_dir, other)
    assert len(await list_releases(connections, "standards", "countries")) == 1
    assert (await job_of(connections, job.agency_id, job.id)).state is JobState.RELEASED


async def test_a_job_waits_while_its_dataset_is_released_by_another_process(
    connections: Connections, state_dir: Path, queue: Queue
) -> None:
    job = await queue(GOOD)
    async with releasing(connections, "standards", "countries"):
        await run_one(connections, state_dir)
    waiting = await job_of(connections, job.agency_id, job.id)
    assert (waiting.state, waiting.attempts) == (JobState.QUEUED, 0)


async def test_a_job_gives_up_after_three_attempts_that_broke_and_the_log_quotes_no_row(
    connections: Connections, state_dir: Path, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    job = await queue(GOOD)
    async with connections.use() as connection:
        await connection.execute("alter table gsb.registry_entry add check (version < 0) not valid")
    for _ in range(3):
        async with connections.use() as connection:
            await connection.execute("update gsb.job set lease_until = null")
        await run_one(connections, state_dir)
    ended = await job_of(connections, job.agency_id, job.id)
    assert ended.state is JobState.FAILED and ended.error is not None
    assert ended.error["code"] == "INTERNAL"
    assert "CheckViolationError" in caplog.text and "Failing row" not in caplog.text


async def test_that_the_database_went_away_is_not_held_against_a_file(
    connections: Connections, state_dir: Path, queue: Queue
) -> None:
    job = await queue(GOOD)
    async with connections.use() as connection:
        await connection.execute(
            """
            create function gsb.go_away() returns trigger language plpgsql as
            $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
            create trigger go_away before insert on gsb.release for each row execute function gsb.go_away()
            """
        )
    for _ in range(ATTEMPTS_MAX + 1):
        await _run_now(connections, state_dir)
    waiting = await job_of(connections, job.agency_id, job.id)
    assert (waiting.state, waiting.attempts) == (JobState.QUEUED, ATTEMPTS_MAX + 1)
    async with connections.use() as connection:
        await connection.execute("drop trigger go_away on gsb.release")
    await _run_now(connections, state_dir)
    assert (await job_of(connections, job.agency_id, job.id)).state is JobState.RELEASED


async def test_a_database_without_room_ends_a_job_with_words_that_say_so(
    connections: Connections, state_dir: Path, queue: Queue
) -> None:
    job = await queue(GOOD)
    async with connections.use() as connection:
        await connection.execute(
            """
            create function gsb.be_full() returns trigger language plpgsql as
            $$ begin raise exception 'could not extend file of ۰۰۱۲۳' using errcode = '53100'; end $$;
            create trigger be_full before insert on gsb.release for each row execute function gsb.be_full()
            """
        )
    for _ in range(ATTEMPTS_MAX):
        await _run_now(connections, state_dir)
    ended = await job_of(connections, job.agency_id, job.id)
    assert ended.state is JobState.FAILED and ended.error is not None
    assert (ended.error["code"], ended.error["details"]["reason"]) == ("UNAVAILABLE", "disk_full")
    assert "has no room" in ended.error["detail"] and "۰۰۱۲۳" not in str(ended.error)
    assert list((state_dir / "uploads").iterdir()) == list((state_dir / "loading").iterdir()) == []


async def _run_now(connections: Connections, state_dir: Path) -> None:
    """Whatever waits need not wait until its time has come."""
    async with connections.use() as connection:
        await connection.execute("update gsb.job set lease_until = null")
    assert await run_one(connections, state_dir)


async def test_the_same_key_with_another_file_conflicts_and_leaves_no_file(state_dir: Path, queue: Queue) -> None:
    await queue(GOOD)
    with pytest.raises(Conflict):
        await queue(BAD)
    assert len(list((state_dir / "uploads").iterdir())) == 1


async def test_the_jobs_process_works_the_queue_off_and_stops_when_told(
    connections: Connections, state_dir: Path, queue: Queue, eventually: Callable[..., Awaitable[None]]
) -> None:
    jobs = [await queue(GOOD, key) for key in ("one", "two")]
    stop = asyncio.Event()
    running = asyncio.create_task(run_jobs(connections, state_dir, stop))

    async def is_done() -> bool:
        return (await job_of(connections, jobs[1].agency_id, jobs[1].id)).state is JobState.RELEASED

    await eventually(is_done)
    stop.set()
    await running
    assert [line.seq for line in await list_releases(connections, "standards", "countries")] == [2, 1]
