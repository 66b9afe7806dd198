"""Aggregates: what is grouped by, what is reckoned of each group, and what is said of all groups together."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets.contracts.groupings import Grouping
from publicgsb.datasets.contracts.model import Field
from publicgsb.schema.planning.tree.conditions import Condition
from publicgsb.schema.planning.tree.records import TypenameItem
from publicgsb.schema.planning.values import Leaf


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


def distinct_columns(items: Iterable[GroupsItem | WholePartItem | TypenameItem]) -> tuple[Field, ...]:
    """The columns whose different values are counted, each once: all rows are sorted for each."""
    fields = [
        part.figure.field
        for groups in items
        if isinstance(groups, GroupsItem)
        for group in groups.items
        if isinstance(group, GroupPartItem)
        for part in group.items
        if isinstance(part, FigureItem) and part.figure.statistic is Statistic.DISTINCT
    ]
    return tuple(dict.fromkeys(field for field in fields if field is not None))
