"""A file that somebody of an agency wants looked at, and what a release of it would have come to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.jobs.model import Upload
from publicgsb.datasets.releases.modes import Mode

KEPT = timedelta(days=1)  # the report, from when it is finished; the file goes as soon as it is
WAITS = timedelta(hours=1)  # a contract for its file: whether its links may be counted was looked at when it came
QUEUED_MAX = 4  # of one agency that are not finished: each has its file on disk
KEPT_MAX = 200  # of one agency, within a day


class ValidationState(StrEnum):
    WAITING = "waiting"  # its contract is here, its file is not
    QUEUED = "queued"
    GOOD = "good"  # it could be released
    REFUSED = "refused"  # the report says why
    FAILED = "failed"  # the error says why


@dataclass(frozen=True, slots=True)
class New:
    """One that is asked for: a file, or the contract for one that comes next."""

    dataset: str
    mode: Mode
    upload: Upload | None = None
    contract: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    id: str
    agency_id: int
    agency: str
    dataset: str
    contract: Contract | None  # None: the one that the next release would be under
    mode: Mode
    file_name: str | None
    file_sha256: str | None
    file_bytes: int | None
    state: ValidationState
    report: dict[str, Any] | None  # as their makers wrote them; passed on, never looked into
    review: dict[str, Any] | None
    error: dict[str, Any] | None  # a problem document
    created_at: datetime
    finished_at: datetime | None

    @property
    def name(self) -> str:
        return f"{self.agency}/{self.dataset}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (ValidationState.WAITING, ValidationState.QUEUED)
