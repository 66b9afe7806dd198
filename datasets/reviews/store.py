"""Submissions in the database."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import asyncpg

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.jobs.model import Upload
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.notes import notes_of
from publicgsb.datasets.reviews.model import Bound, State, Submission, Submitter
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

LIST_MAX = 200

_HERE = "publicgsb.datasets.reviews"
_INSERT = load(_HERE, "sql/submission_insert.sql")
_SELECT = load(_HERE, "sql/submissions.sql")
_LOCK = load(_HERE, "sql/submission_lock.sql")
_VALIDATING = load(_HERE, "sql/submission_validating.sql")
_IN_REVIEW = load(_HERE, "sql/submission_in_review.sql")
_FAILED = load(_HERE, "sql/submission_failed.sql")
_DECIDED = load(_HERE, "sql/submission_decided.sql")
_CONTRACT_BY = load(_HERE, "sql/contract_by.sql")
_WITHDRAWN = load(_HERE, "sql/submission_withdrawn.sql")
_PUBLISHED = load(_HERE, "sql/submission_published.sql")
_REMINDERS = load(_HERE, "sql/reminders.sql")
_LAPSED = load(_HERE, "sql/lapsed.sql")
_COUNT_OPEN = load(_HERE, "sql/count_open.sql")
_GIVEN_UP = load(_HERE, "sql/jobs_given_up.sql")


async def insert(
    connection: Connection,
    submission_id: str,
    state: State,
    *,
    submitter: Submitter,
    dataset_id: int,
    idempotency_key: str,
    upload: Upload,
    as_of: date | None,
    mode: Mode,
    embargo_until: datetime | None,
    notes: Label | None,
) -> bool:
    """False when the agency has used the idempotency key before."""
    inserted = await connection.fetchval(
        _INSERT,
        *(submission_id, submitter.agency_id, dataset_id, state.value, idempotency_key),
        *(upload.sha256, upload.path.name, upload.size_bytes, as_of, embargo_until),
        *(submitter.person_id, submitter.actor, mode.value),
        *((notes.fa, notes.en) if notes else (None, None)),
    )
    return inserted is not None


async def by_id(connection: Connection, submission_id: str) -> Submission | None:
    return _one(await connection.fetchrow(_SELECT, submission_id, None, None, None, 1, True))


async def by_idempotency_key(connection: Connection, agency_id: int, key: str) -> Submission | None:
    return _one(await connection.fetchrow(_SELECT, None, agency_id, key, None, 1, True))


async def of_agency(
    connection: Connection, agency_id: int | None, states: Sequence[State] | None, limit: int = LIST_MAX
) -> list[Submission]:
    """Newest first, without what was found of them; of every agency for None."""
    wanted = [state.value for state in states] if states is not None else None
    rows = await connection.fetch(_SELECT, None, agency_id, None, wanted, limit, False)
    return [_submission(row) for row in rows]


async def count_open(connection: Connection, dataset_id: int) -> int:
    count: int = await connection.fetchval(_COUNT_OPEN, dataset_id)
    return count


async def lock(connection: Connection, submission_id: str) -> None:
    await connection.execute(_LOCK, submission_id)


async def set_validating(connection: Connection, submission_id: str, reason: str | None) -> int:
    """How many checks it has had with this one."""
    checks: int = await connection.fetchval(_VALIDATING, submission_id, reason)
    return checks


async def set_in_review(
    connection: Connection,
    submission_id: str,
    contract_id: int,
    gate_version: str,
    report: dict[str, Any],
    review: dict[str, Any],
    base_id: int | None,
) -> bool:
    documents = (json.dumps(one, ensure_ascii=False) for one in (report, review))
    row = await connection.fetchval(_IN_REVIEW, submission_id, contract_id, gate_version, *documents, base_id)
    return row is not None


async def set_failed(
    connection: Connection, submission_id: str, report: dict[str, Any] | None, error: dict[str, Any] | None
) -> bool:
    documents = (json.dumps(one, ensure_ascii=False) if one is not None else None for one in (report, error))
    return await connection.fetchval(_FAILED, submission_id, *documents) is not None


async def contract_by(connection: Connection, submission_id: str) -> int | None:
    """Who declared the contract that it would be the first release under; None: an operator, or it is not the first."""
    person_id: int | None = await connection.fetchval(_CONTRACT_BY, submission_id)
    return person_id


async def set_decided(
    connection: Connection, submission_id: str, state: State, person_id: int, reason: str | None
) -> None:
    await connection.execute(_DECIDED, submission_id, state.value, person_id, reason)


async def set_withdrawn(connection: Connection, submission_id: str, reason: str | None) -> None:
    await connection.execute(_WITHDRAWN, submission_id, reason)


async def set_published(connection: Connection, submission_id: str, release_id: int, gate_version: str) -> bool:
    return await connection.fetchval(_PUBLISHED, submission_id, release_id, gate_version) is not None


async def take_reminders(connection: Connection, after_seconds: float) -> list[str]:
    return [row["id"] for row in await connection.fetch(_REMINDERS, after_seconds)]


async def lapsed(connection: Connection, gate_version: str) -> list[str]:
    return [row["id"] for row in await connection.fetch(_LAPSED, gate_version)]


async def give_up_jobs(connection: Connection, submission_id: str, problem: dict[str, Any]) -> None:
    await connection.execute(_GIVEN_UP, submission_id, json.dumps(problem, ensure_ascii=False))


def _one(row: asyncpg.Record | None) -> Submission | None:
    return None if row is None else _submission(row)


def _submission(row: asyncpg.Record) -> Submission:
    checked = approved = None
    if row["contract_id"] is not None:
        checked = Bound(row["file_sha256"], row["contract_id"], row["contract_sha256"], row["gate_version"])
    if row["approved_sha256"] is not None:
        approved = Bound(
            row["approved_sha256"],
            row["approved_contract_id"],
            row["approved_contract_sha256"],
            row["approved_gate_version"],
        )
    report, review, error = (json.loads(row[name]) if row[name] else None for name in ("report", "review", "error"))
    return Submission(
        id=row["id"],
        agency_id=row["agency_id"],
        dataset_id=row["dataset_id"],
        agency=row["agency"],
        dataset=row["dataset"],
        stored=State(row["state"]),
        file_sha256=row["file_sha256"],
        file_name=row["file_name"],
        file_bytes=row["file_bytes"],
        as_of=row["as_of"],
        mode=Mode(row["mode"]),
        base_id=row["base_id"],
        current_id=row["current_id"],
        embargo_until=row["embargo_until"],
        submitted_by=row["submitted_by"],
        submitter=row["submitter"],
        actor=row["actor"],
        created_at=row["created_at"],
        submitted_at=row["submitted_at"],
        checks=row["checks"],
        checked=checked,
        report=report,
        review=review,
        error=error,
        in_review_at=row["in_review_at"],
        reminded_at=row["reminded_at"],
        decided_by=row["decided_by"],
        decider=row["decider"],
        decided_at=row["decided_at"],
        reason=row["reason"],
        approved=approved,
        contract_now=(row["now_id"], row["now_sha256"]),
        contract_versions=(row["contract_version"], row["now_version"]),
        job_id=row["job_id"],
        release_seq=row["release_seq"],
        release_state=row["release_state"],
        is_current=row["is_current"],
        deputy_id=row["deputy_id"],
        ended_at=row["ended_at"],
        version=row["version"],
        notes=notes_of(row["notes_fa"], row["notes_en"]),
    )
