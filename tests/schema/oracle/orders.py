"""In which order a list comes, and what of it a search or a place finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from publicgsb.datasets.contracts.model import Alphabet, Contract, FieldType
from tests.schema.oracle import around, letters, spelling
from tests.schema.oracle.facts import DatasetKey, Row
from tests.schema.oracle.lists import place
from tests.schema.oracle.ranking import Search
from tests.schema.oracle.reading import Reading


@dataclass(slots=True)
class Order:
    """`found` leaves out what a search or a circle does not hold; `label` is what a cursor must name."""

    label: str
    is_descending: bool
    place: Callable[[Row], tuple[Any, ...]]
    found: Callable[[list[Row]], list[Row]] = lambda rows: rows
    distance: Callable[[Row], float | None] = lambda row: None


def order_of(reading: Reading, key: DatasetKey, seq: int, args: Mapping[str, Any]) -> Order:
    contract, stored = reading.contract(key), reading.facts.contracts[key, seq]
    near, words = args.get("near"), args.get("search")

    def by_key(row: Row) -> tuple[Any, ...]:
        return place(row, contract.key_columns, is_descending=False)

    if near is not None:
        distance = partial(around.distance_km, contract, near)
        return Order(
            around.label(near),
            is_descending=False,
            place=lambda row: (distance(row), *by_key(row)),
            found=lambda rows: [row for row in rows if (km := distance(row)) is not None and km <= near["withinKm"]],
            distance=distance,
        )
    if words is not None:
        search = Search(words, stored)
        return Order(
            search_label(words),
            is_descending=False,
            place=lambda row: (search.score(row), *by_key(row)),
            found=lambda rows: [row for _, row in search.scores(rows)],
        )
    ordering, is_descending = args.get("orderBy") or ("key", False)
    columns = reading.facts.orderings[key, seq][ordering]
    read = partial(spelt, stored, ordering)
    return Order(
        ordering,
        is_descending,
        lambda row: (
            *place(read(row), columns, is_descending=is_descending),
            *place(row, contract.key_columns, is_descending=is_descending),
        ),
    )


def spelt(contract: Contract, ordering: str, row: Row) -> Row:
    """The row with its texts as an alphabet has them, where the ordering follows one."""
    declared = next((one for one in contract.orderings if one.name == ordering), None)
    if declared is None or declared.alphabet is not Alphabet.PERSIAN:
        return row
    texts = [name for name in declared.fields if contract.field(name).type is FieldType.STRING]
    return {**row, **{name: letters.place(row[name]) for name in texts if row.get(name) is not None}}


def search_label(words: str) -> str:
    return f"~search {spelling.words(words)}"
