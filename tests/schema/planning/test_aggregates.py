"""What an aggregate touches, and what it reserves."""

from pathlib import Path

import pytest
from tests.schema.worlds import COMMON, declare, release

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotPermitted
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.price import price, used
from publicgsb.schema.types.graft import graft, static_schema

LIVE = Caller("k", KeyKind.LIVE, 1, 1, "open")
WAGES = (
    COMMON
    + """
agency: work
dataset: wages
recordName: Wage
title: { fa: "دستمزد", en: "Wages" }
fields:
  - { name: town, type: string, label: { fa: "شهر", en: "Town" } }
  - { name: trade, type: string, label: { fa: "پیشه", en: "Trade" }, filters: [eq], access: restricted,
      legalGround: IR-1 }
  - { name: hours, type: integer, label: { fa: "ساعت", en: "Hours" } }
  - { name: wage, type: integer, label: { fa: "مزد", en: "Wage" }, access: restricted, legalGround: IR-1 }
aggregates:
  dimensions: [town, trade]
  measures: [hours, wage]
"""
)
CLOSED = (
    WAGES.replace("access: open", "access: restricted\nlegalGround: IR-1")
    .replace("dataset: wages", "dataset: pensions")
    .replace("recordName: Wage", "recordName: Pension")
)


@pytest.fixture
async def registry(connections: Connections, state_dir: Path) -> Registry:
    await add_agency(connections, "work", Label("کار", "Work"), "tests")
    for contract, dataset in ((WAGES, "work/wages"), (CLOSED, "work/pensions")):
        await declare(connections, contract)
        outcome = await release(connections, state_dir, dataset, "town,trade,hours,wage\nA,x,1,2\nB,y,3,4\n")
        assert outcome.release is not None, outcome.report.as_table("en")
    async with connections.use() as connection:
        return await load_registry(connection)


def plan_of(registry: Registry, call: str) -> Plan:
    family = PlanCache(graft(registry, static_schema()).core).family(f"{{ work {{ {call} }} }}", None)
    return family.plan(registry, {})[0]


async def test_a_restricted_column_needs_a_grant_in_whatever_role(registry: Registry) -> None:
    check_access(plan_of(registry, "wagesAggregate(groupBy: TOWN) { groups { sum { hours } } }"), registry, LIVE)
    for call in (
        "wagesAggregate(groupBy: TRADE) { groups { count } }",
        "wagesAggregate(groupBy: [TOWN, TRADE]) { totalGroups }",
        "wagesAggregate { groups { sum { wage } } }",
        "wagesAggregate { groups { countDistinct { trade } } }",
        "wagesAggregate(groupBy: TOWN, orderBy: AVG_WAGE_DESC) { groups { key { town } } }",
        'wagesAggregate(where: {trade: {eq: "x"}}) { groups { count } }',
    ):
        with pytest.raises(NotPermitted) as refused:
            check_access(plan_of(registry, call), registry, LIVE)
        assert refused.value.details["field"] in ("work/wages.trade", "work/wages.wage"), call


async def test_counting_a_restricted_dataset_needs_a_grant_though_it_names_no_column(registry: Registry) -> None:
    for call in ("pensionsAggregate { groups { count } }", "pensionsAggregate { totalGroups }"):
        with pytest.raises(NotPermitted):
            check_access(plan_of(registry, call), registry, LIVE)


async def test_a_page_of_a_restricted_dataset_without_a_key_needs_a_grant_too(registry: Registry) -> None:
    with pytest.raises(NotPermitted):
        check_access(plan_of(registry, "pensions { totalCount }"), registry, LIVE)


async def test_an_aggregate_costs_ten_and_one_for_a_hundred_groups_reserved(registry: Registry) -> None:
    for call, points in (
        ("wagesAggregate { groups { count } }", 11),
        ("wagesAggregate(first: 1000) { groups { count } }", 11),  # one group, whatever `first` says
        ("wagesAggregate(groupBy: TOWN, first: 1000) { groups { count } }", 21),
        ("wagesAggregate { groups { countDistinct { town hours } } }", 31),
        ("wagesAggregate { a: groups { countDistinct { town } } b: groups { countDistinct { town } } }", 21),
        ("a: wagesAggregate { totalGroups } b: wagesAggregate(groupBy: TOWN, first: 250) { totalGroups }", 23),
    ):
        plan = plan_of(registry, call)
        reserved = price(plan, {}, registry)
        assert reserved.points == points, call
        every = dict(enumerate(reserved.records))
        assert used(plan, reserved, every) == points
        assert used(plan, reserved, {}) == 1, "an aggregate that was not read is refunded"


async def test_two_datasets_of_an_agency_may_not_share_a_root_field(
    registry: Registry, connections: Connections
) -> None:
    twin = WAGES.replace("dataset: wages", "dataset: wages_aggregate").replace("recordName: Wage", "recordName: Pay")
    with pytest.raises(InvalidRequest, match="wagesAggregate"):
        await declare(connections, twin)
