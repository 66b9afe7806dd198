"""A job: one uploaded file on its way to become a release."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.modes import Mode


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    RELEASED = "released"
    IN_REVIEW = "in_review"  # checked; somebody has to approve its submission
    REFUSED = "refused"  # the report says why
    FAILED = "failed"  # the error says why


class Purpose(StrEnum):
    """What a job does with its file."""

    RELEASE = "release"
    CHECK = "check"  # of a submission, which then waits for its review
    PUBLISH = "publish"  # a submission that was approved


@dataclass(frozen=True, slots=True)
class Upload:
    """A received file in the upload folder, complete and on disk."""

    path: Path
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    agency_id: int
    dataset_id: int
    agency: str
    dataset: str
    file_sha256: str
    file_name: str
    file_bytes: int
    as_of: date | None
    mode: Mode
    actor: str
    state: JobState
    stage: str
    rows_done: int
    bytes_done: int
    bytes_total: int
    attempts: int
    release_seq: int | None
    report: dict[str, Any] | None  # as its reader wrote it; passed on, never looked into
    error: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None
    purpose: Purpose = Purpose.RELEASE
    submission_id: str | None = None
    lost_leases: int = 0  # attempts whose process ended without a word
    version: int | None = None  # of the registry, at which its release became current
    notes: Label | None = None  # of its release


@dataclass(frozen=True, slots=True)
class Submitted:
    job: Job
    is_new: bool  # False: the idempotency key was used before, for this very file
