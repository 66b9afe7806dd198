"""A plan in words names the order, the index and the filter that answer a list."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from tests.examples.conftest import demo_registry
from tests.schema.registries import registry_of
from tests.schema.sql.test_near import PLACES
from tests.schema.sql.towns import found_gazetteer

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.datasets.registry import Agency
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.explain import explain
from publicgsb.schema.planning.price import price
from publicgsb.schema.types.graft import graft, static_schema

Tell: TypeAlias = Callable[[str], Awaitable[list[str]]]


@pytest.fixture
async def world(connections: Connections, state_dir: Path) -> AsyncIterator[Connections]:
    await found_gazetteer(connections, state_dir)
    yield connections


@pytest.fixture
async def tell(world: Connections) -> Tell:
    async with world.use() as connection:
        registry = await load_registry(connection)
    plans = PlanCache(graft(registry, static_schema()).core)

    async def told(document: str) -> list[str]:
        plan, _ = plans.family(document, None).plan(registry, {})
        return [level.reads for level in explain(plan, registry, price(plan, {}, registry))]

    return told


async def test_a_search_is_told_as_a_search(tell: Tell) -> None:
    (reads,) = await tell('{ geo { places(search: "تهران", where: {name: {contains: "ته"}}) { nodes { name } } } }')
    assert "in the order of how well they match the words searched for" in reads
    assert "The index of the words finds them, and all that it finds are ranked." in reads
    assert "The filter on name is applied to what that finds." in reads


async def test_a_filter_without_an_index_is_told_to_read_along_the_order(tell: Tell) -> None:
    (reads,) = await tell('{ geo { places(where: {not: {name: {contains: "ته"}}}) { nodes { name } } } }')
    assert reads.endswith(
        "The filter on name has no index: records are looked at along the order until the page is full."
    )


async def test_a_page_after_a_cursor_says_from_where_it_is_read(tell: Tell) -> None:
    forward, backward = await tell(
        '{ geo { a: places(after: "x") { nodes { name } } b: places(last: 2, before: "x") { nodes { name } } } }'
    )
    assert "those after the cursor in the order of code, ascending" in forward
    assert "those before the cursor in the order of code, ascending" in backward


def test_a_list_around_a_place_is_told_as_that() -> None:
    agency = Agency(1, "lab", Label("آزمایشگاه", "Laboratory"), False, "tests")
    registry = registry_of({"lab": agency}, [parse(read_text(PLACES, "contract"))])
    plan, _ = (
        PlanCache(graft(registry, static_schema()).core)
        .family(
            """{ lab { places(near: {lat: 1, lon: 2, withinKm: 3}, where: {kind: {eq: "odd"}}) { nodes { id
                 neighbours(near: {lat: 1, lon: 2, withinKm: 3}) { totalCount } } } } }""",
            None,
        )
        .plan(registry, {})
    )
    places, neighbours = [level.reads for level in explain(plan, registry, price(plan, {}, registry))]
    assert "in the order of distance from the place then id." in places
    assert "The index of the places finds them, and all that it finds are measured." in places
    assert "The filter on kind is applied to what that finds." in places
    assert "in the order of distance from the place then id. The index of nearId finds them." in neighbours


def _told(document: str) -> list[str]:
    registry = demo_registry()
    plan, _ = PlanCache(graft(registry, static_schema()).core).family(document, None).plan(registry, {})
    return [level.reads for level in explain(plan, registry, price(plan, {}, registry))]


@pytest.mark.parametrize(
    ("aggregate", "reads"),
    [
        ("flightsAggregate { groups { count } }", "Every record is read once, into one group."),
        (
            "flightsAggregate(groupBy: [CARRIER, MONTH], orderBy: AVG_DEP_DELAY_DESC) { groups { count } }",
            "Every record is read once, into groups by carrier then month."
            " The groups come in the order of avg of depDelay, descending.",
        ),
        (
            'flightsAggregate(where: {carrier: {eq: "UA"}}, groupBy: CARRIER) { groups { countDistinct { dest } } }',
            "The records that meet the filter are read once, into groups by carrier."
            " The filter on carrier is met by the index of carrier or by looking at every record."
            " The groups come in the order of carrier, ascending."
            " For the different values of dest all of them are sorted, once for each.",
        ),
    ],
)
def test_an_aggregate_says_what_it_reads_groups_and_sorts(aggregate: str, reads: str) -> None:
    assert _told(f"{{ transport {{ {aggregate} }} }}") == [reads]


def test_a_change_feed_says_where_it_finds_what_changed() -> None:
    feed, country = _told(
        """{ aviation { airportsChanges(since: 1, last: 3, where: {countryCode: {eq: "IR"}})
             { added nodes { after { country { name } } } } } }"""
    )
    assert feed.startswith(
        "A page of changes, the last in the order of icao. Their keys are read off what each release"
    )
    assert feed.endswith(
        "The filter on countryCode is applied to both records. All changes are found and counted, up to 10,000."
    )
    assert country == "For each record above, the one record of its link, by a unique key."
