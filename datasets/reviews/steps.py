"""The steps that several use cases take, each inside its transaction: to check again, to queue a job, to write down."""

from datetime import datetime
from pathlib import Path
from typing import Any

from publicgsb.datasets.jobs import store as jobs_store
from publicgsb.datasets.jobs.model import Purpose, Upload
from publicgsb.datasets.reviews import store
from publicgsb.datasets.reviews.model import State, Submission
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.kernel.ids import random_base62
from publicgsb.platform.kernel.outbox import publish

REVIEWS = "system:reviews"  # what the service does by itself: it checks, publishes when the time has come, reminds


async def check_again(connection: Connection, submission: Submission, reason: str | None) -> None:
    """Back to the check, whatever it was; what was decided on it no longer stands."""
    checks = await store.set_validating(connection, submission.id, reason)
    await queue_job(connection, submission, Purpose.CHECK, checks)


async def lapse(connection: Connection, submission: Submission) -> None:
    """What it was checked or approved for is no longer what would be published."""
    reason = "The contract, the rules of the privacy gate or the release that it changes is another by now."
    await give_up(connection, submission, reason)
    await check_again(connection, submission, reason)
    await record(
        connection,
        REVIEWS,
        "submission.lapse",
        f"submission:{submission.id}",
        before={"state": submission.stored.value},
        after={"state": State.VALIDATING.value},
        reason=reason,
        dataset=submission.name,
    )
    await tell_agency(connection, "submission.lapsed", submission, reason=reason)


async def queue_job(
    connection: Connection,
    submission: Submission,
    purpose: Purpose,
    number: int,
    *,
    not_before: datetime | None = None,
) -> None:
    """Its key holds a space, which no caller's may."""
    inserted = await jobs_store.insert(
        connection,
        f"job_{random_base62(22)}",
        submission.agency_id,
        submission.dataset_id,
        f"{purpose.value} {submission.id} {number}",
        Upload(Path(submission.file_name), submission.file_sha256, submission.file_bytes),
        submission.as_of,
        submission.actor,
        submission.mode,
        purpose=purpose,
        submission_id=submission.id,
        not_before=not_before,
        notes=submission.notes,
    )
    assert inserted, "each check and each approval has a number of its own"


async def tell_agency(connection: Connection, kind: str, submission: Submission, **details: Any) -> None:
    """To the agency's webhooks, and by mail to whom it concerns (platform/server/reviewing.py)."""
    payload = {"submission": submission.id, "dataset": submission.name, "submitter": submission.submitter, **details}
    await publish(connection, kind, payload, agency_id=submission.agency_id)


async def give_up(connection: Connection, submission: Submission, why: str) -> None:
    problem = Conflict(why, reason="submission").as_problem(submission.id)
    await store.give_up_jobs(connection, submission.id, problem)


async def note(
    connection: Connection,
    actor: str,
    what: str,
    submission: Submission,
    before: State | None,
    after: State,
    *,
    reason: str | None = None,
    **details: Any,
) -> None:
    await record(
        connection,
        actor,
        f"submission.{what}",
        f"submission:{submission.id}",
        before={"state": before.value} if before else None,
        after={"state": after.value, **details},
        reason=reason,
        dataset=submission.name,
    )
    if after is not State.DRAFT:
        told = {"reason": reason} if reason else {}
        await tell_agency(connection, f"submission.{after.value}", submission, **told)


async def found_of(connection: Connection, submission_id: str) -> Submission:
    submission = await store.by_id(connection, submission_id)
    assert submission is not None
    return submission
