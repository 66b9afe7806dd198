"""A submission: a file on its way to become a release, when somebody else has to look at it first."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.modes import Mode


class State(StrEnum):
    """Where a submission stands. The last three follow from what is stored and from the registry."""

    DRAFT = "draft"  # the file is kept, nobody has looked at it
    VALIDATING = "validating"
    FAILED = "failed"  # the report says why
    IN_REVIEW = "in_review"
    SENT_BACK = "sent_back"  # with a reason; a corrected file is a new submission
    APPROVED = "approved"  # is being published, or waits for the end of its embargo
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # by the agency, before it was published
    EMBARGOED = "embargoed"
    SUPERSEDED = "superseded"
    RECALLED = "recalled"


OPEN_STATES = (State.DRAFT, State.VALIDATING, State.IN_REVIEW, State.APPROVED)


class Review(StrEnum):
    """Whether what an agency's publishers hand in is published at once."""

    NONE = "none"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a check was of, and what an approval is for: the file, the contract and the rules of the privacy gate."""

    file_sha256: str
    contract_id: int
    contract_sha256: str
    gate_version: str


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who hands a file in: a person of the agency, or nobody where it was fetched from its source."""

    agency_id: int
    person_id: int | None
    actor: str  # as the audit names them


@dataclass(frozen=True, slots=True)
class Submission:
    id: str
    agency_id: int
    dataset_id: int
    agency: str
    dataset: str
    stored: State  # one of the first eight
    file_sha256: str
    file_name: str
    file_bytes: int
    as_of: date | None
    mode: Mode
    embargo_until: datetime | None
    submitted_by: int | None
    submitter: str  # their name
    actor: str
    created_at: datetime
    submitted_at: datetime | None
    checks: int
    checked: Bound | None
    base_id: int | None  # the release that was current when it was checked
    current_id: int | None  # the one that is
    report: dict[str, Any] | None  # as their makers wrote them; passed on, never looked into
    review: dict[str, Any] | None
    error: dict[str, Any] | None
    in_review_at: datetime | None
    reminded_at: datetime | None
    decided_by: int | None
    decider: str | None
    decided_at: datetime | None
    reason: str | None
    approved: Bound | None
    contract_now: tuple[int, str]  # id and hash of what its release would be under, if it were made now
    contract_versions: tuple[str | None, str]  # of the one that was checked, and of that one
    job_id: str | None  # the last of its jobs
    release_seq: int | None
    release_state: str | None
    is_current: bool
    deputy_id: int | None  # of the agency
    ended_at: datetime | None
    version: int | None = None  # of the registry, from which on its release is what `state` says; None without one
    notes: Label | None = None  # of its release

    @property
    def name(self) -> str:
        return f"{self.agency}/{self.dataset}"

    def state(self, now: datetime) -> State:
        """As it is shown at that moment."""
        if self.stored is State.APPROVED and self.embargo_until is not None and self.embargo_until > now:
            return State.EMBARGOED
        if self.stored is State.PUBLISHED and self.release_state == "recalled":
            return State.RECALLED
        if self.stored is State.PUBLISHED and not self.is_current:
            return State.SUPERSEDED
        return self.stored

    def holds(self, gate_version: str) -> bool:
        """Whether what was approved, or checked, is what would be published now."""
        bound = self.approved or self.checked
        return (
            bound is not None
            and bound.file_sha256 == self.file_sha256
            and bound.contract_id == self.contract_now[0]
            and bound.gate_version == gate_version
            and (self.mode is Mode.FULL or self.base_id == self.current_id)
        )
