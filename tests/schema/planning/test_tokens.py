"""A document is freed by its last reference: the collector never looks at what was frozen with a schema."""

import gc

from graphql import GraphQLError, parse
from tests.schema.registries import small_registry

from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.tokens import forget_tokens
from publicgsb.schema.sql.prepare import prepare
from publicgsb.schema.types.graft import graft, static_schema

TEXT = "query Q($k: String!) { air { airport(by: {icao: $k}) { icao ... on AirAirport { city country { name } } } } }"


def test_documents_plans_and_statements_hold_no_circle() -> None:
    registry = small_registry()
    grafted = graft(registry, static_schema())
    cache = PlanCache(grafted.core)
    variables = {"k": "OIIE"}
    plan, _ = cache.family(TEXT, None).plan(registry, variables)
    prepare(plan, registry, variables, {})
    gc.collect()
    gc.disable()
    try:
        del cache, plan
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_errors_tell_the_same_places_without_tokens() -> None:
    document = parse("{\n  air {\n    airports\n  }\n}")
    field = document.definitions[0].selection_set.selections[0]  # type: ignore[attr-defined]
    before = GraphQLError("", field).locations
    forget_tokens(document)
    assert GraphQLError("", field).locations == before == [(2, 3)]
