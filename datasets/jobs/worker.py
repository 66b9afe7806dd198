"""The jobs process: claims one job after another and releases its file; a job outlives any process that ran it."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.ingest.report import Report
from publicgsb.datasets.jobs import given_up, store
from publicgsb.datasets.jobs.model import Job, JobState
from publicgsb.datasets.notices.model import UsersOf
from publicgsb.datasets.releases.model import Stage
from publicgsb.datasets.releases.service import release_file
from publicgsb.datasets.releases.sweep import sweep
from publicgsb.datasets.reviews import checking
from publicgsb.datasets.reviews.checking import LapsedError
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, GsbError, Internal, TimedOut, Unavailable

LEASE_SECONDS = 30.0
BEAT_SECONDS = 1.0
IDLE_SECONDS = 0.5
BUSY_SECONDS = 5.0
SWEEP_SECONDS = 600.0
UPLOAD_ORPHAN_SECONDS = 3600.0
ATTEMPTS_MAX = 3
GIVE_BACK_SECONDS = 600.0  # how long a holder tries to say that it was the database that went, and not itself
AWAY_ATTEMPTS_MAX = 20  # of those that the database's absence ended, not the file; each takes its place in the queue

log = logging.getLogger(__name__)


class JobLostError(Exception):
    """Another process holds the job now; what was begun here must come to nothing."""


async def run_jobs(
    connections: Connections,
    state_dir: Path,
    stop: asyncio.Event,
    *,
    limits: Limits | None = None,
    keep_releases: int = 3,
    keep_days: int = 7,
    users_of: UsersOf | None = None,
) -> None:
    """Until `stop` is set; a job under way is given up then, and taken up again by whoever comes next."""
    swept_at = -SWEEP_SECONDS
    while not stop.is_set():
        try:
            if time.monotonic() - swept_at >= SWEEP_SECONDS:
                swept_at = time.monotonic()
                await sweep(connections, state_dir, keep_releases=keep_releases, keep_days=keep_days)
                await remove_orphaned_uploads(connections, state_dir)
            job = await _claim(connections, state_dir)
            if job is not None:
                await _run_until(stop, run_job(connections, state_dir, job, limits, users_of))
                continue
        except (Unavailable, TimedOut) as away:
            log.warning("jobs wait for the database: %s", away.message)
        await _pause(stop, IDLE_SECONDS)


async def run_one(
    connections: Connections, state_dir: Path, *, limits: Limits | None = None, users_of: UsersOf | None = None
) -> bool:
    """The oldest waiting job, if there is one."""
    job = await _claim(connections, state_dir)
    if job is not None:
        await run_job(connections, state_dir, job, limits, users_of)
    return job is not None


async def run_job(
    connections: Connections,
    state_dir: Path,
    job: Job,
    limits: Limits | None = None,
    users_of: UsersOf | None = None,
) -> None:
    """One attempt, ending in a final state, back in the queue, or with another holder."""
    try:
        await _attempt(connections, state_dir, job, limits, users_of)
    except JobLostError:
        log.warning("job %s passed to another process", job.id)
        return
    except LapsedError:
        await checking.end_lapsed(connections, job)
    except asyncio.CancelledError:
        await asyncio.shield(_postpone(connections, job, 0.0, counts=False))
        raise
    except Conflict as busy:
        if busy.details.get("reason") == "busy":
            await _postpone(connections, job, BUSY_SECONDS, counts=False)
            return
        await _end(connections, state_dir, job, JobState.FAILED, error=busy.as_problem(job.id))
    except (Unavailable, TimedOut) as away:
        await _retry_or_fail(connections, state_dir, job, away)
    except GsbError as error:
        await _end(connections, state_dir, job, JobState.FAILED, error=error.as_problem(job.id))
    except Exception as error:
        log.error("job %s broke: %s", job.id, type(error).__name__)  # its words may quote a cell
        await _retry_or_fail(connections, state_dir, job, Internal("The job broke on our side."))


async def _attempt(
    connections: Connections, state_dir: Path, job: Job, limits: Limits | None, users_of: UsersOf | None
) -> None:
    beat = _Beat(connections, job)
    path = store.upload_folder(state_dir) / job.file_name
    course = await checking.course_of(connections, path, job)

    async def also(connection: Connection, release_id: int, report: Report) -> None:
        if not await store.set_released(connection, job, release_id, report.as_json()):
            raise JobLostError
        if course.also is not None:
            await course.also(connection, release_id)

    releasing = asyncio.ensure_future(
        release_file(
            connections,
            state_dir,
            job.agency,
            job.dataset,
            path,
            job.actor,
            as_of=job.as_of,
            notes=job.notes,
            mode=job.mode,
            limits=limits,
            progress=beat.told,
            also=also,
            examine=course.examination.look if course.examination else None,
            approved_by=course.approved_by,
            users_of=users_of,
        )
    )
    renewing = asyncio.ensure_future(beat.run())
    try:
        await asyncio.wait({releasing, renewing}, return_when=asyncio.FIRST_COMPLETED)
        if not releasing.done():
            renewing.result()  # it ends by itself only by raising: the lease is lost
        outcome = releasing.result()
    finally:
        await _cancelled(releasing, renewing)
    if course.examination is not None and outcome.report.is_releasable:
        await checking.end_in_review(connections, job, course.examination, outcome.report)
        return
    if outcome.release is None:
        await _end(connections, state_dir, job, JobState.REFUSED, report=outcome.report.as_json())
        return
    _remove_upload(state_dir, job)


class _Beat:
    """Writes progress and renews the lease each second; a lost lease ends the attempt."""

    def __init__(self, connections: Connections, job: Job) -> None:
        self._connections = connections
        self._job = job
        self._progress = (Stage.READING, 0, 0, job.file_bytes)

    def told(self, stage: Stage, rows: int, bytes_read: int, bytes_total: int) -> None:
        self._progress = (stage, rows, bytes_read, bytes_total)

    async def run(self) -> None:
        while True:
            stage, rows, bytes_read, bytes_total = self._progress
            try:
                async with self._connections.transaction() as connection:
                    is_ours = await store.set_progress(
                        connection, self._job, stage.value, rows, bytes_read, bytes_total, LEASE_SECONDS
                    )
            except (Unavailable, TimedOut):
                is_ours = True  # not known; the swap will ask again inside its transaction
            if not is_ours and stage not in {Stage.SWAPPING, Stage.DONE}:
                raise JobLostError
            await asyncio.sleep(BEAT_SECONDS)


async def _claim(connections: Connections, state_dir: Path) -> Job | None:
    """The next job to be run; those that ended whoever ran them are ended themselves, and not run once more."""
    while True:
        async with connections.transaction() as connection:
            job = await store.claim(connection, LEASE_SECONDS)
        if job is None or job.lost_leases < given_up.LOST_LEASES_MAX:
            return job
        log.error("job %s is given up: its process was lost %d times", job.id, job.lost_leases)
        why = given_up.reason_of(job).as_problem(job.id)
        await _end(connections, state_dir, job, JobState.FAILED, error=why, is_alarming=True)


async def _retry_or_fail(connections: Connections, state_dir: Path, job: Job, error: GsbError) -> None:
    is_away = error.details.get("reason") == "database"
    if job.attempts >= (AWAY_ATTEMPTS_MAX if is_away else ATTEMPTS_MAX):
        await _end(connections, state_dir, job, JobState.FAILED, error=error.as_problem(job.id))
    else:
        patience = GIVE_BACK_SECONDS if is_away else 0.0
        await _postpone(connections, job, BUSY_SECONDS, counts=True, patience_seconds=patience)


async def _postpone(
    connections: Connections, job: Job, seconds: float, *, counts: bool, patience_seconds: float = 0.0
) -> None:
    """While the database is away it is tried again: a lease that runs out would be held against the file."""
    until = time.monotonic() + patience_seconds
    while True:
        try:
            async with connections.transaction() as connection:
                await store.postpone(connection, job, seconds, counts=counts)
            return
        except (Unavailable, TimedOut):
            if time.monotonic() >= until:
                log.info("job %s comes back when its lease has run out", job.id)
                return
        await asyncio.sleep(IDLE_SECONDS)


async def _end(
    connections: Connections,
    state_dir: Path,
    job: Job,
    state: JobState,
    *,
    report: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
    is_alarming: bool = False,
) -> None:
    async with connections.transaction() as connection:
        if await store.set_ended(connection, job, state, report=report, error=error):
            await checking.note_end(connection, job, state, error)
            await checking.end_failed(connection, job, report, error)
            if is_alarming:
                await given_up.alarm(connection)
    if not await checking.keeps_file(connections, job):
        _remove_upload(state_dir, job)


def _remove_upload(state_dir: Path, job: Job) -> None:
    (store.upload_folder(state_dir) / job.file_name).unlink(missing_ok=True)


async def remove_orphaned_uploads(connections: Connections, state_dir: Path) -> int:
    """Files whose request died before its job was written, or whose job ended as its process died."""
    async with connections.use() as connection:
        in_use = await store.files_in_use(connection)
    removed = 0
    for path in store.upload_folder(state_dir).glob("*.upload"):
        try:
            is_old = time.time() - path.stat().st_mtime > UPLOAD_ORPHAN_SECONDS
        except FileNotFoundError:
            continue
        if is_old and path.name not in in_use:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


async def _run_until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        await _cancelled(task, stopped)


async def _cancelled(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
