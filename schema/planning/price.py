"""The price of an operation in points, from the plan and the variables, before anything runs.

The constants are quotas/prices.py's; what was reserved and not read is refunded.
"""

from collections.abc import Mapping
from typing import NamedTuple

from publicgsb.platform.kernel.errors import QueryTooCostly
from publicgsb.quotas.prices import POINTS_PER_REQUEST, RECORDS_PER_POINT
from publicgsb.schema.planning.limits import NODES_MAX
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.values import Variables
from publicgsb.schema.sql.binding import checked_page_size


class Price(NamedTuple):
    points: int
    records: tuple[int, ...]  # reserved, by level


def price(plan: Plan, variables: Variables, *, is_dry_run: bool = False) -> Price:
    """Raises QueryTooCostly above 10,000 records, InvalidRequest for a page size out of range.

    A plan that is free costs nothing, unless `is_dry_run` asks what it would cost if it ran.
    """
    if plan.is_free and not is_dry_run:
        return Price(0, ())
    records: list[int] = []
    for level in plan.levels:
        parents = 1 if level.parent is None else records[level.parent]
        first = 1 if level.first is None else checked_page_size(level.first.get(variables))
        records.append(parents * first)
    if sum(records) > NODES_MAX:
        raise QueryTooCostly(
            f"The operation could return {sum(records):,} records; at most {NODES_MAX:,} are allowed.",
            hint="Ask for smaller pages (`first`) at the levels that multiply, and read on with cursors.",
            records=sum(records),
            limit=NODES_MAX,
        )
    return Price(_points(records) + sum(level.points for level in plan.levels), tuple(records))


def used(plan: Plan, reserved: Price, counts: Mapping[int, int]) -> int:
    """Points for what was read; a to-one level counts its parents, since each was looked up."""
    records: list[int] = []
    for index, level in enumerate(plan.levels):
        if index in counts:
            records.append(counts[index])
        else:
            records.append(1 if level.parent is None else records[level.parent])
    fixed = sum(plan.levels[index].points for index in counts)
    return min(reserved.points, _points(records) + fixed)


def _points(records: list[int]) -> int:
    return POINTS_PER_REQUEST + sum(count // RECORDS_PER_POINT for count in records)
