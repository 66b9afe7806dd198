"""The members of a JSON body, taken one by one at the edge.

Every problem of a body is told at once, by member, so that nobody repairs a request one answer at a time.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from publicgsb.apikeys.people.legal_id import is_legal_id, normalised
from publicgsb.platform.kernel.addresses import Networks, read_networks
from publicgsb.platform.kernel.errors import InvalidRequest

# Not an encoded word (`=?utf-8?q?…?=`), which mail software may read as another address than the one that was counted.
_EMAIL = re.compile(r"(?!.*=\?)[^\s@<>\"',;:\\()\[\]]{1,64}@[\w-]+(\.[\w-]+)+").fullmatch
_BREAKS = frozenset({"Cc", "Zl", "Zp"})  # names stand in mails: nobody begins a line there
# Marks that make text lie about its order; the zero-width non-joiner, which Persian needs, is not among them.
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'@/]+(/[^\s<>\"']*)?").fullmatch  # shown to others; never fetched


def members_of(body: bytes) -> "Members":
    """The members of the JSON object in `body`: take each, then `finish()`."""
    return Members(json_object(body))


def json_object(body: bytes) -> Mapping[str, Any]:
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
class Members:
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
        if any(unicodedata.category(letter) in _BREAKS or letter in _OVERRIDES for letter in value):
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

    def flag(self, name: str) -> bool:
        """False when it is not given."""
        value = self._optional(name)
        if value is not None and type(value) is not bool:
            self.wrong(name, "must be true or false")
        return value is True

    def name(self, name: str, is_one: Callable[[str], bool], form: str) -> str | None:
        value = self._optional(name)
        if value is not None and not (isinstance(value, str) and is_one(value)):
            self.wrong(name, f"must be {form}")
            return None
        return value

    def names(self, name: str, is_one: Callable[[str], bool], form: str, most: int) -> frozenset[str] | None:
        """A list of texts; None when it is not given. An empty one would allow nothing."""
        given = self.texts(name, most)
        if given is None:
            return None
        if not all(map(is_one, given)):
            self.wrong(name, f"must hold {form} each")
        return frozenset(given)

    def texts(self, name: str, most: int, length_max: int = 100) -> tuple[str, ...] | None:
        """A list of 1 to `most` texts in their order; None when it is not given."""
        value = self._optional(name)
        if value is None:
            return None
        is_list = isinstance(value, list) and 0 < len(value) <= most
        if not is_list or not all(isinstance(one, str) and 0 < len(one) <= length_max for one in value):
            self.wrong(name, f"must be a list of 1 to {most} strings of 1 to {length_max} characters")
            return None
        return tuple(value)

    def networks(self, name: str, most: int) -> Networks | None:
        given = self.texts(name, most)
        if given is None:
            return None
        try:
            return read_networks(given)
        except ValueError as error:
            self.wrong(name, f"must hold IPv4 or IPv6 networks, such as 192.0.2.0/24: {error}"[:200])
            return None

    def moment(self, name: str) -> datetime | None:
        """ISO 8601 with its distance from UTC."""
        value = self._optional(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            pass
        self.wrong(name, "must be a moment with a time zone, such as 2026-11-27T00:00:00Z")
        return None

    def wrong(self, name: str, problem: str) -> None:
        self._wrong(name, problem)

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

    def _optional(self, name: str) -> Any:
        self.known.add(name)
        return self.given.get(name)

    def _take(self, name: str, default: str | None) -> Any:
        self.known.add(name)
        value = self.given.get(name, default)
        if value is None:
            self._wrong(name, "is required" if name not in self.given else "must not be null")
        return value

    def _wrong(self, name: str, problem: str) -> str:
        self.problems.append({"member": name, "problem": problem})
        return ""
