"""What differs between two releases, by key."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from publicgsb_sdk.testing.comparing import keeps
from publicgsb_sdk.testing.cursors import CHANGES, Cursor, bad_cursor, read_cursor
from publicgsb_sdk.testing.model import Column, MockContract, Row
from publicgsb_sdk.testing.state import Release
from publicgsb_sdk.testing.window import Window, window_of


@dataclass(frozen=True, slots=True)
class Side:
    """A release, and the version at which it is read."""

    release: Release
    version: int


@dataclass(frozen=True, slots=True)
class Change:
    """`place` is where it stands among all changes between the two."""

    place: int
    kind: str
    before: Row | None
    after: Row | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of changes."""

    name: str
    now: Side
    since: Side
    window: Window[Change]

    @property
    def changes(self) -> list[Change]:
        return self.window.shown

    def cursor(self, change: Change) -> str:
        return Cursor(self.name, self.now.version, change.place, self.since.version).text()

    def tally(self, kind: str) -> int:
        return sum(one.kind == kind for one in self.window.matching)


def feed(contract: MockContract, now: Side, since: Side, args: Mapping[str, Any]) -> Feed:
    """The page that the arguments ask for."""
    name = list_name(contract)
    kept = keeps(args.get("where"), contract)
    matching = [
        one
        for one in _changes(contract, since.release, now.release)
        if any(row is not None and kept(row) for row in (one.before, one.after))
    ]
    size, text, is_backward = window_of(args)
    rest = matching
    if text is not None:
        cursor = read_cursor(text)
        if cursor.list != name:
            raise bad_cursor("The cursor belongs to another list.")
        rest = [one for one in matching if (one.place < cursor.place if is_backward else one.place > cursor.place)]
    return Feed(name, now, since, Window(matching, rest, size, is_backward))


def list_name(contract: MockContract) -> str:
    """What cursors of the feed name."""
    return f"{contract.id}@{contract.suffix}:{CHANGES}"


def compared(contract: MockContract) -> list[Column]:
    """All but what is closer held than the dataset itself."""
    closed = {"restricted", "withheld"} - {contract.access}
    return [one for one in contract.columns if one.access not in closed]


def _changes(contract: MockContract, before: Release, after: Release) -> list[Change]:
    sides = [{tuple(row[one] for one in contract.primary_key): row for row in side.rows} for side in (before, after)]
    found: list[Change] = []
    for key in sorted({*sides[0], *sides[1]}):
        old, new = sides[0].get(key), sides[1].get(key)
        fields = _differing(contract, old, new) if old is not None and new is not None else ()
        if fields or old is None or new is None:
            kind = "added" if old is None else "removed" if new is None else "changed"
            found.append(Change(len(found), kind, old, new, fields))
    return found


def _differing(contract: MockContract, old: Row, new: Row) -> tuple[str, ...]:
    return tuple(
        one.api_name for one in compared(contract) if _written(old.get(one.name)) != _written(new.get(one.name))
    )


def _written(value: Any) -> Any:
    """10.5 and 10.50 leave as different texts."""
    return format(value, "f") if isinstance(value, Decimal) else value
