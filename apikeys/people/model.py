"""Named persons of an organisation, what mail codes are for, and declared uses: values and rules, no I/O."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from publicgsb.apikeys.model import Application, Organisation, OwnerToken, Role, Spread
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound
from publicgsb.platform.kernel.ids import KeyId, OrganisationId

PLAN_OPEN, PLAN_REGISTERED_USE = "open", "registered_use"  # the one step that a declared use raises

REGISTRATIONS_PER_DAY = 10  # of one address; thirty days allow three times as many
REGISTRATIONS_PER_MONTH = 30
MAILS_PER_DAY = 10  # to one address, whoever asks for them
INVITATIONS_PER_DAY = 20  # of an organisation: its name is in the mail, and strangers get it
PEOPLE_MAX = 100  # of an organisation


class Purpose(StrEnum):
    """What a mailed code is good for, once."""

    CONFIRM = "confirm"
    INVITE = "invite"
    RENEW = "renew"


CODE_LIFETIME = {
    Purpose.CONFIRM: timedelta(days=7),
    Purpose.INVITE: timedelta(days=7),
    Purpose.RENEW: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person as their own organisation, or an operator, sees them."""

    id: int
    name: str
    email: str
    role: Role
    created_at: datetime
    account: str | None = None

    @property
    def standing(self) -> dict[str, Any]:
        return {"role": self.role.value}


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was redeemed: it is used up."""

    purpose: Purpose
    organisation_id: OrganisationId
    person_id: int | None
    email: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class DeclaredUse:
    id: int
    url: str
    description: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """An organisation as its own people see it."""

    organisation: Organisation
    legal_id: str | None
    email_confirmed_at: datetime | None
    use: DeclaredUse | None
    applications: tuple[Application, ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """A person who accepted an invitation, with the token that is shown once."""

    person: Person
    organisation: Organisation
    token: OwnerToken = field(repr=False)


@dataclass(frozen=True, slots=True)
class Removal:
    """Who was removed, which keys ended with them, and which of their making work on."""

    person: Person
    revoked: tuple[KeyId, ...]
    left: tuple[KeyId, ...]
    spread: Spread


def no_such_person() -> NotFound:
    """One answer for a person who does not exist, was removed, or belongs to others."""
    return NotFound("There is no such person.", hint="GET /api/v1/organisation/people lists yours.")


def no_such_code() -> InvalidRequest:
    """One answer for a code that never was, was used, has expired or is for something else."""
    return InvalidRequest(
        "This code is not valid: it was used, has expired, or was replaced by a newer one.",
        reason="code",
        hint="Ask for a new mail; a code works once.",
    )


def last_owner() -> Conflict:
    return Conflict(
        "An organisation keeps at least one owner.",
        reason="last_owner",
        hint="Invite another owner first.",
    )
