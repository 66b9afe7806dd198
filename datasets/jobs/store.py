"""Jobs in the database, and the folder in which their files wait."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.jobs.model import Job, JobState, Purpose, Upload
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.notes import notes_of
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.jobs"
_INSERT = load(_HERE, "sql/job_insert.sql")
_SELECT = load(_HERE, "sql/job_select.sql")
_CLAIM = load(_HERE, "sql/job_claim.sql")
_PROGRESS = load(_HERE, "sql/job_progress.sql")
_RELEASED = load(_HERE, "sql/job_released.sql")
_IN_REVIEW = load(_HERE, "sql/job_in_review.sql")
_ENDED = load(_HERE, "sql/job_ended.sql")
_POSTPONED = load(_HERE, "sql/job_postponed.sql")
_GIVEN_UP = load(_HERE, "sql/given_up.sql")
_IN_USE = load(_HERE, "sql/files_in_use.sql")


def upload_folder(state_dir: Path) -> Path:
    return state_dir / "uploads"


async def insert(
    connection: Connection,
    job_id: str,
    agency_id: int,
    dataset_id: int,
    idempotency_key: str,
    upload: Upload,
    as_of: date | None,
    actor: str,
    mode: Mode,
    *,
    purpose: Purpose = Purpose.RELEASE,
    submission_id: str | None = None,
    not_before: datetime | None = None,
    notes: Label | None = None,
) -> bool:
    """False when the agency has used the idempotency key before."""
    inserted = await connection.fetchval(
        _INSERT,
        job_id,
        agency_id,
        dataset_id,
        idempotency_key,
        upload.sha256,
        upload.path.name,
        upload.size_bytes,
        as_of,
        actor,
        mode.value,
        purpose.value,
        submission_id,
        not_before,
        notes.fa if notes else None,
        notes.en if notes else None,
    )
    return inserted is not None


async def by_id(connection: Connection, job_id: str) -> Job | None:
    return _job(await connection.fetchrow(_SELECT, job_id, None, None))


async def by_idempotency_key(connection: Connection, agency_id: int, key: str) -> Job | None:
    return _job(await connection.fetchrow(_SELECT, None, agency_id, key))


async def claim(connection: Connection, lease_seconds: float) -> Job | None:
    """The oldest job that waits, or whose holder is lost; its `attempts` is the proof of holding it."""
    job_id = await connection.fetchval(_CLAIM, lease_seconds)
    return None if job_id is None else await by_id(connection, job_id)


async def set_progress(
    connection: Connection,
    job: Job,
    stage: str,
    rows: int,
    bytes_read: int,
    bytes_total: int,
    lease_seconds: float,
) -> bool:
    """False when the job is no longer ours."""
    kept = await connection.fetchval(
        _PROGRESS, job.id, job.attempts, stage, rows, bytes_read, bytes_total, lease_seconds
    )
    return kept is not None


async def set_released(connection: Connection, job: Job, release_id: int, report: dict[str, Any]) -> bool:
    """False when the job is no longer ours."""
    document = json.dumps(report, ensure_ascii=False)
    return await connection.fetchval(_RELEASED, job.id, job.attempts, release_id, document) is not None


async def set_in_review(connection: Connection, job: Job, rows: int, report: dict[str, Any]) -> bool:
    """False when the job is no longer ours."""
    document = json.dumps(report, ensure_ascii=False)
    return await connection.fetchval(_IN_REVIEW, job.id, job.attempts, rows, document) is not None


async def set_ended(
    connection: Connection,
    job: Job,
    state: JobState,
    *,
    report: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> bool:
    """False when the job is no longer ours."""
    documents = (json.dumps(d, ensure_ascii=False) if d is not None else None for d in (report, error))
    return await connection.fetchval(_ENDED, job.id, job.attempts, state.value, *documents) is not None


async def postpone(connection: Connection, job: Job, seconds: float, *, counts: bool) -> None:
    await connection.execute(_POSTPONED, job.id, job.attempts, seconds, int(not counts))


async def count_given_up(connection: Connection) -> int:
    count: int = await connection.fetchval(_GIVEN_UP)
    return count


async def files_in_use(connection: Connection) -> set[str]:
    return {row["file_name"] for row in await connection.fetch(_IN_USE)}


def _job(row: asyncpg.Record | None) -> Job | None:
    if row is None:
        return None
    members = dict(row)
    for name in ("report", "error"):
        members[name] = json.loads(members[name]) if members[name] else None
    members["notes"] = notes_of(members.pop("notes_fa"), members.pop("notes_en"))
    members |= {name: of(members[name]) for name, of in (("state", JobState), ("mode", Mode), ("purpose", Purpose))}
    return Job(**members)
