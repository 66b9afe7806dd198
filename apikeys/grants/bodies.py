"""The bodies of the grant routes, parsed once at the edge; all texts are bounded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from publicgsb.apikeys.grants.model import DAYS_DEFAULT, DAYS_MAX, FIELDS_MAX, Content, Said
from publicgsb.apikeys.members import members_of

BODY_BYTES_MAX = 32 * 1024  # Persian takes two bytes a letter

MESSAGE = (3, 2000)
_TEXTS = {  # member → field of Content, fewest and most characters
    "purpose": ("purpose", 10, 2000),
    "legalBasis": ("legal_basis", 3, 1000),
    "contact": ("contact", 3, 200),
    "responsible": ("responsible", 3, 300),
}


@dataclass(frozen=True, slots=True)
class Application:
    dataset: str
    content: Content


@dataclass(frozen=True, slots=True)
class Validation:
    days: int | None  # None: as long as was asked for
    message: str


def application(body: bytes) -> Application:
    members = members_of(body)
    dataset = members.text("dataset", 3, 100)
    texts = {field: members.text(name, least, most) for name, (field, least, most) in _TEXTS.items()}
    days = members.integer("days", 1, DAYS_MAX, default=None) or DAYS_DEFAULT
    fields = members.texts("fields", FIELDS_MAX)
    members.finish()
    return Application(dataset, Content(fields=fields, days=days, **texts))


def change(body: bytes) -> Callable[[Content], Content]:
    """What a PATCH makes of a content: members that are not there leave it as it is, `fields: null` asks for all."""
    members = members_of(body)
    given: dict[str, Any] = {}
    for name, (field, least, most) in _TEXTS.items():
        members.known.add(name)
        if name in members.given:
            given[field] = members.text(name, least, most)
    days = members.integer("days", 1, DAYS_MAX, default=None)
    if days is not None:
        given["days"] = days
    names = members.texts("fields", FIELDS_MAX)
    if "fields" in members.given:
        given["fields"] = names
    members.finish()
    return lambda content: replace(content, **given)


def nothing(body: bytes) -> None:
    """A step that takes no words; an empty object does no harm."""
    members_of(body).finish()


def message(body: bytes) -> str:
    members = members_of(body)
    text = members.text("message", *MESSAGE)
    members.finish()
    return text


def reason(body: bytes) -> str:
    members = members_of(body)
    text = members.text("reason", *MESSAGE)
    members.finish()
    return text


def validation(body: bytes) -> Validation:
    members = members_of(body)
    days = members.integer("days", 1, DAYS_MAX, default=None)
    text = members.text("message", 0, MESSAGE[1], default="")
    members.finish()
    return Validation(days, text)


def refusal(body: bytes) -> Said:
    """The legal ground is mandatory, and so are the words that explain it."""
    members = members_of(body)
    said = Said(legal_ground=members.text("legalGround", 3, 200), message=members.text("message", *MESSAGE))
    members.finish()
    return said
