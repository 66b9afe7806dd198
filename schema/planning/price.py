"""The price of an operation in points, from the plan and the variables, before anything runs.

The constants are quotas/prices.py's; what was reserved and not read is refunded.
"""

from collections.abc import Mapping

from publicgsb.schema.planning.dear import too_costly
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.values import Variables
from publicgsb.schema.planning.weigh import Price, fits, parents_of, points_for, priced
from publicgsb.schema.sql.binding import checked_page_size


def price(plan: Plan, variables: Variables, *, is_dry_run: bool = False) -> Price:
    """Raises QueryTooCostly above 10,000 records or 1,000 points, InvalidRequest for a page size out of range.

    A plan that is free costs nothing, unless `is_dry_run` asks what it would cost if it ran.
    """
    if plan.is_free and not is_dry_run:
        return Price(0, ())
    sizes = [None if level.first is None else checked_page_size(level.first.get(variables)) for level in plan.levels]
    found = priced(plan, sizes)
    if not fits(found):
        raise too_costly(plan, sizes, found)
    return found


def used(plan: Plan, reserved: Price, counts: Mapping[int, int]) -> int:
    """Points for what was read; a to-one level counts its parents, since each was looked up."""
    records: list[int] = []
    for index, level in enumerate(plan.levels):
        records.append(counts[index] if index in counts else parents_of(level, records))
    return min(reserved.points, points_for(plan, records))
