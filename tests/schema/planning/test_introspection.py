"""Standard introspection is known in any spelling; every other shape is counted before it runs."""

from itertools import product
from typing import Any

import pytest
from graphql import (
    FragmentDefinitionNode,
    OperationDefinitionNode,
    execute_sync,
    get_introspection_query,
    parse,
    strip_ignored_characters,
)
from tests.schema.registries import small_registry

from publicgsb.platform.kernel.errors import QueryTooCostly
from publicgsb.quotas.prices import RECORDS_PER_POINT
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.introspection import standard_text
from publicgsb.schema.planning.limits import INTROSPECTED_MAX
from publicgsb.schema.planning.price import price
from publicgsb.schema.planning.weigh import Price
from publicgsb.schema.types.graft import graft, static_schema

REGISTRY = small_registry()
SCHEMA = graft(REGISTRY, static_schema()).core
PLANS = PlanCache(SCHEMA)


def spelt(source: str) -> str | None:
    operation, *fragments = parse(source).definitions
    assert isinstance(operation, OperationDefinitionNode)
    named = {one.name.value: one for one in fragments if isinstance(one, FragmentDefinitionNode)}
    return standard_text(operation, named)


def priced(source: str, variables: dict[str, Any] | None = None) -> Price:
    family = PLANS.family(source, None)
    values = family.variables(variables or {})
    plan, _ = family.plan(REGISTRY, values)
    return price(plan, values, REGISTRY)


def objects_in(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(objects_in, value.values()))
    return sum(map(objects_in, value)) if isinstance(value, list) else 0


@pytest.mark.parametrize("depth", [7, 9])
def test_every_variant_of_the_standard_query_is_known_in_any_spelling(depth: int) -> None:
    for flags in product((True, False), repeat=7):
        query = get_introspection_query(*flags, type_depth=depth)  # type: ignore[misc]
        text = spelt(query)
        assert text is not None
        assert spelt(strip_ignored_characters(query.replace("IntrospectionQuery", "Other"))) == text
        older = query.replace("{ name kind }", "{ name }")
        assert spelt(older) not in (None, text)


def test_an_older_query_that_leaves_out_another_kind_is_not_taken_for_a_standard_one() -> None:
    """Of two references deep, the innermost looks like a root of the query."""
    older = get_introspection_query(type_depth=2).replace("{ name kind }", "{ name }")
    assert spelt(older) is not None
    lines = [line.strip() for line in older.splitlines()]
    at = len(lines) - 1 - lines[::-1].index("kind")
    assert spelt("\n".join(lines[:at] + lines[at + 1 :])) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("__schema {", "a: __schema {"),
        ("__schema {", "__schema @include(if: true) {"),
        ("query IntrospectionQuery", "query IntrospectionQuery($a: Int)"),
        ("  kind\n  name\n", "  kind\n  name\n  more: name\n"),
        ("fields(includeDeprecated: true) {", "fields(includeDeprecated: true) { x: type { fields { name } }"),
        ("queryType { name kind }", "queryType { name kind fields { name } }"),
        ("queryType { name kind }", "queryType { name }"),
    ],
)
def test_anything_but_the_standard_query_is_not_taken_for_it(old: str, new: str) -> None:
    query = get_introspection_query()
    assert old in query
    assert spelt(query.replace(old, new, 1)) is None


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { queryType { name } types { name } } }",
        "{ __schema { types { fields { name args { name type { name ofType { name } } } } } } }",
        "{ __schema { directives { args { type { kind } } } types { enumValues { name } inputFields { name } } } }",
        '{ __type(name: "AirAirport") { name ...F } } fragment F on __Type { fields { type { ...G } } }'
        " fragment G on __Type { name fields { name } ofType { name } }",
        '{ a: __type(name: "PageInfo") { fields { name } } b: __type(name: "Nope") { fields { name } } __typename }',
    ],
)
def test_other_shapes_are_counted_object_by_object(query: str) -> None:
    answer = execute_sync(SCHEMA, parse(query))
    assert answer.errors is None
    assert answer.data is not None
    found = priced(query)
    assert found.introspected == objects_in(answer.data) - 1
    assert found.points == 1 + found.introspected // RECORDS_PER_POINT


def test_the_name_of_a_type_may_be_a_variable_and_is_priced_by_its_value() -> None:
    query = "query($n: String!) { __type(name: $n) { fields { name } } }"
    assert priced(query, {"n": "PageInfo"}).introspected == 5
    assert priced(query, {"n": "Text"}).introspected == 3
    assert priced(query, {"n": "Nope"}).introspected == 0


def test_a_shape_that_multiplies_is_refused_before_it_is_counted_out() -> None:
    inner = " ".join(f"f{at}: fields {{ args {{ type {{ name }} }} }}" for at in range(40))
    with pytest.raises(QueryTooCostly) as refused:
        priced(f"{{ __schema {{ types {{ fields {{ type {{ {inner} ofType {{ {inner} }} }} }} }} }} }}")
    assert (refused.value.details["reason"], refused.value.details["limit"]) == ("introspection", INTROSPECTED_MAX)


def test_the_standard_query_costs_by_the_number_of_types() -> None:
    assert priced(get_introspection_query()).introspected == len(SCHEMA.type_map)
