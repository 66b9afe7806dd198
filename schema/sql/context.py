"""What gathers while a statement is built: its bind parameters and its table aliases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.identifiers import released
from publicgsb.schema.planning.tree.changes import Side
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.sql.binding import Binder
from publicgsb.schema.sql.moments import carried

# Where each change feed finds its changed keys, by root; one that is not here compares both tables.
Trails: TypeAlias = Mapping[int, tuple[ReleaseRef, ...]]


@dataclass(slots=True)
class Context:
    """One per statement; `root` is the index of the root field that is being built."""

    releases: tuple[ReleaseRef | None, ...]
    trails: Trails = field(default_factory=dict)
    shorts: frozenset[Leaf] = frozenset()  # what `contains` looks for and no index finds
    is_tied: bool = False  # the records are found by a link, so few are looked at whatever the condition
    root: int = 0
    side: Side = Side.NOW  # of a change feed: nested cursors name the version of their side
    binders: list[Binder] = field(default_factory=list)
    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _names: int = 0

    def release(self, slot: int) -> ReleaseRef:
        release = self.releases[slot]
        assert release is not None
        return release

    def table(self, slot: int) -> str:
        return released(self.release(slot).table)

    def alias(self, kind: str) -> str:
        self._names += 1
        return f"{kind}{self._names}"

    def param(self, binder: Binder, type_: str, *identity: object) -> str:
        """`$n::type`; the same identity and type share one parameter."""
        binder, sent = carried(binder, type_)
        key = (type_, *identity)
        if key not in self._numbers:
            self.binders.append(binder)
            self._numbers[key] = len(self.binders)
        return f"${self._numbers[key]}::{sent}"


@dataclass(slots=True)
class Sub:
    """A sub-select with a JSON column `j` and one count column `c{level}` per level."""

    sql: str
    levels: tuple[int, ...]
