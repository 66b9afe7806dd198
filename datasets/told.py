"""What a contract tells of itself in the catalogue: one source for REST and GraphQL, so that both tell the same."""

from dataclasses import dataclass

from publicgsb.datasets.contracts.aggregates_document import aggregate_name
from publicgsb.datasets.contracts.groupings import groupings
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.names import major_suffix


@dataclass(frozen=True, slots=True)
class ToldShortcut:
    """Records of `on` (agency/dataset) have a list `name` of records of `to`."""

    name: str
    label: Label
    on: str
    to: str


@dataclass(frozen=True, slots=True)
class ToldOrdering:
    name: str
    fields: tuple[str, ...]  # columns
    alphabet: str | None


@dataclass(frozen=True, slots=True)
class ToldGrouping:
    """`name` is what `groupBy` takes, `api_name` the member of `key`."""

    name: str
    api_name: str
    field: str  # the column
    grain: str | None


@dataclass(frozen=True, slots=True)
class ToldAggregates:
    """`only` says that there are cells and no records."""

    name: str
    groupings: tuple[ToldGrouping, ...]
    measures: tuple[str, ...]  # columns
    only: bool
    min_cell: int | None
    p_percent: int | None


def shortcuts_of(contract: Contract) -> tuple[ToldShortcut, ...]:
    return tuple(
        ToldShortcut(
            shortcut.name,
            shortcut.label,
            on="/".join(contract.link(shortcut.from_link).target),
            to="/".join(contract.link(shortcut.to_link).target),
        )
        for shortcut in contract.shortcuts
    )


def orderings_of(contract: Contract) -> tuple[ToldOrdering, ...]:
    return tuple(
        ToldOrdering(order.name, order.fields, order.alphabet.value if order.alphabet else None)
        for order in contract.orderings
    )


def aggregates_of(contract: Contract) -> ToldAggregates | None:
    aggregates = contract.aggregates
    if aggregates is None:
        return None
    return ToldAggregates(
        aggregate_name(contract) + major_suffix(contract.major),
        tuple(
            ToldGrouping(one.name, one.api_name, one.field.name, one.grain.value if one.grain else None)
            for one in groupings(contract)
        ),
        aggregates.measures,
        aggregates.only,
        aggregates.min_cell,
        aggregates.p_percent,
    )
