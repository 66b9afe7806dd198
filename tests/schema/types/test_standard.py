"""Standard introspection is answered as graphql-core's executor answers it on the same schema in order."""

from collections.abc import Sequence
from itertools import product

import orjson
import pytest
from graphql import GraphQLSchema, build_schema, execute_sync, lexicographic_sort_schema, parse, print_ast
from tests.schema.registries import small_registry

from publicgsb.schema.types.graft import graft, static_schema
from publicgsb.schema.types.standard import Variant, standard_answer

GRAFTED = graft(small_registry(), static_schema()).core
ODD = build_schema(
    """
    "What it is for"
    schema { query: Query mutation: Change subscription: News }
    directive @old(a: Int @deprecated, b: [Int!]! = [1, 2]) repeatable on FIELD | QUERY
    interface Named { name: String! }
    interface Thing implements Named { name: String!, weight: Float @deprecated(reason: "light") }
    type Cat implements Thing & Named { name: String!, weight: Float, lives(of: One, at: Where = {colour: RED}): Pet }
    type Dog implements Named { name: String!, tags: [[String!]]! }
    union Pet = Dog | Cat
    enum Colour { RED, BLUE @deprecated }
    input Where { colour: Colour = BLUE, size: Int @deprecated }
    input One @oneOf { a: Int, b: String }
    scalar Link @specifiedBy(url: "https://example.org/link")
    type Query { pets(where: Where, first10: Int, first9: Int): [Pet!], link: Link }
    type Change { nothing: Boolean }
    type News { nothing: Boolean }
    """
)


def variant_of(flags: Sequence[bool], depth: int, root_kinds: bool) -> Variant:
    words, url, repeatable, of_schema, of_inputs, of_directives, one_of = flags
    return Variant(words, url, repeatable, of_schema, of_inputs, of_directives, one_of, depth, root_kinds)


def executed(schema: GraphQLSchema, variant: Variant) -> object:
    source = variant.spelt(print_ast(parse(variant.source())))
    result = execute_sync(lexicographic_sort_schema(schema), parse(source))
    assert not result.errors
    return orjson.loads(orjson.dumps((result.data or {})["__schema"]))


def answered(schema: GraphQLSchema, variant: Variant) -> object:
    return orjson.loads(b"".join(standard_answer(schema, variant)))


def test_every_variant_is_answered_like_by_the_executor() -> None:
    for at, flags in enumerate(product((True, False), repeat=7)):
        variant = variant_of(flags, at % 5, flags[0] is flags[6])
        assert answered(ODD, variant) == executed(ODD, variant), variant


@pytest.mark.parametrize("has_all", [True, False])
def test_the_grafted_schema_is_answered_like_by_the_executor(has_all: bool) -> None:
    variant = variant_of([has_all] * 7, 9, has_all)
    assert answered(GRAFTED, variant) == executed(GRAFTED, variant)


def test_a_variant_is_known_by_the_text_of_its_query() -> None:
    for flags in product((True, False), repeat=7):
        variant = variant_of(flags, 7, True)
        found = Variant.of(print_ast(parse(variant.source())))
        asks_for_itself = variant.descriptions and variant.schema_description
        assert found.schema_description is asks_for_itself
        assert found.source() == variant.source()
