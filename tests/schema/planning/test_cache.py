"""What is remembered of documents has an end, in number and in memory."""

import gc
import tracemalloc
from dataclasses import replace

import pytest
from graphql import GraphQLSchema
from tests.schema.registries import small_registry

from publicgsb.datasets.registry import Registry
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.limits import SHAPES_MAX, STATEMENTS_MAX
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.sql.prepare import prepare
from publicgsb.schema.types.graft import graft, static_schema

LARGE = " ".join(f'r{k}: airports(where: {{city: {{eq: "x"}}}}) {{ nodes {{ icao city }} }}' for k in range(20))
MEGABYTE = 1_000_000


@pytest.fixture
def registry() -> Registry:
    return small_registry()


@pytest.fixture
def schema(registry: Registry) -> GraphQLSchema:
    return graft(registry, static_schema()).core


@pytest.mark.prove
def test_a_flood_of_large_documents_stays_within_its_memory(schema: GraphQLSchema, registry: Registry) -> None:
    cache = PlanCache(schema, bytes_max=4 * MEGABYTE)
    tracemalloc.start()
    try:
        for number in range(60):
            cache.family(f"query Q{number} {{ air {{ {LARGE} }} }}", None).plan(registry, {})
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 5 < len(cache) < 40
    assert cache.bytes <= 4 * MEGABYTE
    assert held < 2 * 4 * MEGABYTE  # 60 of them are 17 MB


@pytest.mark.prove
def test_a_refused_document_leaves_its_errors_and_not_its_tree(schema: GraphQLSchema) -> None:
    cache = PlanCache(schema)
    tracemalloc.start()
    try:
        for number in range(50):
            with pytest.raises(RefusedDocument) as caught:
                cache.family("{" + " ".join(f"ab{k}_{number}" for k in range(400)) + "}", None)
            assert caught.value.errors[0].locations == ((1, 2),)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert (len(cache), cache.misses) == (50, 50)
    assert held < MEGABYTE  # their trees would be 7 MB


def test_a_document_that_is_too_long_is_not_remembered(schema: GraphQLSchema) -> None:
    cache = PlanCache(schema)
    for _ in range(2):
        with pytest.raises(RefusedDocument):
            cache.family('{ agency(slug: "' + "x" * 60_000 + '") { slug } }', None)
    assert len(cache) == 0


def test_documents_asked_last_are_kept_and_their_shapes_are_counted(schema: GraphQLSchema, registry: Registry) -> None:
    cache = PlanCache(schema, documents_max=2)
    switched = "query($b: Boolean!) { air { airports { nodes { icao city @include(if: $b) } } } }"
    family = cache.family(switched, None)
    for is_included in (True, False):
        family.plan(registry, {"b": is_included})
    before = cache.bytes
    assert cache.family(switched, None) is family
    assert cache.bytes > before  # two plans are known by now
    cache.family("{ air { __typename } }", None)
    assert cache.family(switched, None) is family
    cache.family("{ geo { __typename } }", None)
    assert cache.family(switched, None) is family
    assert len(cache) == 2


def test_plans_of_a_document_have_an_end(schema: GraphQLSchema, registry: Registry) -> None:
    switches = range(6)
    source = (
        "query(" + " ".join(f"$b{i}: Boolean!" for i in switches) + ") { air { airports { nodes { icao "
        + " ".join(f"f{i}: icao @include(if: $b{i})" for i in switches) + " } } } }"
    )  # fmt: skip
    family = PlanCache(schema).family(source, None)
    made = [family.plan(registry, {f"b{i}": bool(n >> i & 1) for i in switches})[1] for n in range(64)]
    assert all(made)
    assert len(family._plans) == SHAPES_MAX


def test_statements_for_many_releases_are_not_kept_without_end(schema: GraphQLSchema, registry: Registry) -> None:
    """A plan has one statement for each combination of releases, and callers choose them by variables."""
    airports = registry.datasets["air", "airports"]
    assert airports.current is not None
    releases = {seq: replace(airports.current, id=100 + seq, seq=seq) for seq in range(1, 41)}
    history = tuple((seq, release) for seq, release in releases.items())
    more = replace(airports, current=releases[40], history=history, releases=releases)
    grown = replace(registry, version=40, datasets={**registry.datasets, ("air", "airports"): more})
    document = "query($r: Release) { air { airports(release: $r) { nodes { icao } } } }"
    cache = PlanCache(schema)
    bound, sizes = set(), []
    for seq in releases:
        plan, _ = cache.family(document, None).plan(grown, {"r": seq})
        bound.add(prepare(plan, grown, {"r": seq}, {}).releases[0])
        cache.family(document, None)
        sizes.append(cache.bytes)
    assert len(bound) == 40
    assert len(plan.statements) == STATEMENTS_MAX
    assert sizes[STATEMENTS_MAX - 1] - sizes[0] > 2 * (STATEMENTS_MAX - 1) * len(plan.statements.popitem()[1].text)
    assert len(set(sizes[STATEMENTS_MAX - 1 :])) == 1
