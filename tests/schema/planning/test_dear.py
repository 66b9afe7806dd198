"""What a refusal for cost proposes is enough, and it says which fields are dear."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.schema.conftest import Ask

from publicgsb.platform.kernel.errors import QueryTooCostly

NESTED = """query($a: Int, $b: Int, $c: Int) { x: air { y: airports(first: $a) { edges { z: node {
    d: departures(last: $b) { nodes { destAirport { arrivals(first: $c) { nodes { number } } } } } } } } } }"""


async def refusal(ask: Ask, document: str, variables: dict[str, Any] | None = None) -> QueryTooCostly:
    with pytest.raises(QueryTooCostly) as caught:
        await ask(document, variables)
    return caught.value


async def test_the_dear_fields_are_named_by_their_place_in_the_answer(ask: Ask) -> None:
    error = await refusal(ask, NESTED, {"a": 100, "b": 10, "c": 30})
    assert error.details["records"] == 100 + 1000 + 1000 + 30_000
    assert error.details["dear"][0] == {
        "path": "x.y.edges.z.d.nodes.destAirport.arrivals",
        "records": 30_000,
        "points": 300,
    }
    assert "x.y.edges.z.d.nodes.destAirport.arrivals" in error.message
    assert [(way["path"], way["argument"], way["fits"]) for way in error.details["cheaper"]] == [
        ("x.y.edges.z.d.nodes.destAirport.arrivals", "first", 7),
        ("x.y.edges.z.d", "last", 3),
        ("x.y", "first", 31),
    ]
    assert error.hint is not None
    assert "`first: 7` at x.y.edges.z.d.nodes.destAirport.arrivals" in error.hint


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.fixed_dictionaries({"a": st.integers(1, 1000), "b": st.integers(1, 1000), "c": st.integers(1, 1000)}))
async def test_each_way_proposed_fits_and_one_more_does_not(ask: Ask, sizes: dict[str, int]) -> None:
    try:
        await ask(NESTED, sizes)
    except QueryTooCostly as refused:
        assert refused.details["cheaper"]
        names = {"arrivals": "c", "d": "b", "y": "a"}
        for way in refused.details["cheaper"]:
            if way["path"] is None:
                await ask(NESTED, {name: min(size, way["fits"]) for name, size in sizes.items()})
                continue
            name = names[way["path"].rsplit(".", 1)[1]]
            assert way["given"] == sizes[name]
            await ask(NESTED, sizes | {name: way["fits"]})
            await refusal(ask, NESTED, sizes | {name: way["fits"] + 1})


async def test_a_change_feed_from_the_end_is_told_its_own_argument(ask: Ask) -> None:
    error = await refusal(
        ask,
        "{ air { airportsChanges(since: 1, last: 900) {"
        "  nodes { after { departures(first: 50) { nodes { day } } } } } } }",
    )
    ways = {way["path"]: way["argument"] for way in error.details["cheaper"]}
    assert ways["air.airportsChanges"] == "last"


async def test_when_no_single_list_is_to_blame_one_size_for_all_is_proposed(ask: Ask) -> None:
    lists = " ".join(f"a{n}: airports(first: 1000) {{ nodes {{ icao }} }}" for n in range(20))
    error = await refusal(ask, f"{{ air {{ {lists} }} }}")
    assert error.details["cheaper"] == [{"path": None, "argument": "first", "given": 1000, "fits": 500}]
    assert len(error.details["dear"]) == 5
    assert error.hint is not None
    assert re.match(r"It fits with `first: 500` at every list\.", error.hint)
    assert (await ask(f"{{ air {{ {lists.replace('1000', '500')} }} }}"))["points"] == 2  # 120 are read
