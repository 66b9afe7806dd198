"""How many records an operation reserves and how many points that is, level by level; nothing here refuses."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

from publicgsb.quotas.prices import (
    COUNTS_PER_POINT,
    POINTS_PER_ESTIMATE,
    POINTS_PER_EXACT_COUNT,
    POINTS_PER_REQUEST,
    POINTS_PER_SEARCH,
    RECORDS_PER_POINT,
)
from publicgsb.schema.planning.limits import NODES_MAX, POINTS_MAX
from publicgsb.schema.planning.model import Level, Plan
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


def priced(plan: Plan, sizes: Sequence[int | None]) -> Price:
    """What pages of these sizes (None: one record for each parent) reserve and cost, however much that is."""
    records: list[int] = []
    for level, size in zip(plan.levels, sizes, strict=True):
        records.append(parents_of(level, records) * (1 if size is None else size))
    return Price(points_for(plan, records), tuple(records))


def weight(found: Price) -> int:
    """In records: what the operation asks of the database, counts included."""
    return max(sum(found.records), (found.points - POINTS_PER_REQUEST) * RECORDS_PER_POINT)


def fits(found: Price) -> bool:
    return sum(found.records) <= NODES_MAX and found.points <= POINTS_MAX


def parents_of(level: Level, records: Sequence[int]) -> int:
    """How many records of the level above it is read for."""
    return 1 if level.parent is None else records[level.parent]


def points_of(level: Level, parents: int, records: int) -> int:
    """What one level adds to the price of the request."""
    points = level.points * ceil(parents / PARENTS_PER_LEVEL) + records // RECORDS_PER_POINT
    points += parents * level.searches * POINTS_PER_SEARCH
    if level.counts:
        points += ceil(parents * sum(_COUNT_PARTS[kind] for kind in level.counts) / COUNTS_PER_POINT)
    return points


def points_for(plan: Plan, records: Sequence[int]) -> int:
    """Points of the whole operation for so many records by level."""
    points = POINTS_PER_REQUEST
    for level, count in zip(plan.levels, records, strict=True):
        points += points_of(level, parents_of(level, records), count)
    return points
