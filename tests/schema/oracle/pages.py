"""What a page is, of records or of changes: what is shown, what lies around it, and what its cursors mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.schema.oracle.changes import Change
from tests.schema.oracle.facts import DatasetKey, Row

PAGE_DEFAULT = 20
FEED = "~changes"  # the order of a change feed, in its cursors


class CursorToken(str):
    """What a cursor means, in the place where the compiled path has one: order, version and row.

    `place` is the row's place in the file; of a change feed it is the key, and `between` has the two versions.
    """

    __slots__ = ("between", "is_descending", "key", "ordering", "place", "version")

    def __new__(
        cls,
        key: DatasetKey,
        ordering: str,
        is_descending: bool,
        version: int,
        place: Any,
        between: tuple[int, int] | None = None,
    ) -> "CursorToken":
        token = super().__new__(cls, f"<{key} by {ordering} {is_descending} at {between or version}: row {place}>")
        token.key, token.ordering, token.is_descending = key, ordering, is_descending
        token.version, token.place, token.between = version, place, between
        return token

    key: DatasetKey
    ordering: str
    is_descending: bool
    version: int
    place: Any
    between: tuple[int, int] | None


class Version(NamedTuple):
    """At which version a root field is read, and which one its cursors name: the first at which all was as it is."""

    read: int
    stamp: int


class Between(NamedTuple):
    """The two versions of a change feed."""

    now: Version
    since: Version


@dataclass(slots=True)
class Record:
    key: DatasetKey
    seq: int
    version: Version
    row: Row


@dataclass(slots=True)
class Page:
    """`matching` is in order and whole; `rest` is what lies on the reading side of the cursor."""

    key: DatasetKey
    seq: int
    version: Version
    ordering: str
    is_descending: bool
    size: int
    is_backward: bool
    matching: list[Row]
    rest: list[Row]
    distance: Callable[[Row], float | None] = lambda row: None

    def node(self, row: Row) -> Record:
        return Record(self.key, self.seq, self.version, row)

    @property
    def rows(self) -> list[Row]:
        return self.rest[max(0, len(self.rest) - self.size) :] if self.is_backward else self.rest[: self.size]

    @property
    def has_more(self) -> bool:
        """On the side to which the page goes on."""
        return len(self.rest) > self.size

    @property
    def has_behind(self) -> bool:
        """At the cursor or on its other side."""
        return len(self.matching) > len(self.rest)

    def cursor(self, row: Row) -> CursorToken:
        return CursorToken(self.key, self.ordering, self.is_descending, self.version.stamp, row["_row"])


@dataclass(slots=True)
class Edge:
    page: Any  # a Page or a Feed
    row: Any


@dataclass(slots=True)
class Side:
    seq: int
    version: Version


@dataclass(slots=True)
class Feed:
    """A page of changes: what a Page is of records."""

    key: DatasetKey
    now: Side
    since: Side
    size: int
    is_backward: bool
    matching: list[Change]
    rest: list[Change]

    @property
    def rows(self) -> list[Change]:
        return self.rest[max(0, len(self.rest) - self.size) :] if self.is_backward else self.rest[: self.size]

    @property
    def has_more(self) -> bool:
        return len(self.rest) > self.size

    @property
    def has_behind(self) -> bool:
        return len(self.matching) > len(self.rest)

    def node(self, change: Change) -> "ChangeNode":
        return ChangeNode(self, change)

    def cursor(self, change: Change) -> CursorToken:
        between = (self.now.version.stamp, self.since.version.stamp)
        return CursorToken(self.key, FEED, False, max(between), change.key, between)


@dataclass(slots=True)
class ChangeNode:
    feed: Feed
    change: Change

    def record(self, row: Row | None, side: Side) -> Record | None:
        return None if row is None else Record(self.feed.key, side.seq, side.version, row)

    @property
    def key(self) -> Record | None:
        """The same on both sides, so read from the one that has it."""
        return self.record(self.change.after or self.change.before, self.feed.now)


def window(args: Mapping[str, Any]) -> tuple[int, str | None, bool]:
    """Size, cursor and whether the page is read from the end; a null is an argument left out."""
    if args.get("last") is not None:
        return args["last"], args.get("before"), True
    first = args.get("first")
    return (PAGE_DEFAULT if first is None else first), args.get("after"), False
