"""Bodies of the routes of keys, parsed once at the edge into values that the service can trust."""

import re
from dataclasses import dataclass
from datetime import timedelta

from publicgsb.apikeys.members import Members, members_of
from publicgsb.apikeys.model import KEY_LIFETIME, KEY_LIFETIME_MAX, OrganisationKind
from publicgsb.apikeys.restricting import Held, RestrictionChange
from publicgsb.apikeys.restrictions import DATASETS_MAX, LEVELS, NETWORKS_MAX, Restrictions
from publicgsb.apikeys.selection import Selection
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.ids import ApplicationId

TOKEN_DATASETS_MAX = 20  # so that a token stays small enough for a header

_KINDS = {"live": KeyKind.LIVE, "test": KeyKind.TEST}
_INTEGER_MAX = 2**63 - 1
_HELD: dict[str, Held] = {"datasets": "datasets", "levels": "levels", "addresses": "networks"}  # member → part
_DATASET = re.compile(r"[a-z][a-z0-9_]{0,47}/[a-z][a-z0-9_]{0,47}").fullmatch


@dataclass(frozen=True, slots=True)
class Registration:
    name: str
    email: str
    purpose: str
    kind: OrganisationKind = OrganisationKind.ORGANISATION
    legal_id: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRequest:
    label: str
    kind: KeyKind
    application_id: int | None
    lifetime: timedelta
    restrictions: Restrictions


@dataclass(frozen=True, slots=True)
class RestrictionRequest:
    change: RestrictionChange
    reason: str


@dataclass(frozen=True, slots=True)
class RotationRequest:
    overlap: timedelta | None  # None: the installation's


@dataclass(frozen=True, slots=True)
class RevocationRequest:
    reason: str


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """`is_all`: every key of whoever asks, so that a body without any condition does not revoke by accident."""

    selection: Selection
    is_all: bool
    reason: str


def registration(body: bytes) -> Registration:
    members = members_of(body)
    parsed = Registration(
        name=members.text("name", 2, 120),
        email=members.email("email"),
        purpose=members.text("purpose", 3, 1000),
        kind=OrganisationKind(members.choice("kind", tuple(OrganisationKind), OrganisationKind.ORGANISATION)),
        legal_id=members.legal_id("legalId"),
    )
    if parsed.legal_id is not None and parsed.kind is OrganisationKind.PERSON:
        members.wrong("legalId", "is of organisations; a person needs none")
    members.finish()
    return parsed


def key_request(body: bytes) -> KeyRequest:
    members = members_of(body)
    parsed = KeyRequest(
        label=members.text("label", 1, 120, default="key"),
        kind=_KINDS[members.choice("kind", tuple(_KINDS), default="live")],
        application_id=members.integer("applicationId", 1, _INTEGER_MAX, default=None),
        lifetime=_lifetime(members) or KEY_LIFETIME,
        restrictions=_restrictions(members),
    )
    members.finish()
    return parsed


def restriction_request(body: bytes) -> RestrictionRequest:
    """What is there replaces what the key was held to, null lifts it, and what is not there stays."""
    members = members_of(body)
    change = restriction_change(members)
    reason = members.text("reason", 3, 500, default="changed by its owner")
    members.finish()
    return RestrictionRequest(change, reason)


def restriction_change(members: Members) -> RestrictionChange:
    """The parts of a change, taken from any members; `finish()` is the caller's."""
    to = _restrictions(members)
    lifetime = _lifetime(members)
    given = frozenset(part for name, part in _HELD.items() if name in members.given)
    change = RestrictionChange(given, to, lifetime)
    if change.is_nothing and not members.problems:
        members.wrong("datasets", f"or another of {', '.join(_HELD)}, expiresInDays says what is to change")
    return change


def rotation_request(body: bytes) -> RotationRequest:
    members = members_of(body)
    hours = members.integer("overlapHours", 0, 720, default=None)
    members.finish()
    return RotationRequest(None if hours is None else timedelta(hours=hours))


def revocation_request(body: bytes) -> RevocationRequest:
    members = members_of(body)
    parsed = RevocationRequest(members.text("reason", 3, 500, default="revoked by its owner"))
    members.finish()
    return parsed


def bulk_request(body: bytes) -> BulkRequest:
    """One condition at least, or `"all": true` alone."""
    members = members_of(body)
    application_id = members.integer("applicationId", 1, _INTEGER_MAX, default=None)
    selection = Selection(
        application_id=ApplicationId(application_id) if application_id else None,
        dataset=members.name("dataset", _is_dataset, "agency/dataset"),
        issued_before=members.moment("issuedBefore"),
    )
    is_all = members.flag("all")
    # A condition that cannot be read is one all the same, and says so by itself.
    if not members.problems and is_all == bool(selection.told()):
        members.wrong("all", "must be true without another condition, and absent with one")
    reason = members.text("reason", 3, 500, default="revoked by its owner")
    members.finish()
    return BulkRequest(selection, is_all, reason)


def token_request(body: bytes) -> frozenset[str] | None:
    """The datasets that a token is for; None for all that its key reads."""
    members = members_of(body)
    names = members.names("datasets", _is_dataset, "agency/dataset", TOKEN_DATASETS_MAX)
    members.finish()
    return names


def _restrictions(members: Members) -> Restrictions:
    return Restrictions(
        members.names("datasets", _is_dataset, "agency/dataset", DATASETS_MAX),
        members.names("levels", LEVELS.__contains__, "one of " + ", ".join(LEVELS), len(LEVELS)),
        members.networks("addresses", NETWORKS_MAX),
    )


def _lifetime(members: Members) -> timedelta | None:
    days = members.integer("expiresInDays", 1, KEY_LIFETIME_MAX.days, default=None)
    return None if days is None else timedelta(days=days)


def _is_dataset(text: str) -> bool:
    return _DATASET(text) is not None
