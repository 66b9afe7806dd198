"""Change feeds: two slots of one dataset, compared by key."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias

from publicgsb.datasets.contracts.model import Field
from publicgsb.schema.planning.tree.conditions import Condition
from publicgsb.schema.planning.tree.records import ColumnItem, CursorItem, PageInfoItem, Record, TypenameItem
from publicgsb.schema.planning.values import Leaf


class Side(IntEnum):
    """A change feed reads two registry versions under one root field; every other root field reads one."""

    NOW = 0
    SINCE = 1


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class KindItem:
    alias: str


@dataclass(frozen=True, slots=True)
class ChangedFieldsItem:
    alias: str


@dataclass(frozen=True, slots=True)
class KeyItem:
    alias: str
    items: tuple[ColumnItem | TypenameItem, ...]


@dataclass(frozen=True, slots=True)
class SideItem:
    """`before` or `after`: the record on that side, null where it is not there."""

    alias: str
    side: Side
    record: Record


ChangeItem: TypeAlias = TypenameItem | KindItem | ChangedFieldsItem | KeyItem | SideItem


@dataclass(frozen=True, slots=True)
class Change:
    items: tuple[ChangeItem, ...]


@dataclass(frozen=True, slots=True)
class ChangeNodes:
    alias: str
    change: Change


@dataclass(frozen=True, slots=True)
class ChangeEdges:
    alias: str
    parts: tuple[TypenameItem | CursorItem | ChangeNodes, ...]


@dataclass(frozen=True, slots=True)
class TallyItem:
    """How many changes of one kind there are in all."""

    alias: str
    kind: ChangeKind


ChangesItem: TypeAlias = TypenameItem | ChangeNodes | ChangeEdges | PageInfoItem | TallyItem


@dataclass(frozen=True, slots=True)
class Changes:
    slot: int
    since_slot: int
    level: int
    condition: Condition | None
    compared: tuple[Field, ...]  # beside the key
    first: Leaf
    after: Leaf | None  # before which to read, when `is_backward`
    is_backward: bool
    items: tuple[ChangesItem, ...]

    @property
    def changes(self) -> list[Change]:
        """What is selected of a change, in the order of the answer."""
        found: list[Change] = []
        for item in self.items:
            if isinstance(item, ChangeNodes):
                found.append(item.change)
            elif isinstance(item, ChangeEdges):
                found += [part.change for part in item.parts if isinstance(part, ChangeNodes)]
        return found

    @property
    def records(self) -> list[Record]:
        return [item.record for change in self.changes for item in change.items if isinstance(item, SideItem)]
