"""A plan as a whole: its root fields, what they read at which level, and the skeleton of the answer.

What hangs below a root field is in tree/. A plan names dataset *slots*, never tables: releases are bound to it at each
request.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import DocumentNode

from publicgsb.datasets.contracts.model import Field
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.schema.planning.introspection import Introspected
from publicgsb.schema.planning.tree.aggregates import Aggregate
from publicgsb.schema.planning.tree.changes import Changes, Side
from publicgsb.schema.planning.tree.records import Connection, CountKind, Record
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.types.marks import DatasetKey


@dataclass(frozen=True, slots=True)
class Slot:
    """One dataset under one root field: everything on one side of a root field is read at one registry version."""

    root: int
    dataset: DatasetKey
    side: Side = Side.NOW


@dataclass(frozen=True, slots=True)
class Tie:
    """What a shortcut's list reads beside its records: the rows of `via` that lead to each record above."""

    via: DatasetKey
    link: str  # by which they lead to the record above
    reads: int  # how often
    is_whole: bool  # neither a filter nor a cursor keeps a record of the list out


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
    tie: Tie | None = None
    is_one: bool = False  # brings one record whatever `first` says: an aggregate that is not grouped


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
    body: Connection | Record | Changes | Aggregate
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


# What was asked for and is withheld: a dataset and its column, "" for the whole of it.
Missed: TypeAlias = tuple[DatasetKey, str]


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
    statements: OrderedDict[Any, Any] = field(default_factory=OrderedDict)  # by ids of the bound releases
    statement_bytes: int = 0  # about what those take
    current: Any = None  # what the newest registry binds to, so that most requests bind nothing; it holds no registry
    introspected: tuple[Introspected, ...] = ()
    missed: frozenset[Missed] = frozenset()  # what is withheld of what it asks for; counted as demand
    catalogued: int = 0  # values of the catalogue to be resolved
    introspection: str | None = None  # the spelling of a standard introspection query, whose answer is kept
    priced: Any = None  # page sizes and their price, those of the last request
    looks: tuple[Leaf, ...] = ()  # what `contains` looks for: two letters are looked for in another way than more
    is_pinned: bool = field(init=False)  # some root may be read at another version than the current one
    is_tied: bool = field(init=False)  # some list is a shortcut

    def __post_init__(self) -> None:
        self.is_pinned = any(root.release is not None or root.afters or root.since for root in self.roots)
        self.is_tied = any(level.tie is not None for level in self.levels)
