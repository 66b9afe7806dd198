"""The price of an operation in points, from the plan and the variables, before anything runs.

The constants are quotas/prices.py's; what was reserved and not read is refunded.
"""

from collections.abc import Mapping

from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.errors import InvalidRequest, QueryTooCostly
from publicgsb.quotas.prices import POINTS_PER_REQUEST, RECORDS_PER_POINT, VALUES_PER_POINT
from publicgsb.schema.planning.dear import path_of, too_costly
from publicgsb.schema.planning.limits import CATALOGUE_VALUES_MAX, INTROSPECTED_MAX
from publicgsb.schema.planning.model import Level, Plan
from publicgsb.schema.planning.places import placed
from publicgsb.schema.planning.ties import shown, ways_of
from publicgsb.schema.planning.values import Variables
from publicgsb.schema.planning.weigh import Price, fits, parents_of, points_for, priced
from publicgsb.schema.sql.binding import checked_page_size


def price(plan: Plan, variables: Variables, registry: Registry, *, is_dry_run: bool = False) -> Price:
    """Raises QueryTooCostly above 10,000 records or 1,000 points, InvalidRequest for a page size out of range.

    A plan that is free costs nothing, unless `is_dry_run` asks what it would cost if it ran.
    """
    if plan.is_free and not is_dry_run:
        return Price(0, ())
    sizes = _sizes(plan, variables)
    ways = ways_of(plan, registry)
    if plan.priced is not None and plan.priced[0] == sizes and plan.priced[1].ways == ways:
        remembered: Price = plan.priced[1]
        return remembered
    found = priced(plan, sizes, ways)
    if plan.introspected:
        found = with_introspection(plan, variables, found)
    if plan.catalogued:
        found = with_catalogue(plan, found)
    if not fits(found):
        raise too_costly(plan, sizes, found)
    if not plan.introspected:  # those depend on other variables too
        plan.priced = (sizes, found)
    return found


def _sizes(plan: Plan, variables: Variables) -> list[int | None]:
    """Raises InvalidRequest with the place of the first page whose size is out of range."""
    try:
        return [_size(level, variables) for level in plan.levels]
    except InvalidRequest:
        for index, level in enumerate(plan.levels):
            if level.first is not None:
                with placed((path_of(plan, index),)):
                    checked_page_size(level.first.get(variables))
        raise


def _size(level: Level, variables: Variables) -> int | None:
    if level.first is None:
        return None
    size = checked_page_size(level.first.get(variables))
    return 1 if level.is_one else size


def used(plan: Plan, reserved: Price, counts: Mapping[int, int]) -> int:
    """Points for what was read; a list that could not be bound to a release costs nothing."""
    if reserved.points == POINTS_PER_REQUEST:
        return reserved.points
    records = read(plan, counts)
    static = reserved.introspected // RECORDS_PER_POINT + reserved.catalogue
    ways = shown(plan, reserved.ways, reserved.records, records) if reserved.ways else ()
    return min(reserved.points, points_for(plan, records, ways, counts) + static)


def read(plan: Plan, counts: Mapping[int, int]) -> list[int]:
    """Records by level: a to-one level counts its parents, since each was looked up; a list that could not be bound to
    a release was not read.
    """
    records: list[int] = []
    for index, level in enumerate(plan.levels):
        unread = parents_of(level, records) if level.first is None else 0
        records.append(counts.get(index, unread))
    return records


def with_catalogue(plan: Plan, found: Price) -> Price:
    """Raises QueryTooCostly above 20,000 values: Python resolves each of them."""
    values = plan.catalogued
    if values > CATALOGUE_VALUES_MAX:
        raise QueryTooCostly(
            f"The operation asks for {values:,} values of the catalogue; at most {CATALOGUE_VALUES_MAX:,} are allowed.",
            hint="Read /catalog.json, or ask for one agency or dataset at a time.",
            reason="catalogue",
            limit=CATALOGUE_VALUES_MAX,
        )
    points = values // VALUES_PER_POINT
    return found._replace(points=found.points + points, catalogue=points)


def with_introspection(plan: Plan, variables: Variables, found: Price) -> Price:
    """Raises QueryTooCostly above 5,000 objects; a standard query has no such bound, since its answer is kept."""
    objects = 0
    for one in plan.introspected:
        objects += one.objects(variables)
        if objects > INTROSPECTED_MAX and plan.introspection is None:  # the others need not be counted
            raise QueryTooCostly(
                f"The introspection asks for more than {INTROSPECTED_MAX:,} objects.",
                hint="Send the standard introspection query, read /schema.graphql, or name datasets in GSB-Datasets.",
                reason="introspection",
                limit=INTROSPECTED_MAX,
            )
    return found._replace(points=found.points + objects // RECORDS_PER_POINT, introspected=objects)
