"""What the jobs process does for submissions: check one, publish one that was approved, end what came to nothing."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publicgsb.datasets.ingest.report import Report
from publicgsb.datasets.jobs import store as jobs
from publicgsb.datasets.jobs.model import Job, JobState, Purpose
from publicgsb.datasets.privacy.version import GATE_VERSION
from publicgsb.datasets.releases.model import Built
from publicgsb.datasets.reviews import steps, store
from publicgsb.datasets.reviews.examining import examined
from publicgsb.datasets.reviews.model import State
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, GsbError, Internal

JOBS = "system:jobs"


class LapsedError(Exception):
    """What was approved is not what would be published; leaving the transaction by it publishes nothing."""


class Examination:
    """What `release_file` builds for a check, as its reviewer will see it."""

    def __init__(self) -> None:
        self.contract_id = 0
        self.rows = 0
        self.base_id: int | None = None
        self.review: dict[str, Any] = {}

    async def look(self, connection: Connection, built: Built) -> None:
        self.contract_id = built.target.contract_id
        self.rows = built.ingested.rows
        contract = built.target.contract
        current = built.registry.dataset(contract.agency, contract.dataset).current
        self.base_id = current.id if current else None
        self.review = await examined(connection, built)


@dataclass(frozen=True, slots=True)
class Course:
    """How a job's file is released: examined only, approved before, or neither."""

    examination: Examination | None = None
    approved_by: str | None = None  # by name
    also: Callable[[Connection, int], Awaitable[None]] | None = None


async def course_of(connections: Connections, path: Path, job: Job) -> Course:
    """Raises LapsedError when the approval does not hold any more, Conflict when there is none."""
    if job.purpose is Purpose.CHECK:
        return Course(examination=Examination())
    if job.purpose is Purpose.RELEASE or job.submission_id is None:
        return Course()
    submission_id = job.submission_id
    async with connections.use() as connection:
        submission = await store.by_id(connection, submission_id)
    if submission is None or submission.stored is not State.APPROVED or submission.approved is None:
        raise Conflict("The submission is no longer approved.", reason="submission")
    if not submission.holds(GATE_VERSION):
        raise LapsedError
    if await asyncio.to_thread(_sha256, path) != submission.approved.file_sha256:
        raise Internal("The file is not the one that was approved.", reason="file_changed")

    async def also(connection: Connection, release_id: int) -> None:
        if not await store.set_published(connection, submission_id, release_id, GATE_VERSION):
            raise LapsedError
        until = submission.embargo_until
        await _note(
            *(connection, "publish", submission.id, submission.name, State.APPROVED, State.PUBLISHED),
            job=job.id,
            embargo_until=until.isoformat() if until else None,
        )

    return Course(approved_by=submission.decider or f"person {submission.decided_by}", also=also)


async def end_in_review(connections: Connections, job: Job, examination: Examination, report: Report) -> None:
    """The check and its submission end in one transaction; one that was withdrawn meanwhile stays so."""
    assert job.submission_id is not None
    told = report.as_json()
    async with connections.transaction() as connection:
        if not await jobs.set_in_review(connection, job, examination.rows, told):
            return
        await note_end(connection, job, JobState.IN_REVIEW)
        if not await store.set_in_review(
            *(connection, job.submission_id, examination.contract_id, GATE_VERSION, told, examination.review),
            examination.base_id,
        ):
            return
        submission = await store.by_id(connection, job.submission_id)
        assert submission is not None
        await _note(
            *(connection, "check", submission.id, submission.name, State.VALIDATING, State.IN_REVIEW), job=job.id
        )
        await steps.tell_agency(connection, "submission.in_review", submission)


async def end_failed(
    connection: Connection, job: Job, report: dict[str, Any] | None, error: dict[str, Any] | None
) -> None:
    """In the transaction in which its job ends."""
    if job.submission_id is None or not await store.set_failed(connection, job.submission_id, report, error):
        return
    submission = await store.by_id(connection, job.submission_id)
    assert submission is not None
    before = State.APPROVED if job.purpose is Purpose.PUBLISH else State.VALIDATING
    await _note(connection, "fail", submission.id, submission.name, before, State.FAILED, job=job.id)
    await steps.tell_agency(connection, "submission.failed", submission)


async def end_lapsed(connections: Connections, job: Job) -> None:
    """The submission is checked again, under what is in force now; one that is approved no more stays as it is."""
    assert job.submission_id is not None
    lapsed: GsbError = Conflict("The approval no longer held.", reason="lapsed")
    async with connections.transaction() as connection:
        await store.lock(connection, job.submission_id)
        if await jobs.set_ended(connection, job, JobState.FAILED, error=lapsed.as_problem(job.id)):
            await note_end(connection, job, JobState.FAILED, lapsed.as_problem(job.id))
        submission = await store.by_id(connection, job.submission_id)
        if submission is not None and submission.stored is State.APPROVED:
            await steps.lapse(connection, submission)


async def note_end(connection: Connection, job: Job, state: JobState, error: Mapping[str, Any] | None = None) -> None:
    """That a job ended without a release; one with a release ends in the release's own transaction and entry."""
    why = {"code": error["code"], "reason": error.get("details", {}).get("reason")} if error else {}
    await record(
        connection,
        JOBS,
        "job.end",
        f"job:{job.id}",
        before={"state": JobState.RUNNING.value},
        after={"state": state.value, **why},
        dataset=f"{job.agency}/{job.dataset}",
        attempts=job.attempts,
    )


async def _note(
    connection: Connection, what: str, submission_id: str, dataset: str, before: State, after: State, **details: Any
) -> None:
    """What the service did by itself, and whose decision it carries out stands in the entry of the decision."""
    await record(
        connection,
        steps.REVIEWS,
        f"submission.{what}",
        f"submission:{submission_id}",
        before={"state": before.value},
        after={"state": after.value},
        dataset=dataset,
        **details,
    )


async def keeps_file(connections: Connections, job: Job) -> bool:
    """Whether the file of a job that has ended is still needed by its submission."""
    async with connections.use() as connection:
        return job.file_name in await jobs.files_in_use(connection)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
