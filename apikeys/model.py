"""Who may ask: organisations, their applications, people and keys, and the rules that need no database."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from publicgsb.apikeys.restrictions import UNRESTRICTED, Restrictions
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotFound, NotPermitted, Unauthenticated
from publicgsb.platform.kernel.ids import ApplicationId, KeyId, OrganisationId

KEY_LIFETIME = timedelta(days=365)
KEY_LIFETIME_MAX = timedelta(days=730)
OWNER_TOKEN_LIFETIME = timedelta(days=90)
ROTATION_OVERLAP = timedelta(hours=24)
SECRETS_MAX = 2  # of a key that work at once: the one in use and the one that replaces it
KEYS_MAX = 10  # that work at once, per application and kind
TEST_PLAN = "test"  # of every test key, whatever the plan of its organisation
NEVER = float("inf")

_ANOTHER = "An owner token creates another key (POST /api/v1/keys); an agency key comes from the operator."


class OrganisationKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class OrganisationState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    PENDING = "pending"


class Role(StrEnum):
    OWNER = "owner"
    MEMBER = "member"
    PUBLISHER = "publisher"
    REVIEWER = "reviewer"
    OPERATOR = "operator"


class KeyState(StrEnum):
    ACTIVE = "active"
    RETIRING = "retiring"  # replaced by a rotation, works until retire_at
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Organisation:
    id: OrganisationId
    name: str
    kind: OrganisationKind
    plan: str
    state: OrganisationState
    suspended_reason: str | None
    created_at: datetime

    @property
    def standing(self) -> dict[str, Any]:
        """What changes of an organisation, as the audit keeps it."""
        return {"plan": self.plan, "state": self.state.value}


@dataclass(frozen=True, slots=True)
class Application:
    """The quota subject together with its organisation; keys come and go, the account stays."""

    id: ApplicationId
    organisation_id: OrganisationId
    name: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key as its owner may see it at any time: everything but the secret."""

    id: KeyId
    kind: KeyKind
    application_id: ApplicationId | None
    agency_id: int | None
    label: str
    hint: str
    state: KeyState
    created_at: datetime
    expires_at: datetime | None
    retire_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None
    last_used_at: datetime | None
    restrictions: Restrictions = UNRESTRICTED
    replaced_at: datetime | None = None
    origin_id: KeyId | None = None  # the first of the line of rotations that it stands in; None: it is the first

    @property
    def line(self) -> KeyId:
        """What stays the same through all rotations: to its owner one key, whose secret changed."""
        return self.origin_id or self.id

    @property
    def standing(self) -> dict[str, Any]:
        """What changes of a key, as the audit keeps it."""
        moments = {"expires_at": self.expires_at, "retire_at": self.retire_at}
        told = {name: at.isoformat(timespec="seconds") for name, at in moments.items() if at}
        return {"state": self.state.value, **told}

    def works_at(self, now: datetime) -> bool:
        """True while a request with this key would be let in, as far as the key itself decides."""
        return usable_until(self.state, self.expires_at, self.retire_at) > now.timestamp()


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key with its secret: exists in the one answer that creates it."""

    key: Key
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What a process remembers of a key so that it can judge it without asking the database."""

    caller: Caller
    digest: bytes = field(repr=False)
    state: KeyState
    expires_at: datetime | None
    retire_at: datetime | None
    organisation_state: OrganisationState
    usable_until: float  # seconds since 1970; 0 when nothing but an event can make it usable
    suspended_reason: str | None = None
    pepper_version: int = 1
    parent: "KeyRecord | None" = None  # of a token's record: that of the key which it stands on


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, for the audit; `organisation_id` None may touch every organisation (the
    operator).
    """

    name: str
    organisation_id: OrganisationId | None


OPERATOR = Actor("operator", None)


@dataclass(frozen=True, slots=True)
class Owner:
    """A person who proved with their token that they manage an organisation's keys, and, as an owner, its people."""

    person_id: int
    person_name: str
    organisation: Organisation
    token_expires_at: datetime
    role: Role = Role.OWNER

    def refuse_unless_owner(self) -> None:
        """Raises NotPermitted for a member, who manages keys and no people."""
        if self.role is not Role.OWNER:
            raise NotPermitted(
                "A member manages keys; people and the organisation itself are its owners'.",
                reason="member",
                hint="Ask an owner of your organisation.",
            )

    @property
    def actor(self) -> Actor:
        return Actor(f"person:{self.person_id}", self.organisation.id)


