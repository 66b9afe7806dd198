"""What a grafted GraphQL field means to the planner: one mark in `field.extensions["gsb"]`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from graphql import GraphQLField

from publicgsb.datasets.contracts.model import Contract, Field, Key, Link

DatasetKey: TypeAlias = tuple[str, str]  # (agency slug, dataset slug)

MARK = "gsb"


@dataclass(frozen=True, slots=True)
class AgencyMark:
    """A field that groups an agency's datasets; it costs nothing and is compiled away."""

    agency: str


@dataclass(frozen=True, slots=True)
class ListMark:
    dataset: DatasetKey


@dataclass(frozen=True, slots=True)
class AggregateMark:
    """Groups of a dataset's records, or of its cells."""

    dataset: DatasetKey


@dataclass(frozen=True, slots=True)
class RecordMark:
    dataset: DatasetKey


@dataclass(frozen=True, slots=True)
class ChangesMark:
    """What differs between two releases of the dataset."""

    dataset: DatasetKey


@dataclass(frozen=True, slots=True)
class ColumnMark:
    dataset: DatasetKey
    field: Field


@dataclass(frozen=True, slots=True)
class ToOneMark:
    """`link` leads from `source` to one record of `target`."""

    source: DatasetKey
    target: DatasetKey
    link: Link


@dataclass(frozen=True, slots=True)
class ToManyMark:
    """The same link read backwards: from a record of `source` to the records of `target` that point at it."""

    source: DatasetKey
    target: DatasetKey
    link: Link


@dataclass(frozen=True, slots=True)
class ThroughMark:
    """Rows of `via` tie records of `source`, by its link `inward`, to records of `target`, by its link `outward`."""

    source: DatasetKey
    via: DatasetKey
    target: DatasetKey
    inward: Link
    outward: Link

    def columns(self) -> Iterator[tuple[DatasetKey, str]]:
        """Every column that decides who is tied to whom."""
        for dataset, columns in (
            (self.source, self.inward.to_fields),
            (self.via, (*self.inward.fields, *self.outward.fields)),
            (self.target, self.outward.to_fields),
        ):
            yield from ((dataset, column) for column in columns)


@dataclass(frozen=True, slots=True)
class PartMark:
    """A part of a connection: nodes, edges, node, cursor, pageInfo, totalCount, hasNextPage, …"""

    part: str


Mark: TypeAlias = (
    AgencyMark
    | ListMark
    | AggregateMark
    | RecordMark
    | ChangesMark
    | ColumnMark
    | ToOneMark
    | ToManyMark
    | ThroughMark
    | PartMark
)


def mark_of(field: GraphQLField) -> Mark | None:
    """The mark of a grafted field, None for a field that Strawberry resolves."""
    mark: Mark | None = field.extensions.get(MARK)
    return mark


def key_fields(contract: Contract, key: Key) -> tuple[Field, ...]:
    return tuple(contract.field(name) for name in key.fields)
