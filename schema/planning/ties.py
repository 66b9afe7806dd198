"""The rows of link datasets that shortcuts look at: which lists read them how often, and how many they can be.

A list shows a handful of records and may have read all that tie them: the destinations of 16 airlines were 175 records
and 336,776 flights. So they are a part of the price, by what a release's rows come to for one record at most.
"""

from collections.abc import Sequence
from typing import NamedTuple

from publicgsb.datasets.registry import Registry
from publicgsb.schema.planning.model import Level, Plan, Tie
from publicgsb.schema.planning.tree.records import (
    Connection,
    CountKind,
    PageInfoItem,
    PagePart,
    TotalItem,
)
from publicgsb.schema.types.marks import ThroughMark


class Way(NamedTuple):
    """Rows of a link dataset's current release: `most` lead to one record, all of them are `rows`."""

    most: int
    rows: int


def tie_of(mark: ThroughMark, c: Connection) -> Tie:
    """The page reads the rows of each record above once, and so does each count and each look behind its cursor."""
    behind = PagePart.HAS_NEXT if c.is_backward else PagePart.HAS_PREVIOUS
    reads = 1
    for item in c.items:
        if isinstance(item, TotalItem):
            reads += 2 if item.kind is CountKind.ESTIMATE else 1  # once to the limit, once by the sample
        elif isinstance(item, PageInfoItem) and c.after is not None:
            reads += sum(1 for part in item.parts if isinstance(part, tuple) and part[1] is behind)
    is_whole = c.condition is None and c.near is None and c.after is None
    return Tie(mark.via, mark.inward.name, reads, is_whole)


def ways_of(plan: Plan, registry: Registry) -> tuple[Way | None, ...]:
    """By level; nothing at all where no level is tied. What nobody has counted may be all rows."""
    if not plan.is_tied:
        return ()
    return tuple(None if level.tie is None else _way(registry, level.tie) for level in plan.levels)


def _way(registry: Registry, tie: Tie) -> Way:
    entry = registry.datasets[tie.via]
    rows = entry.current.rows if entry.current is not None else 0
    rate = entry.link_rates.get(tie.link)
    return Way(rows if rate is None or rate.most is None else rate.most, rows)


def tied_rows(plan: Plan, level: Level, records: Sequence[int], way: Way) -> int:
    """At most so many are looked at. The records of one list differ, so together they are tied by no more than all."""
    assert level.tie is not None
    assert level.parent is not None  # a shortcut stands on a record
    parents = records[level.parent]
    above = plan.levels[level.parent]
    lists = parents if above.first is None else 1 if above.parent is None else records[above.parent]
    return level.tie.reads * min(parents * way.most, lists * way.rows)


def shown(plan: Plan, ways: Sequence[Way | None], reserved: Sequence[int], records: Sequence[int]) -> list[Way | None]:
    """The ways after the fact: a record above that shows nothing of a whole list was tied to nothing."""
    found = list(ways)
    for index, way in enumerate(ways):
        tie = plan.levels[index].tie
        if way is not None and tie is not None and tie.is_whole and reserved[index]:  # a page of none shows nothing
            found[index] = Way(way.most, min(way.rows, records[index] * way.most))
    return found
