"""A request for some fields and rows of a release, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from publicgsb.datasets.contracts.model import FilterOp, Value
from publicgsb.datasets.exports.model import FileFormat, Part

KEPT = timedelta(days=1)  # from when it is finished
WAITING_MAX = 4  # of one account that are not finished
KEPT_MAX = 50  # of one account
KEPT_BYTES_MAX = 10 * 1024**3  # likewise, of their files: a request is refused once they have as many


class RequestState(StrEnum):
    QUEUED = "queued"
    MADE = "made"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Condition:
    """Of a field that declares the operator; several hold together."""

    field: str
    op: FilterOp
    operand: Value | tuple[Value, ...] | bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, as it was checked against the contract of the release."""

    format: FileFormat
    fields: tuple[str, ...]  # columns, in the order of the file
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class ExportRequest:
    id: str
    account: tuple[int, int]
    key_id: str
    agency: str
    dataset: str
    seq: int
    release_id: int
    format: FileFormat
    fields: tuple[str, ...]
    conditions: dict[str, Any]  # as it was asked
    state: RequestState
    attempts: int
    parts: tuple[Part, ...]
    error: str | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def expires_at(self) -> datetime | None:
        return self.finished_at + KEPT if self.finished_at else None
