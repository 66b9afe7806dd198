"""A file that somebody of an agency wants a contract proposed for, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

KEPT = timedelta(days=1)  # the proposal, from when it is finished; the file goes as soon as it is
WAITING_MAX = 4  # of one agency that are not finished: each has its file on disk
KEPT_MAX = 200  # of one agency, within a day


class DraftState(StrEnum):
    QUEUED = "queued"
    MADE = "made"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DraftRequest:
    id: str
    agency_id: int
    agency: str
    dataset: str
    file_name: str
    file_sha256: str
    file_bytes: int
    state: DraftState
    proposal: dict[str, Any] | None
    yaml: str | None
    error: dict[str, Any] | None  # a problem document
    created_at: datetime
    finished_at: datetime | None

    @property
    def name(self) -> str:
        return f"{self.agency}/{self.dataset}"
