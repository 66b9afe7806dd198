"""Request bodies, parsed once at the edge into values that the service can trust.

Every problem of a body is told at once, by member, so that nobody repairs a request one answer at a time.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from publicgsb.apikeys.model import KEY_LIFETIME, ROTATION_OVERLAP, OrganisationKind, Role
from publicgsb.apikeys.people.legal_id import is_legal_id, normalised
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.errors import InvalidRequest

BODY_BYTES_MAX = 8 * 1024

_EMAIL = re.compile(r"[^\s@<>\"',;:\\()\[\]]{1,64}@[\w-]+(\.[\w-]+)+").fullmatch
# Marks that make text lie about its order; the zero-width non-joiner, which Persian needs, is not among them.
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'@/]+(/[^\s<>\"']*)?").fullmatch  # shown to others; never fetched
_KINDS = {"live": KeyKind.LIVE, "test": KeyKind.TEST}
_INTEGER_MAX = 2**63 - 1


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


@dataclass(frozen=True, slots=True)
class RotationRequest:
    overlap: timedelta


@dataclass(frozen=True, slots=True)
class Invitation:
    email: str
    role: Role


@dataclass(frozen=True, slots=True)
class Acceptance:
    code: str = field(repr=False)
    name: str


@dataclass(frozen=True, slots=True)
class PersonRemoval:
    reason: str
    revoke_keys: bool


@dataclass(frozen=True, slots=True)
class UseDeclaration:
    url: str
    description: str


@dataclass(frozen=True, slots=True)
class RevocationRequest:
    reason: str


def registration(body: bytes) -> Registration:
    members = _Members(_object(body))
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
    members = _Members(_object(body))
    parsed = KeyRequest(
        label=members.text("label", 1, 120, default="key"),
        kind=_KINDS[members.choice("kind", tuple(_KINDS), default="live")],
        application_id=members.integer("applicationId", 1, _INTEGER_MAX, default=None),
        lifetime=timedelta(days=members.integer("expiresInDays", 1, 730, default=None) or KEY_LIFETIME.days),
    )
    members.finish()
    return parsed


def rotation_request(body: bytes) -> RotationRequest:
    members = _Members(_object(body))
    hours = members.integer("overlapHours", 0, 720, default=None)
    members.finish()
    return RotationRequest(ROTATION_OVERLAP if hours is None else timedelta(hours=hours))


def revocation_request(body: bytes) -> RevocationRequest:
    members = _Members(_object(body))
    parsed = RevocationRequest(members.text("reason", 3, 500, default="revoked by its owner"))
    members.finish()
    return parsed


def code(body: bytes) -> str:
    """A mailed code by itself."""
    members = _Members(_object(body))
    text = members.text("code", 1, 100)
    members.finish()
    return text


def address(body: bytes) -> str:
    members = _Members(_object(body))
    text = members.email("email")
    members.finish()
    return text


def invitation(body: bytes) -> Invitation:
    members = _Members(_object(body))
    parsed = Invitation(members.email("email"), Role(members.choice("role", ("member", "owner"), "member")))
    members.finish()
    return parsed


def acceptance(body: bytes) -> Acceptance:
    members = _Members(_object(body))
    parsed = Acceptance(members.text("code", 1, 100), members.text("name", 2, 120))
    members.finish()
    return parsed


def person_removal(body: bytes) -> PersonRemoval:
    members = _Members(_object(body))
    parsed = PersonRemoval(members.text("reason", 3, 500, default="left"), members.boolean("revokeKeys"))
    members.finish()
    return parsed


def use_declaration(body: bytes) -> UseDeclaration:
    members = _Members(_object(body))
    parsed = UseDeclaration(members.web_address("url"), members.text("description", 10, 1000))
    members.finish()
    return parsed


def ending(body: bytes) -> str:
    """Why something ends, in the words of its owner."""
    members = _Members(_object(body))
    reason = members.text("reason", 3, 500, default="ended by its owner")
    members.finish()
    return reason


def _object(body: bytes) -> Mapping[str, Any]:
    """The JSON object in `body`; an empty body is an object without members."""
    if not body:
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InvalidRequest("The body is not JSON.", reason="not_json", hint="Send one JSON object.") from None
    if not isinstance(value, dict):
        raise InvalidRequest(
            "The body is JSON, but not an object.", reason="not_an_object", hint="Send one JSON object: {…}."
        )
    return value


@dataclass(slots=True)
class _Members:
    """Takes the members of an object one by one, notes what is wrong with each, raises for all at the end."""

    given: Mapping[str, Any]
    known: set[str] = field(default_factory=set)
    problems: list[dict[str, str]] = field(default_factory=list)

    def text(self, name: str, length_min: int, length_max: int, default: str | None = None) -> str:
        value = self._take(name, default)
        if value is None:
            return ""
        if not isinstance(value, str):
            return self._wrong(name, "must be a string")
        value = unicodedata.normalize("NFC", value.strip())
        if any(unicodedata.category(letter) == "Cc" or letter in _OVERRIDES for letter in value):
            return self._wrong(name, "must not contain control characters")
        if not length_min <= len(value) <= length_max:
            return self._wrong(name, f"must have {length_min} to {length_max} characters")
        return value

    def email(self, name: str) -> str:
        problems = len(self.problems)
        value = self.text(name, 3, 254)
        if len(self.problems) == problems and not _EMAIL(value):
            return self._wrong(name, "must be an e-mail address")
        return value

    def legal_id(self, name: str) -> str | None:
        """Digits of any script, of which the last one is right; None when the member is absent."""
        self.known.add(name)
        if self.given.get(name) is None:
            return None
        problems = len(self.problems)
        digits = normalised(self.text(name, 1, 40))
        if len(self.problems) == problems and not is_legal_id(digits):
            self.wrong(name, "must be a national legal id: 11 digits, the last of which checks the others")
        return digits

    def web_address(self, name: str) -> str:
        problems = len(self.problems)
        value = self.text(name, 10, 500)
        if len(self.problems) == problems and not _WEB_ADDRESS(value):
            return self._wrong(name, "must be a web address: https://…")
        return value

    def boolean(self, name: str) -> bool:
        self.known.add(name)
        value = self.given.get(name, False)
        if not isinstance(value, bool):
            self._wrong(name, "must be true or false")
        return value is True

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self._take(name, default)
        if value not in choices:
            self._wrong(name, f"must be one of {', '.join(choices)}")
            return default
        return str(value)

    def integer(self, name: str, value_min: int, value_max: int, default: int | None) -> int | None:
        self.known.add(name)
        value = self.given.get(name, default)
        if value is None:
            return None
        if type(value) is not int or not value_min <= value <= value_max:
            self._wrong(name, f"must be a whole number from {value_min} to {value_max}")
            return None
        return value

    def finish(self) -> None:
        unknown = sorted(set(self.given) - self.known)
        for name in unknown[:20]:
            self.problems.append({"member": name[:80], "problem": "is not known here"})
        if self.problems:
            sentences = "; ".join(f"{problem['member']} {problem['problem']}" for problem in self.problems)
            raise InvalidRequest(
                f"The body is not right: {sentences}.",
                reason="members",
                hint=f"Known members: {', '.join(sorted(self.known))}.",
                problems=self.problems,
            )

    def _take(self, name: str, default: str | None) -> Any:
        self.known.add(name)
        value = self.given.get(name, default)
        if value is None:
            self._wrong(name, "is required" if name not in self.given else "must not be null")
        return value

    def wrong(self, name: str, problem: str) -> None:
        """For what no single member can tell; before `finish`."""
        self._wrong(name, problem)

    def _wrong(self, name: str, problem: str) -> str:
        self.problems.append({"member": name, "problem": problem})
        return ""
