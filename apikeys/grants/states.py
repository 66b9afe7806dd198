"""Which step leads from where to where: the states of a request and of the grant that came of it, as one table.

They are those of DataPass, where French administrations apply for each other's data. A request that was validated can
be reopened: its next version is decided while the grant goes on, and only validation puts a new grant in its place.
"""

from enum import StrEnum
from typing import NamedTuple

from publicgsb.platform.kernel.errors import Conflict, NotPermitted


class RequestState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    VALIDATED = "validated"
    REFUSED = "refused"
    ARCHIVED = "archived"


class GrantState(StrEnum):
    ACTIVE = "active"  # in force until its end
    OBSOLETE = "obsolete"  # a newer grant of the same request took its place
    REVOKED = "revoked"


class Step(StrEnum):
    OPEN = "open"  # begins a request; it leads from nowhere, so the table does not have it
    EDIT = "edit"
    SUBMIT = "submit"
    REPLY = "reply"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    REQUEST_CHANGES = "request_changes"
    VALIDATE = "validate"
    REFUSE = "refuse"
    REVOKE = "revoke"


class Party(StrEnum):
    APPLICANT = "applicant"
    AGENCY = "agency"
    OPERATOR = "operator"


class Standing(NamedTuple):
    """Where a request stands, and its newest grant; None before the first."""

    request: RequestState
    grant: GrantState | None = None


BEGINNING = Standing(RequestState.DRAFT)

_APPLICANT = frozenset({Party.APPLICANT})
_DECIDES = frozenset({Party.AGENCY, Party.OPERATOR})
PARTIES = {
    Step.EDIT: _APPLICANT,
    Step.SUBMIT: _APPLICANT,
    Step.REPLY: _APPLICANT,
    Step.WITHDRAW: _APPLICANT,
    Step.REOPEN: _APPLICANT,
    Step.REQUEST_CHANGES: _DECIDES,
    Step.VALIDATE: _DECIDES,
    Step.REFUSE: _DECIDES,
    Step.REVOKE: _DECIDES,
}

_DRAFT, _SUBMITTED, _CHANGES, _VALIDATED, _REFUSED, _ARCHIVED = RequestState
_ACTIVE, _, _REVOKED = GrantState

_FIRST = {
    (Standing(_DRAFT), Step.EDIT): Standing(_DRAFT),
    (Standing(_DRAFT), Step.SUBMIT): Standing(_SUBMITTED),
    (Standing(_DRAFT), Step.WITHDRAW): Standing(_ARCHIVED),
    (Standing(_SUBMITTED), Step.REQUEST_CHANGES): Standing(_CHANGES),
    (Standing(_SUBMITTED), Step.VALIDATE): Standing(_VALIDATED, _ACTIVE),
    (Standing(_SUBMITTED), Step.REFUSE): Standing(_REFUSED),
    (Standing(_SUBMITTED), Step.WITHDRAW): Standing(_ARCHIVED),
    (Standing(_CHANGES), Step.EDIT): Standing(_CHANGES),
    (Standing(_CHANGES), Step.REPLY): Standing(_SUBMITTED),
    (Standing(_CHANGES), Step.WITHDRAW): Standing(_ARCHIVED),
    (Standing(_REFUSED), Step.WITHDRAW): Standing(_ARCHIVED),
}
_GRANTED = {
    (Standing(_VALIDATED, _ACTIVE), Step.REOPEN): Standing(_DRAFT, _ACTIVE),
    (Standing(_VALIDATED, _ACTIVE), Step.REVOKE): Standing(_VALIDATED, _REVOKED),
}
# Whatever ends a reopening without a new grant leaves the old one as it is; only a revocation ends both.
_REOPENED = {
    (Standing(_DRAFT, _ACTIVE), Step.EDIT): Standing(_DRAFT, _ACTIVE),
    (Standing(_DRAFT, _ACTIVE), Step.SUBMIT): Standing(_SUBMITTED, _ACTIVE),
    (Standing(_DRAFT, _ACTIVE), Step.WITHDRAW): Standing(_VALIDATED, _ACTIVE),
    (Standing(_DRAFT, _ACTIVE), Step.REVOKE): Standing(_ARCHIVED, _REVOKED),
    (Standing(_SUBMITTED, _ACTIVE), Step.REQUEST_CHANGES): Standing(_CHANGES, _ACTIVE),
    (Standing(_SUBMITTED, _ACTIVE), Step.VALIDATE): Standing(_VALIDATED, _ACTIVE),
    (Standing(_SUBMITTED, _ACTIVE), Step.REFUSE): Standing(_VALIDATED, _ACTIVE),
    (Standing(_SUBMITTED, _ACTIVE), Step.WITHDRAW): Standing(_VALIDATED, _ACTIVE),
    (Standing(_SUBMITTED, _ACTIVE), Step.REVOKE): Standing(_ARCHIVED, _REVOKED),
    (Standing(_CHANGES, _ACTIVE), Step.EDIT): Standing(_CHANGES, _ACTIVE),
    (Standing(_CHANGES, _ACTIVE), Step.REPLY): Standing(_SUBMITTED, _ACTIVE),
    (Standing(_CHANGES, _ACTIVE), Step.WITHDRAW): Standing(_VALIDATED, _ACTIVE),
    (Standing(_CHANGES, _ACTIVE), Step.REVOKE): Standing(_ARCHIVED, _REVOKED),
}
TRANSITIONS: dict[tuple[Standing, Step], Standing] = {**_FIRST, **_GRANTED, **_REOPENED}


def take(standing: Standing, step: Step, party: Party) -> Standing:
    """Where the step leads; Conflict when it does not begin here, NotPermitted when it is not this party's."""
    if party not in PARTIES.get(step, ()):
        raise NotPermitted(f"To {_words(step)} is not the {party}'s.", reason="party")
    following = TRANSITIONS.get((standing, step))
    if following is None:
        possible = steps_from(standing, party)
        raise Conflict(
            f"A request that is {told(standing)} takes no step {_words(step)}.",
            reason="state",
            hint=f"Possible now: {', '.join(map(_words, possible))}." if possible else "Make a new request.",
            state=standing.request.value,
            possible=[one.value for one in possible],
        )
    return following


def steps_from(standing: Standing, party: Party) -> tuple[Step, ...]:
    """What this party can do next, in the order of the table."""
    return tuple(step for start, step in TRANSITIONS if start == standing and party in PARTIES[step])


def is_reopened(standing: Standing) -> bool:
    """Whether a further version is being prepared or decided while a grant goes on."""
    return standing.grant is GrantState.ACTIVE and standing.request is not RequestState.VALIDATED


def told(standing: Standing) -> str:
    """The standing in words."""
    words = _words(standing.request)
    if is_reopened(standing):
        return f"{words} (reopened)"
    return f"{words}, its grant revoked" if standing.grant is GrantState.REVOKED else words


def _words(name: StrEnum) -> str:
    return name.value.replace("_", " ")
