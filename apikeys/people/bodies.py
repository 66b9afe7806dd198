"""Bodies of the routes around people, parsed once at the edge."""

from dataclasses import dataclass, field

from publicgsb.apikeys.members import members_of
from publicgsb.apikeys.model import Role


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


def code(body: bytes) -> str:
    """A mailed code by itself."""
    members = members_of(body)
    text = members.text("code", 1, 100)
    members.finish()
    return text


def address(body: bytes) -> str:
    members = members_of(body)
    text = members.email("email")
    members.finish()
    return text


def invitation(body: bytes) -> Invitation:
    members = members_of(body)
    parsed = Invitation(members.email("email"), Role(members.choice("role", ("member", "owner"), "member")))
    members.finish()
    return parsed


def acceptance(body: bytes) -> Acceptance:
    members = members_of(body)
    parsed = Acceptance(members.text("code", 1, 100), members.text("name", 2, 120))
    members.finish()
    return parsed


def person_removal(body: bytes) -> PersonRemoval:
    members = members_of(body)
    parsed = PersonRemoval(members.text("reason", 3, 500, default="left"), members.flag("revokeKeys"))
    members.finish()
    return parsed


def use_declaration(body: bytes) -> UseDeclaration:
    members = members_of(body)
    parsed = UseDeclaration(members.web_address("url"), members.text("description", 10, 1000))
    members.finish()
    return parsed


def ending(body: bytes) -> str:
    """Why something ends, in the words of its owner."""
    members = members_of(body)
    reason = members.text("reason", 3, 500, default="ended by its owner")
    members.finish()
    return reason
