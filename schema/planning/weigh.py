"""How many records an operation reserves and how many points that is, level by level; nothing here refuses."""

from collections.abc import Container, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from publicgsb.quotas.prices import (
    COUNTS_PER_POINT,
    POINTS_PER_ESTIMATE,
    POINTS_PER_EXACT_COUNT,
    POINTS_PER_REQUEST,
    RECORDS_PER_POINT,
    TIED_ROWS_PER_POINT,
)
from publicgsb.schema.planning.limits import NODES_MAX, POINTS_MAX
from publicgsb.schema.planning.model import Level, Plan
from publicgsb.schema.planning.ties import Way, tied_rows
from publicgsb.schema.planning.tree.records import CountKind

PARENTS_PER_LEVEL = 50  # a list with points of its own (`near`) is paid for again for each so many parents

# What a count costs, in the unit that all of them are whole numbers of.
_COUNT_PARTS: Mapping[CountKind, int] = {
    CountKind.TOTAL: 1,
    CountKind.ESTIMATE: POINTS_PER_ESTIMATE * COUNTS_PER_POINT,
    CountKind.EXACT: POINTS_PER_EXACT_COUNT * COUNTS_PER_POINT,
}


class Price(NamedTuple):
    points: int
    records: tuple[int, ...]  # reserved, by level
    introspected: int = 0  # objects of introspection
    catalogue: int = 0  # points for values of the catalogue
    ways: tuple[Way | None, ...] = ()  # of shortcuts, by level; nothing where there is none


def priced(plan: Plan, sizes: Sequence[int | None], ways: tuple[Way | None, ...]) -> Price:
    """What pages of these sizes (None: one record for each parent) reserve and cost, however much that is."""
    records: list[int] = []
    for level, size in zip(plan.levels, sizes, strict=True):
        records.append(parents_of(level, records) * (1 if size is None else size))
    return Price(points_for(plan, records, ways), tuple(records), ways=ways)


def weight(found: Price) -> int:
    """In records: what the operation asks of the database, counts included."""
    return max(sum(found.records), (found.points - POINTS_PER_REQUEST) * RECORDS_PER_POINT)


def fits(found: Price) -> bool:
    return sum(found.records) <= NODES_MAX and found.points <= POINTS_MAX


def parents_of(level: Level, records: Sequence[int]) -> int:
    """How many records of the level above it is read for."""
    return 1 if level.parent is None else records[level.parent]


def points_for(
    plan: Plan, records: Sequence[int], ways: Sequence[Way | None], read: Container[int] | None = None
) -> int:
    """Points of the whole operation for so many records by level; lists that are not in `read` were not begun."""
    points = POINTS_PER_REQUEST + sum(records) // RECORDS_PER_POINT
    for index, level in enumerate(plan.levels):
        if read is None or index in read:
            points += _beside_records(level, parents_of(level, records)) + _tied(plan, index, records, ways)
    return points


def points_by_level(plan: Plan, found: Price) -> list[int]:
    """What each level adds to the request's own point: a hundred records are paid for by the level that fills them."""
    points = []
    so_far = 0
    records = found.records
    for index, (level, count) in enumerate(zip(plan.levels, records, strict=True)):
        before, so_far = so_far, so_far + count
        by_records = so_far // RECORDS_PER_POINT - before // RECORDS_PER_POINT
        beside = _beside_records(level, parents_of(level, records)) + _tied(plan, index, records, found.ways)
        points.append(by_records + beside)
    return points


def _tied(plan: Plan, index: int, records: Sequence[int], ways: Sequence[Way | None]) -> int:
    """Points for the rows of link datasets, those of each list begun."""
    way = ways[index] if ways else None
    return 0 if way is None else ceil(tied_rows(plan, plan.levels[index], records, way) / TIED_ROWS_PER_POINT)


def _beside_records(level: Level, parents: int) -> int:
    """Points for reading it at all, for texts that are looked into and for counts."""
    points = level.points * ceil(parents / PARENTS_PER_LEVEL) + parents * level.searched
    if level.counts:
        points += ceil(parents * sum(_COUNT_PARTS[kind] for kind in level.counts) / COUNTS_PER_POINT)
    return points
