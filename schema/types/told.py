"""The parts of the catalogue that say what a dataset can be asked beside its fields: told as REST tells them."""

from __future__ import annotations

import strawberry

from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.told import aggregates_of, orderings_of, shortcuts_of


@strawberry.type(description="A text in Persian and English.")
class Text:
    fa: str
    en: str


@strawberry.type(description="A list that rows of this dataset give to records of another: many to many in one step.")
class ShortcutInfo:
    name: str = strawberry.field(description="The field on each record.")
    label: Text
    on: str = strawberry.field(description="agency/dataset of the records that have it.")
    to: str = strawberry.field(description="agency/dataset of the records in it.")


@strawberry.type(description="A declared order.")
class OrderingInfo:
    name: str
    fields: list[str] = strawberry.field(description="The columns in files.")
    alphabet: str | None = strawberry.field(description="Whose order of letters its texts follow.")


@strawberry.type(description="What records can be grouped by.")
class GroupingInfo:
    name: str = strawberry.field(description="What `groupBy` takes.")
    api_name: str = strawberry.field(description="The field of `key`.")
    field: str = strawberry.field(description="The column in files.")
    grain: str | None = strawberry.field(description="How finely days are told apart; null for what is no date.")


@strawberry.type(description="What may be grouped and measured.")
class AggregatesInfo:
    name: str = strawberry.field(description="The field that answers.")
    groupings: list[GroupingInfo]
    measures: list[str] = strawberry.field(description="The columns in files.")
    only: bool = strawberry.field(description="Whether there are cells and no records.")
    min_cell: int | None = strawberry.field(description="How many rows a cell needs at least to be published.")
    p_percent: int | None = strawberry.field(
        description="A sum is published where all rows of the cell but the two largest come to so many percent of the "
        "largest; null where every sum is."
    )


def text(label: Label) -> Text:
    return Text(fa=label.fa, en=label.en)


def shortcuts(contract: Contract) -> list[ShortcutInfo]:
    return [ShortcutInfo(name=one.name, label=text(one.label), on=one.on, to=one.to) for one in shortcuts_of(contract)]


def orderings(contract: Contract) -> list[OrderingInfo]:
    return [
        OrderingInfo(name=one.name, fields=list(one.fields), alphabet=one.alphabet) for one in orderings_of(contract)
    ]


def aggregates(contract: Contract) -> AggregatesInfo | None:
    told = aggregates_of(contract)
    if told is None:
        return None
    return AggregatesInfo(
        name=told.name,
        groupings=[
            GroupingInfo(name=one.name, api_name=one.api_name, field=one.field, grain=one.grain)
            for one in told.groupings
        ],
        measures=list(told.measures),
        only=told.only,
        min_cell=told.min_cell,
        p_percent=told.p_percent,
    )
