"""A contract as the mock holds it: all that the published page says, and what only the agency's own document says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from publicgsb_sdk.contract import FieldType, camel

Name: TypeAlias = tuple[str, str]  # agency and dataset
Row: TypeAlias = Mapping[str, Any]  # by column

WHOLE = frozenset({FieldType.INTEGER, FieldType.BIGINT, FieldType.YEAR})
DATES = frozenset({FieldType.DATE, FieldType.DATETIME})


@dataclass(frozen=True, slots=True)
class Bounds:
    """The constraints of a contract document; the published page does not tell them."""

    least: Decimal | str | None = None
    most: Decimal | str | None = None
    length_least: int | None = None
    length_most: int | None = None
    pattern: str | None = None


UNBOUND = Bounds()


@dataclass(frozen=True, slots=True)
class Column:
    """`values` is the code list; with one no other value occurs."""

    name: str
    api_name: str
    type: FieldType
    is_required: bool
    access: str
    filters: tuple[str, ...]
    words: str
    values: tuple[Any, ...] = ()
    bounds: Bounds = UNBOUND


@dataclass(frozen=True, slots=True)
class Key:
    """Columns whose values name one record."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """A link: these columns hold what those of another dataset hold."""

    name: str
    columns: tuple[str, ...]
    to: Name
    to_columns: tuple[str, ...]
    reverse: str | None


@dataclass(frozen=True, slots=True)
class Tie:
    """A shortcut: records of `inward.to` have a list of the records of `outward.to`."""

    name: str
    inward: Join
    outward: Join


@dataclass(frozen=True, slots=True)
class Ordering:
    """`is_alphabetical`: its texts stand in the order of the Persian alphabet."""

    name: str
    columns: tuple[str, ...]
    is_alphabetical: bool


@dataclass(frozen=True, slots=True)
class Grouping:
    """What may be grouped by: a column, or one grain of a date."""

    name: str
    api_name: str
    column: str
    grain: str | None


@dataclass(frozen=True, slots=True)
class MockContract:
    """`page` is the published document that it was read from."""

    page: Mapping[str, Any]
    agency: str
    dataset: str
    version: str
    record_name: str
    list_name: str
    record_field: str
    access: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    keys: tuple[Key, ...]
    orderings: tuple[Ordering, ...]
    joins: tuple[Join, ...]
    ties: tuple[Tie, ...]
    search: tuple[str, ...]
    coordinates: tuple[str, str] | None
    groupings: tuple[Grouping, ...]
    measures: tuple[str, ...]
    has_aggregates: bool
    min_cell: int | None  # of a dataset that has cells and no records
    p_percent: int | None  # which sums of cells are told
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)
    by_api_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.columns})
        object.__setattr__(self, "by_api_name", {one.api_name: one for one in self.columns})

    @property
    def name(self) -> Name:
        return (self.agency, self.dataset)

    @property
    def id(self) -> str:
        return f"{self.agency}/{self.dataset}"

    @property
    def suffix(self) -> str:
        """What the names of a later major end with."""
        major = int(self.version.split(".")[0])
        return f"V{major}" if major > 1 else ""

    @property
    def type_name(self) -> str:
        return pascal(self.agency) + self.record_name + self.suffix

    @property
    def has_records(self) -> bool:
        return self.min_cell is None

    def orderings_by_name(self) -> dict[str, Ordering]:
        """The declared ones and the key's."""
        return {"key": Ordering("key", (), False)} | {one.name: one for one in self.orderings}

    def is_withheld(self, column: Column) -> bool:
        return "withheld" in (column.access, self.access)


def pascal(name: str) -> str:
    """`road_safety` as types are written: `RoadSafety`."""
    found = camel(name)
    return found[:1].upper() + found[1:]
