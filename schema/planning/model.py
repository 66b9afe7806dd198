"""What a plan is made of. A plan names dataset *slots*, never tables: releases are bound to it at each request."""

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import DocumentNode

from publicgsb.datasets.contracts.groupings import Grouping
from publicgsb.datasets.contracts.model import Field, FilterOp, Link
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.schema.planning.introspection import Introspected
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.types.marks import DatasetKey

if TYPE_CHECKING:
    from publicgsb.schema.planning.model_changes import Changes
    from publicgsb.schema.planning.near import Near


class Side(IntEnum):
    """A change feed reads two registry versions under one root field; every other root field reads one."""

    NOW = 0
    SINCE = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """One dataset under one root field: everything on one side of a root field is read at one registry version."""

    root: int
    dataset: DatasetKey
    side: Side = Side.NOW


# Conditions ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compare:
    field: Field
    op: FilterOp
    operand: Leaf


@dataclass(frozen=True, slots=True)
class IsNull:
    field: Field
    wanted: bool


@dataclass(frozen=True, slots=True)
class All:
    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    of: "Condition"


Condition: TypeAlias = Compare | IsNull | All | Some | Not


# Selections ------------------------------------------------------------------------------------------------


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
    near: "Near | None" = None  # then the order is by distance


# Aggregates ------------------------------------------------------------------------------------------------


class Statistic(StrEnum):
    """The members of a group, as the schema names them."""

    COUNT = "count"
    DISTINCT = "countDistinct"
    SUM = "sum"
    AVERAGE = "avg"
    LEAST = "min"
    MOST = "max"


@dataclass(frozen=True, slots=True)
class Figure:
    """`field` is None for the count of records."""

    statistic: Statistic
    field: Field | None


@dataclass(frozen=True, slots=True)
class FigureItem:
    alias: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class KeyPartItem:
    alias: str
    grouping: Grouping


@dataclass(frozen=True, slots=True)
class GroupPartItem:
    """`key { … }`, `sum { … }`, …"""

    alias: str
    items: tuple[FigureItem | KeyPartItem | TypenameItem, ...]


@dataclass(frozen=True, slots=True)
class GroupsItem:
    alias: str
    items: tuple[FigureItem | GroupPartItem | TypenameItem, ...]


class WholePart(StrEnum):
    """What is said of all groups together, and of the cells they come from."""

    TOTAL_GROUPS = "totalGroups"
    SUPPRESSED_CELLS = "suppressedCells"
    MIN_CELL = "minCell"


@dataclass(frozen=True, slots=True)
class WholePartItem:
    alias: str
    part: WholePart


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`order` is None for the order of the key, which also ends every other order."""

    slot: int
    level: int
    condition: Condition | None
    groupings: tuple[Grouping, ...]
    order: Figure | None
    is_descending: bool
    first: Leaf
    items: tuple[GroupsItem | WholePartItem | TypenameItem, ...]


# The whole -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Level:
    """Records reserved at one level: the parent level's records times `first`. To-one links have `first` None.

    `points` are for reading the level at all, however much it brings.
    """

    parent: int | None
    first: Leaf | None
    root: int
    points: int = 0
    path: tuple[str, ...] = ()  # response names, for whoever reads the price
    dataset: DatasetKey | None = None
    counts: tuple[CountKind, ...] = ()  # made once for each record of the parent level
    searched: int = 0  # points for texts that are looked into, likewise: `contains` and `search`


@dataclass(frozen=True, slots=True)
class KeyEquals:
    fields: tuple[Field, ...]
    operands: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """One root field of the operation (below its agency)."""

    path: tuple[str, ...]  # response names
    dataset: DatasetKey
    slot: int
    body: "Connection | Record | Changes | Aggregate"
    key: KeyEquals | None  # for a record
    release: Leaf | None
    afters: tuple[Leaf, ...]  # every cursor below this field: they say at which version it is read
    is_withheld: bool = False
    since: Leaf | None = None  # of a change feed: the release it starts from


@dataclass(frozen=True, slots=True)
class LinkPath:
    """Where a link's answer stands, for the error when its target cannot be read."""

    slot: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldError:
    path: tuple[str | int, ...]
    error: GsbError


@dataclass(frozen=True, slots=True)
class RootRef:
    index: int


@dataclass(frozen=True, slots=True)
class StaticRef:
    name: str


Segment: TypeAlias = bytes | RootRef | StaticRef


@dataclass(slots=True)
class Plan:
    """All that is decided before values are known. `statements` memoises SQL per bound releases, those used last."""

    roots: tuple[Root, ...]
    slots: tuple[Slot, ...]
    levels: tuple[Level, ...]
    template: tuple[Segment, ...]
    errors: tuple[FieldError, ...]  # withheld fields
    link_paths: tuple[LinkPath, ...]
    touched: frozenset[tuple[DatasetKey, str]]  # every field in every role: what access and operation_field look at
    static: DocumentNode | None  # what Strawberry answers, None when all is records
    is_free: bool  # asks only for the caller's own account or a price
    is_dry_run: bool  # asks for its price and wants nothing read
    is_sensitive: bool  # touches a field that needs a grant
    statements: OrderedDict[tuple[int, ...], Any] = field(default_factory=OrderedDict)  # by ids of the bound releases
    current: Any = None  # what the newest registry binds to, so that most requests bind nothing; it holds no registry
    introspected: tuple[Introspected, ...] = ()
    catalogued: int = 0  # values of the catalogue to be resolved
    introspection: str | None = None  # the spelling of a standard introspection query, whose answer is kept
    priced: Any = None  # page sizes and their price, those of the last request
    is_pinned: bool = field(init=False)  # some root may be read at another version than the current one

    def __post_init__(self) -> None:
        self.is_pinned = any(root.release is not None or root.afters or root.since for root in self.roots)