@dataclass(frozen=True, slots=True)
class OwnerToken:
    expires_at: datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registered:
    organisation: Organisation
    application: Application
    key: IssuedKey
    owner_token: OwnerToken


@dataclass(frozen=True, slots=True)
class Rotated:
    new: IssuedKey
    old: Key


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a change has reached when its call returns: `is_everywhere` means in every process."""

    is_everywhere: bool
    workers: int
    took_ms: int
    open: int = 0  # processes that have not acknowledged it yet


@dataclass(frozen=True, slots=True)
class Revocation:
    """`successors`: what came after an agency's key in its line, and ended with it."""

    key: Key
    spread: Spread
    successors: tuple[KeyId, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspension:
    organisation: Organisation
    key_ids: tuple[KeyId, ...]
    spread: Spread


@dataclass(frozen=True, slots=True)
class Identity:
    """The names behind a caller, for the answer to "who am I?"."""

    key: Key
    organisation: Organisation | None
    application: Application | None
    agency_slug: str | None
    person_name: str


def usable_until(state: KeyState, expires_at: datetime | None, retire_at: datetime | None) -> float:
    """The moment in seconds since 1970 from which a key of this state is refused."""
    if state is KeyState.REVOKED:
        return 0.0
    ends = [moment.timestamp() for moment in (expires_at, retire_at) if moment is not None]
    return min(ends, default=NEVER)


def working_lines(keys: Iterable[Key], kind: KeyKind, now: datetime) -> Counter[KeyId]:
    """Which lines of this kind let requests in at `now`, each with how many secrets."""
    return Counter(key.line for key in keys if key.kind is kind and key.works_at(now))


def judge(record: KeyRecord, now: float, this: str = "This key") -> Caller:
    """The caller behind a key whose secret was proved; raises Unauthenticated with the reason of a refusal, which names
    the key as `this`: whoever sends a token of it is told so.

    Only whoever holds the secret may learn why, so the digest is compared before this is asked.
    """
    refuse_unless_active(record.organisation_state, record.suspended_reason)
    if record.usable_until > now:
        return record.caller
    if record.state is KeyState.REVOKED:
        raise Unauthenticated(
            f"{this} was revoked.",
            reason="revoked",
            hint=_ANOTHER,
        )
    if record.retire_at is not None and record.retire_at.timestamp() <= now:
        raise _ended(f"{this} was replaced, and its overlap is over", record.retire_at)
    raise _ended(f"{this} has expired", record.expires_at)


def no_such_key() -> NotFound:
    """One answer for a key that does not exist and for one that belongs to somebody else."""
    return NotFound("There is no such key.", hint="GET /api/v1/keys lists yours.")


def refuse_unless_active(state: OrganisationState, why: str | None) -> None:
    """Raises Unauthenticated for an organisation that is suspended or pending; its own people hear why."""
    if state is not OrganisationState.ACTIVE:
        raise Unauthenticated(
            f"The organisation of this credential is {state.value}{f': {why}' if why else ''}.",
            reason=state.value,
            hint="Write to the operator of this service; its front page says where.",
        )


def _ended(sentence: str, at: datetime | None) -> Unauthenticated:
    when = f" ({at.astimezone(UTC):%Y-%m-%d %H:%M} UTC)" if at else ""
    return Unauthenticated(
        f"{sentence}{when}.",
        reason="expired",
        hint=f"Use its replacement if there is one. {_ANOTHER}",
    )
