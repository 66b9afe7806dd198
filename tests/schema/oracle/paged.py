"""A page of a list as it should be: the rows that belong, match and are found, in order, from the cursor on."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.schema.oracle.facts import DatasetKey, Row
from tests.schema.oracle.lists import holds
from tests.schema.oracle.orders import order_of
from tests.schema.oracle.pages import Page, Version, window
from tests.schema.oracle.reading import Reading


def page(
    reading: Reading,
    key: DatasetKey,
    seq: int,
    version: Version,
    args: Mapping[str, Any],
    belongs: Callable[[Row], bool],
) -> Page:
    contract = reading.contract(key)
    order = order_of(reading, key, seq, args)
    where = args.get("where")
    rows = [row for row in reading.facts.rows[key, seq] if belongs(row)]
    matching = order.found([row for row in rows if where is None or holds(where, contract, row) is True])
    matching.sort(key=order.place, reverse=order.is_descending)
    size, cursor, is_backward = window(args)
    rest = matching
    if cursor is not None:
        here = order.place(reading.facts.rows[key, seq][reading.cursors[cursor].place - 1])
        wants_greater = order.is_descending is is_backward
        there = [(order.place(row), row) for row in matching]
        rest = [row for other, row in there if (other > here if wants_greater else other < here)]
    return Page(
        *(key, seq, version, order.label, order.is_descending, size, is_backward, matching, rest),
        distance=order.distance,
    )
