"""A request for restricted data, the grant that may come of it, and the rules that need no database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from publicgsb.apikeys.grants.states import GrantState, Party, RequestState, Standing, Step
from publicgsb.apikeys.model import Actor, Spread
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.kernel.ids import OrganisationId

DAYS_DEFAULT = 365
DAYS_MAX = 1095
FIELDS_MAX = 200
STEPS_A_DAY_MAX = 200  # of one organisation: all that it can make grow is bounded by them
WARNING_DAYS = (30, 7, 1)


@dataclass(frozen=True, slots=True)
class Content:
    """What a request says. `fields` are columns; None asks for all that is restricted in the dataset."""

    fields: tuple[str, ...] | None
    purpose: str
    legal_basis: str  # as the applicant sees it
    contact: str
    responsible: str  # data protection officer, or whoever answers for the data
    days: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A right to a dataset, or to some of its fields, from one moment to another."""

    id: int
    version: int
    state: GrantState
    fields: tuple[str, ...] | None
    begins_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    revoked_reason: str | None

    def told_at(self, now: datetime) -> str:
        """Its state in the API's words: one whose end has passed is `expired`."""
        return "expired" if self.state is GrantState.ACTIVE and self.ends_at <= now else self.state.value


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """A request as one side may see it: the applicant's latest words, or those that were handed in."""

    id: int
    organisation_id: OrganisationId
    organisation: str
    agency_id: int
    agency: str
    dataset_id: int
    dataset: str
    state: RequestState
    version: int
    submitted_version: int | None
    content: Content
    grant: Grant | None  # the newest
    opened_at: datetime
    submitted_at: datetime | None
    changed_at: datetime

    @property
    def name(self) -> str:
        return f"{self.agency}/{self.dataset}"

    @property
    def standing(self) -> Standing:
        return Standing(self.state, self.grant.state if self.grant else None)


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken, as both sides may read it."""

    at: datetime
    party: Party
    step: Step
    version: int
    message: str
    legal_ground: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A request with all that was done and said."""

    request: GrantRequest
    steps: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """`spread`: how far a change of rights has got; None when the step changes none."""

    request: GrantRequest
    spread: Spread | None


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides for an agency; `agency_id` None is the operator, who may decide for each. `only`: the datasets
    (agency/dataset) that the key is for; None: all of the agency.
    """

    actor: Actor
    party: Party
    agency_id: int | None
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a step. A refusal names its legal ground."""

    message: str = ""
    legal_ground: str | None = None


def end_of(begins_at: datetime, asked: int, allowed: int | None) -> datetime:
    """The agency may give less time than was asked for, never more."""
    return begins_at + timedelta(days=asked if allowed is None else min(asked, allowed))


def warning_due(ends_at: datetime, now: datetime, warned: int | None) -> int | None:
    """The warning to give now, as days before the end; None when it was given or is not due yet."""
    left = ends_at - now
    due = [days for days in WARNING_DAYS if timedelta(0) < left <= timedelta(days=days)]
    return min(due) if due and (warned is None or min(due) < warned) else None


def settled(standing: Standing, grant: Grant | None) -> tuple[int, int] | None:
    """Which version is worked on and which was handed in, once nothing waits for a decision and there is a grant: its
    own. Whatever a reopening asked for beyond it is history. None: as they were.
    """
    if grant is None or standing.request not in (RequestState.VALIDATED, RequestState.ARCHIVED):
        return None
    return grant.version, grant.version


def no_such_request() -> NotFound:
    """One answer for a request that does not exist, a draft, and one that is somebody else's."""
    return NotFound("There is no such request.", hint="GET /api/v1/grants lists those that concern you.")
