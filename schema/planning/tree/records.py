"""Records and pages of them: what is selected, item by item, in the order of the answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from publicgsb.datasets.contracts.model import Coordinates, Field, Link
from publicgsb.schema.planning.tree.conditions import Condition
from publicgsb.schema.planning.values import Leaf


@dataclass(frozen=True, slots=True)
class TypenameItem:
    alias: str
    name: str


@dataclass(frozen=True, slots=True)
class NullItem:
    """A withheld field: null here, and a typed error beside the data."""

    alias: str


@dataclass(frozen=True, slots=True)
class ColumnItem:
    alias: str
    field: Field


@dataclass(frozen=True, slots=True)
class ToOneItem:
    alias: str
    link: Link
    record: "Record"


@dataclass(frozen=True, slots=True)
class Through:
    """The link dataset of a shortcut, and its link that leads to the child."""

    slot: int
    outward: Link


@dataclass(frozen=True, slots=True)
class ToManyItem:
    """The columns of `link` in the child, or in the rows of `through`, equal the key of the record that holds this."""

    alias: str
    link: Link
    connection: "Connection"
    through: Through | None = None


Item: TypeAlias = TypenameItem | NullItem | ColumnItem | ToOneItem | ToManyItem


@dataclass(frozen=True, slots=True)
class Record:
    slot: int
    items: tuple[Item, ...]


class PagePart(StrEnum):
    HAS_NEXT = "hasNextPage"
    HAS_PREVIOUS = "hasPreviousPage"
    START = "startCursor"
    END = "endCursor"


@dataclass(frozen=True, slots=True)
class NodesItem:
    alias: str
    record: Record


@dataclass(frozen=True, slots=True)
class CursorItem:
    alias: str


@dataclass(frozen=True, slots=True)
class DistanceItem:
    alias: str


EdgePart: TypeAlias = NodesItem | CursorItem | DistanceItem | TypenameItem


@dataclass(frozen=True, slots=True)
class EdgesItem:
    alias: str
    parts: tuple[EdgePart, ...]


@dataclass(frozen=True, slots=True)
class PageInfoItem:
    alias: str
    parts: tuple[tuple[str, PagePart] | TypenameItem, ...]

    def wants(self, *parts: PagePart) -> bool:
        return any(isinstance(part, tuple) and part[1] in parts for part in self.parts)


class CountKind(StrEnum):
    TOTAL = "total"  # exact, or null above 10,000
    EXACT = "exact"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class TotalItem:
    alias: str
    kind: CountKind = CountKind.TOTAL


ConnectionItem: TypeAlias = NodesItem | EdgesItem | PageInfoItem | TotalItem | TypenameItem


@dataclass(frozen=True, slots=True)
class Near:
    """The place that a list is asked around, and the columns of its records that say where they are."""

    coordinates: Coordinates
    lat: Leaf
    lon: Leaf
    within_km: Leaf


@dataclass(frozen=True, slots=True)
class Connection:
    slot: int
    level: int
    condition: Condition | None
    ordering: str
    is_descending: bool
    first: Leaf  # `last`, when the page is read backward
    after: Leaf | None  # `before`, when the page is read backward
    items: tuple[ConnectionItem, ...]
    search: Leaf | None = None  # the best matches first, instead of an ordering
    is_backward: bool = False
    near: Near | None = None  # then the order is by distance
