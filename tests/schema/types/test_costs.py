"""The prices in the SDL are the prices that are charged: an independent reading of IBM's cost specification says so."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    introspection_from_schema,
    is_composite_type,
    lexicographic_sort_schema,
    parse,
    print_schema,
    validate_schema,
    value_from_ast_untyped,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.schema.registries import registry_of, small_registry

from publicgsb.datasets.contracts.model import FilterOp
from publicgsb.datasets.registry import Registry
from publicgsb.quotas.prices import POINTS_PER_CONTAINS, POINTS_PER_REQUEST, POINTS_PER_SEARCH, RECORDS_PER_POINT
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.price import price
from publicgsb.schema.types.connections import PAGE_DEFAULT
from publicgsb.schema.types.graft import graft, static_schema


class TypeCost:
    """Static cost of an operation by the text of a schema alone: objects, and fields and arguments with a weight."""

    def __init__(self, sdl: str) -> None:
        self._schema: GraphQLSchema = build_schema(sdl)

    def of(self, document: str) -> float:
        (operation,) = parse(document).definitions
        assert isinstance(operation, OperationDefinitionNode)
        query = self._schema.query_type
        assert query is not None
        return self._weight(query) + self._below(query, operation.selection_set, {})

    def _below(self, type_: GraphQLObjectType, selection: SelectionSetNode, sizes: Mapping[str, int]) -> float:
        total = 0.0
        for node in selection.selections:
            assert isinstance(node, FieldNode)
            name = node.name.value
            inner = get_named_type(type_.fields[name].type)
            total += self._carried(type_.fields[name].ast_node)
            for argument in node.arguments or ():
                total += self._carried(type_.fields[name].args[argument.name.value].ast_node)
            if not is_composite_type(inner):
                continue
            assert isinstance(inner, GraphQLObjectType)
            assert node.selection_set is not None
            each = self._weight(inner) + self._below(inner, node.selection_set, self._sizes(type_, node))
            total += sizes.get(name, 1) * each
        return total

    def _sizes(self, type_: GraphQLObjectType, node: FieldNode) -> dict[str, int]:
        field = type_.fields[node.name.value]
        found = self._applied(field.ast_node, "listSize")
        if found is None:
            return {}
        given = {one.name.value: value_from_ast_untyped(one.value) for one in node.arguments or ()}
        asked = [given[name] for name in found["slicingArguments"] if name in given]
        return dict.fromkeys(found["sizedFields"], max(asked, default=found["assumedSize"]))

    def _carried(self, node: object) -> float:
        found = self._applied(node, "cost")
        return 0.0 if found is None else float(found["weight"])

    def _weight(self, type_: GraphQLObjectType) -> float:
        assert isinstance(type_.ast_node, ObjectTypeDefinitionNode)
        found = self._applied(type_.ast_node, "cost")
        return 1.0 if found is None else float(found["weight"])

    @staticmethod
    def _applied(node: object, name: str) -> dict[str, Any] | None:
        for one in getattr(node, "directives", None) or ():
            if one.name.value == name:
                return {arg.name.value: value_from_ast_untyped(arg.value) for arg in one.arguments}
        return None


REGISTRY: Registry = small_registry()
GRAFTED = graft(REGISTRY, static_schema())
PLANS = PlanCache(GRAFTED.core)
SDL = GRAFTED.sdl()
COST = TypeCost(SDL)

sizes = st.one_of(st.none(), st.integers(1, 200))


def points(document: str) -> tuple[int, int]:
    """What we reserve, and how many levels count."""
    plan, _ = PLANS.family(document, None).plan(REGISTRY, {})
    return price(plan, {}, REGISTRY).points, sum(bool(level.counts) for level in plan.levels)


def asked(first: int | None) -> str:
    return "" if first is None else f"(first: {first})"


@settings(deadline=None)
@given(sizes, st.integers(1, 20), sizes, st.sampled_from(["nodes { %s }", "edges { node { %s } }"]))
def test_the_type_cost_of_the_sdl_is_the_price_but_for_whole_points(
    airports: int | None, flights: int, countries: int | None, page: str
) -> None:
    inner = page % "number destAirport { city }"
    departures = f"departures(first: {flights}) {{ totalCount {inner} pageInfo {{ endCursor }} }}"
    counts = "totalCount(exact: true) estimatedCount"
    document = (
        f"{{ air {{ airports{asked(airports)} {{ {page % f'icao country {{ name }} {departures}'} }} }}"
        f" geo {{ countries{asked(countries)} {{ {counts} nodes {{ code }} }} }} agencies {{ slug }} }}"
    )
    cost = COST.of(document)
    charged, counting = points(document)
    assert charged <= cost + 1e-9
    free = 5 + 1 + 0.1  # counts of a whole list
    rounded_off = 1 + counting  # less than a point for all records, and for the counts of each level
    assert cost - charged < rounded_off + free


def test_a_look_up_weighs_its_record_and_the_request() -> None:
    document = '{ air { airport(by: {icao: "OIIE"}) { city country { name } } } }'
    assert COST.of(document) == pytest.approx(POINTS_PER_REQUEST + 2 / RECORDS_PER_POINT)
    assert points(document)[0] == POINTS_PER_REQUEST


def test_what_looks_into_texts_carries_its_points() -> None:
    """`search` on lists, ten points, and `contains` in filters, five: each per record above."""
    contract = next(one.contract for one in REGISTRY.datasets.values() if one.contract.dataset == "airports")
    searching = replace(
        contract,
        search=("city",),
        fields=tuple(
            replace(one, filters=one.filters | {FilterOp.CONTAINS}) if one.name == "city" else one
            for one in contract.fields
        ),
    )
    agencies = {slug: agency for slug, agency in REGISTRY.agencies.items() if slug == "air"}
    sdl = graft(registry_of(agencies, [searching]), static_schema()).sdl()
    assert f'    search: String @cost(weight: "{POINTS_PER_SEARCH}")\n' in sdl
    assert f'  contains: String @cost(weight: "{POINTS_PER_CONTAINS}")\n' in sdl
    build_schema(sdl)


def test_every_page_says_how_long_it_can_be() -> None:
    built = build_schema(SDL)
    pages = [
        field
        for type_ in built.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for field in type_.fields.values()
        if get_named_type(field.type).name.endswith("Connection")
    ]
    assert len(pages) >= 6
    for field in pages:
        size = TypeCost._applied(field.ast_node, "listSize")
        assert size is not None
        assert size["assumedSize"] == PAGE_DEFAULT
        assert size["sizedFields"] == ["nodes", "edges"]
        assert "first" in size["slicingArguments"]
        assert size["requireOneSlicingArgument"] is False


def test_the_text_builds_the_schema_it_was_made_from() -> None:
    """Through the text and back: the same introspection, and a text that says the same again."""
    built = build_schema(SDL)
    again, first = (lexicographic_sort_schema(schema) for schema in (built, GRAFTED.core))
    assert introspection_from_schema(again) == introspection_from_schema(first)
    assert validate_schema(built) == []
    assert print_schema(again) == print_schema(first)
