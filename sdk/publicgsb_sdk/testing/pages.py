"""A page of records: which rows are in the list, in which order, and which of them are shown."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from publicgsb_sdk.testing import letters, places
from publicgsb_sdk.testing.comparing import keeps
from publicgsb_sdk.testing.cursors import Cursor, bad_cursor, read_cursor
from publicgsb_sdk.testing.model import MockContract, Row
from publicgsb_sdk.testing.ranking import Search
from publicgsb_sdk.testing.refusals import invalid
from publicgsb_sdk.testing.state import PLACE, Release, is_text
from publicgsb_sdk.testing.window import Window, window_of

COUNT_MAX = 10_000
Place: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """`found` leaves out what a search or a circle does not hold; `name` is what cursors must name."""

    name: str
    is_descending: bool
    place: Callable[[Row], Place]
    found: Callable[[list[Row]], list[Row]] = lambda rows: rows
    distance: Callable[[Row], float | None] = lambda row: None


@dataclass(frozen=True, slots=True)
class Page:
    """`is_filtered`: less than all records of the release are in the list."""

    release: Release
    version: int
    order: Order
    window: Window[Row]
    is_filtered: bool

    @property
    def rows(self) -> list[Row]:
        return self.window.shown

    def cursor(self, row: Row) -> str:
        return Cursor(self.order.name, self.version, row[PLACE]).text()

    def total(self, *, is_exact: bool) -> int | None:
        """Of a narrowed list no more than 10,000 are counted unless that is paid for."""
        count = len(self.window.matching)
        return None if self.is_filtered and count > COUNT_MAX and not is_exact else count


def page(
    release: Release, contract: MockContract, version: int, args: Mapping[str, Any], rows: Iterable[Row], is_root: bool
) -> Page:
    """`rows` are those that belong to the list before anything is asked of it. Raises what the arguments refuse."""
    order = order_of(release, contract, args)
    size, cursor, is_backward = window_of(args)
    kept = keeps(args.get("where"), contract)
    matching = order.found([row for row in rows if kept(row)])
    matching.sort(key=order.place, reverse=order.is_descending)
    rest = matching
    if cursor is not None:
        here = order.place(_row_at(release, order, cursor))
        wants_greater = order.is_descending is is_backward
        there = [(order.place(row), row) for row in matching]
        rest = [row for other, row in there if (other > here if wants_greater else other < here)]
    is_filtered = not is_root or any(args.get(name) is not None for name in ("where", "near", "search"))
    return Page(release, version, order, Window(matching, rest, size, is_backward), is_filtered)


def order_of(release: Release, contract: MockContract, args: Mapping[str, Any]) -> Order:
    """As the arguments say; of an order that the release does not know, the refusal."""
    base = f"{contract.id}@{contract.suffix}:"
    key = contract.primary_key or (PLACE,)
    near, words = args.get("near"), args.get("search")
    if near is not None:
        distance = partial(places.distance_km, contract, near)
        return Order(
            f"{base}~near {[float(near[name]) for name in ('lat', 'lon', 'withinKm')]}",
            is_descending=False,
            place=lambda row: (distance(row), *_place(row, key, is_descending=False)),
            found=lambda rows: [row for row in rows if (km := distance(row)) is not None and km <= near["withinKm"]],
            distance=distance,
        )
    if words is not None:
        search = Search(words, contract.search)
        return Order(
            f"{base}~search {letters.words(words)}",
            is_descending=False,
            place=lambda row: (search.score(row), *_place(row, key, is_descending=False)),
            found=lambda rows: [row for _, row in search.scores(rows)],
        )
    name, _, way = (args.get("orderBy") or "KEY_ASC").rpartition("_")
    ordering = next(one for spelt, one in contract.orderings_by_name().items() if spelt.upper() == name)
    if not release.has(ordering.columns):
        raise invalid(f"Release {release.seq} of {contract.id} cannot be ordered by {name}.", "ordering")
    is_descending = way == "DESC"
    spelt = {one for one in ordering.columns if ordering.is_alphabetical and is_text(contract, one)}

    def place(row: Row) -> Place:
        shown = {**row, **{one: letters.place(row[one]) for one in spelt if row.get(one) is not None}} if spelt else row
        return (
            *_place(shown, ordering.columns, is_descending=is_descending),
            *_place(row, key, is_descending=is_descending),
        )

    return Order(f"{base}{ordering.name} {way}", is_descending, place)


def _row_at(release: Release, order: Order, text: str) -> Row:
    cursor = read_cursor(text)
    if cursor.list != order.name or not 0 <= cursor.place < len(release.rows):
        raise bad_cursor("The cursor belongs to another list or another order.")
    return release.rows[cursor.place]


def _place(row: Row, columns: Iterable[str], *, is_descending: bool) -> Place:
    """What a row is sorted by, before a list is turned around; nulls come last both ways."""
    return tuple(
        (not is_descending,) if (value := row.get(column)) is None else (is_descending, value) for column in columns
    )
