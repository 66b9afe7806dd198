"""A shortcut's price follows the rows of the link dataset that it looks at, not the few records that it shows."""

from dataclasses import replace

import pytest
from tests.examples.conftest import demo_registry

from publicgsb.datasets.registry import LinkRate, Registry
from publicgsb.platform.kernel.errors import QueryTooCostly
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.explain import explain
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.price import price, used
from publicgsb.schema.types.graft import graft, static_schema

FLIGHTS = ("transport", "flights")


def _registry(most: int | None, rows: int) -> Registry:
    """The demo's, with so many flights and so many of one airline and to one airport."""
    registry = demo_registry()
    entry = registry.datasets[FLIGHTS]
    assert entry.current is not None
    rates = {link: LinkRate(rows, rows, most) for link in ("airline", "destAirport")}
    flights = replace(entry, current=replace(entry.current, rows=rows), link_rates=rates)
    return replace(registry, datasets={**registry.datasets, FLIGHTS: flights})


REGISTRY = _registry(60_000, 300_000)
PLANS = PlanCache(graft(REGISTRY, static_schema()).core)


def _plan(document: str) -> Plan:
    return PLANS.family(document, None).plan(REGISTRY, {})[0]


TO = "destinations(first: 1)"


@pytest.mark.parametrize(
    ("fields", "rows"),
    [
        (f'transport {{ airline(by: {{carrier: "HA"}}) {{ {TO} {{ nodes {{ icao }} }} }} }}', 60_000),
        (f"transport {{ airlines(first: 4) {{ nodes {{ {TO} {{ nodes {{ icao }} }} }} }} }}", 4 * 60_000),
        (f"transport {{ airlines(first: 16) {{ nodes {{ {TO} {{ nodes {{ icao }} }} }} }} }}", 300_000),
        (f"transport {{ airlines(first: 16) {{ nodes {{ {TO} {{ totalCount }} }} }} }}", 2 * 300_000),
        (f"transport {{ airlines(first: 16) {{ edges {{ node {{ {TO} {{ a: totalCount b: estimatedCount }} }} }} }} }}",
         4 * 300_000),
        # One airline may stand beside each of the flights, so its rows may be looked at as often.
        (f"transport {{ flights(first: 7) {{ nodes {{ airline {{ {TO} {{ nodes {{ icao }} }} }} }} }} }}", 7 * 60_000),
        (f"aviation {{ airports(last: 2) {{ nodes {{ airlines(first: 9) {{ nodes {{ {TO} {{ nodes {{ icao }} }} "
         "} } } } }", 2 * 60_000 + 2 * 300_000),
        ("transport { airlines(first: 1) { nodes { destinations(last: 1, before: \"x\") "
         "{ pageInfo { hasNextPage hasPreviousPage } } } } }", 2 * 60_000),
        ("transport { airlines(first: 1) { nodes { destinations(first: 1, after: \"x\") "
         "{ pageInfo { a: hasPreviousPage b: hasPreviousPage endCursor } } } } }", 3 * 60_000),
    ],
)  # fmt: skip
def test_every_row_that_may_be_looked_at_is_paid_for_as_often(fields: str, rows: int) -> None:
    plan = _plan(f"{{ {fields} }}")
    found = price(plan, {}, REGISTRY)
    counts = sum(1 for level in plan.levels if level.counts and level.tie)
    estimates = 16 if "estimated" in fields else 0
    beside = 1 + sum(found.records) // 100 + (-(-16 // 10) * counts) + estimates
    assert found.points == beside + rows // 2_000


def test_the_price_follows_the_release_and_not_the_plan_that_was_kept() -> None:
    plan = _plan(f"{{ transport {{ airlines(first: 16) {{ nodes {{ {TO} {{ nodes {{ icao }} }} }} }} }} }}")
    prices = [price(plan, {}, registry).points for registry in (REGISTRY, _registry(10, 100), REGISTRY)]
    assert prices == [1 + 150, 1 + 1, 1 + 150]
    assert price(plan, {}, _registry(None, 300_000)).points == 1 + 150, "what nobody has counted may be all rows"


def test_records_that_show_nothing_were_tied_to_nothing_and_are_refunded() -> None:
    plan = _plan("{ aviation { airports(first: 1000) { nodes { airlines(first: 1) { nodes { name } } } } } }")
    reserved = price(plan, {}, REGISTRY)
    assert reserved.points == 1 + 20 + 150
    assert used(plan, reserved, {0: 1000, 1: 0}) == 1 + 10
    assert used(plan, reserved, {0: 1000, 1: 2}) == 1 + 10 + 60
    assert used(plan, reserved, {0: 1000, 1: 105}) == 1 + 11 + 150
    assert used(plan, reserved, {}) == 1, "a list that was not read costs nothing"


@pytest.mark.parametrize(
    "list_", ["airlines(first: 0) { totalCount }", 'airlines(first: 5, where: {carrier: {eq: "x"}}) { totalCount }']
)
def test_what_shows_nothing_for_another_reason_is_not_refunded(list_: str) -> None:
    plan = _plan(f"{{ aviation {{ airports(first: 1) {{ nodes {{ {list_} }} }} }} }}")
    reserved = price(plan, {}, REGISTRY)
    assert used(plan, reserved, {0: 1, 1: 0}) == reserved.points == 1 + 1 + 60


def test_the_plan_in_words_says_which_rows_are_looked_at() -> None:
    plan = _plan(f"{{ transport {{ airlines(first: 4) {{ nodes {{ {TO} {{ totalCount }} }} }} }} }}")
    found = price(plan, {}, REGISTRY)
    above, below = explain(plan, REGISTRY, found)
    assert "looked at" not in above.reads
    assert below.reads.endswith(
        " For each record above, all rows of transport/flights that lead to it are looked at, 2 times: 60,000 at most."
    )
    assert above.points + below.points + 1 == found.points == 1 + 1 + 240


def test_too_much_is_refused_with_the_dear_field_a_size_that_fits_and_another_way() -> None:
    plan = _plan(
        f"{{ transport {{ flights(first: 100) {{ nodes {{ airline {{ {TO} {{ nodes {{ icao }} }} }} }} }} }} }}"
    )
    with pytest.raises(QueryTooCostly) as refused:
        price(plan, {}, REGISTRY)
    assert refused.value.details["dear"][0]["path"] == "transport.flights.nodes.airline.destinations"
    assert refused.value.details["cheaper"] == [
        {"path": "transport.flights", "argument": "first", "given": 100, "fits": 33}
    ]
    assert refused.value.hint is not None
    assert "Or read the rows of transport/flights that tie them, page by page." in refused.value.hint
