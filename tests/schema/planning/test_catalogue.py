"""What the catalogue's fields cost: each value that Python resolves is counted before it is."""

from dataclasses import replace
from typing import Any

import pytest
from graphql import execute_sync, parse
from tests.schema.registries import small_registry

from publicgsb.datasets.contracts.groupings import groupings
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import QueryTooCostly
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.limits import CATALOGUE_VALUES_MAX
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.price import price, used
from publicgsb.schema.types.graft import graft, static_schema
from publicgsb.schema.types.static import StaticContext

REGISTRY = small_registry()
CORE = graft(REGISTRY, static_schema()).core
FIELDS = "fields { name apiName type label { fa en } unit isRequired access filters }"


def planned(document: str) -> Plan:
    plan, _ = PlanCache(CORE).family(document, None).plan(REGISTRY, {})
    return plan


@pytest.mark.parametrize(
    ("document", "values"),
    [
        ("{ datasets { id } }", 3 + 3),
        ("{ datasets { id title { fa en } } }", 3 + 3 + 3 * 3),
        (
            "{ a: datasets { __typename } b: datasets { ...F } } fragment F on DatasetInfo { x: id y: id }",
            3 + 3 + 3 + 6,
        ),
        ("{ agencies { slug datasets { id } } }", 3 + 3 + 3 + 3),
        ('{ dataset(id: "air/airports") { id links { name } } }', 1 + 1 + 2 + 2),  # as the one with most links
        ("{ datasets { releases { seq } } }", 3 + 3 + 3),
        ("{ me { plan } }", 0),
        ("{ __schema { types { name } } }", 0),
        ("{ geo { countries { totalCount } } }", 0),
    ],
)
def test_values_are_counted_at_the_length_of_their_lists(document: str, values: int) -> None:
    assert planned(document).catalogued == values


def test_all_that_can_be_asked_of_all_datasets_is_counted_as_it_is_answered() -> None:
    document = f"{{ datasets {{ id {FIELDS} links {{ name to }} orderings {{ name }} shortcuts {{ name }} }} }}"
    context: Any = StaticContext(Caller("k", KeyKind.LIVE, 1, 1, "open"), REGISTRY, None, 1, 0)  # type: ignore[arg-type]
    data = execute_sync(CORE, parse(document), context_value=context).data
    assert data is not None
    lists = data["datasets"]
    fields = sum(len(one["fields"]) for one in lists)
    links = sum(len(one["links"]) for one in lists)
    orderings = sum(len(one["orderings"]) for one in lists)
    assert planned(document).catalogued == 2 * len(lists) + fields * (1 + 8 + 2) + links * 3 + orderings * 2


def test_groupings_are_counted_by_the_dataset_that_has_them() -> None:
    document = "{ datasets { aggregates { groupings { name } } } }"
    found = sum(1 for entry in REGISTRY.datasets.values() for _ in groupings(entry.contract))
    assert planned(document).catalogued == 3 + 3 + 2 * found > 10


def test_a_point_is_a_thousand_values_and_nothing_of_it_comes_back() -> None:
    plan = planned("{ " + " ".join(f"a{n}: datasets {{ id {FIELDS} }}" for n in range(10)) + " }")
    found = price(plan, {}, REGISTRY)
    assert found.points == 1 + plan.catalogued // 1_000 > 2
    assert used(plan, found, {}) == found.points


def test_all_fields_of_all_of_many_datasets_are_refused_before_they_are_resolved() -> None:
    many = {(agency, f"{slug}_{n}"): entry for (agency, slug), entry in REGISTRY.datasets.items() for n in range(200)}
    plan, _ = (
        PlanCache(CORE).family(f"{{ datasets {{ id {FIELDS} }} }}", None).plan(replace(REGISTRY, datasets=many), {})
    )
    with pytest.raises(QueryTooCostly) as refused:
        price(plan, {}, REGISTRY)
    assert refused.value.details["limit"] == CATALOGUE_VALUES_MAX
    assert "/catalog.json" in str(refused.value.hint)


def test_a_dry_run_of_the_catalogue_resolves_none_of_it() -> None:
    plan = planned("{ rateLimit(dryRun: true) { cost } datasets { id } }")
    assert (plan.catalogued, plan.is_free) == (0, True)
