"""What is refused in an operation of many lists is told with the place of the one it is about."""

from typing import Any

import pytest
from tests.schema.conftest import Ask

from publicgsb.platform.kernel.errors import InvalidRequest

EMPTY, TWICE, TOO_MANY, NOTHING = "where: {}", "first: 1, last: 1", "first: 1001", "where: {and: []}"


@pytest.mark.parametrize("wrong", [EMPTY, TWICE, TOO_MANY, NOTHING])
@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("{ x: air { ok: airports(first: 1) { totalCount } y: airports(%s) { totalCount } } }", "x.y"),
        ("{ geo { countries { edges { node { z: airports(%s) { totalCount } } } } } }", "geo.countries.edges.node.z"),
    ],
)
async def test_a_refusal_names_its_list(ask: Ask, document: str, path: str, wrong: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await ask(document % wrong)
    assert refused.value.details["path"] == path


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("{ fly { f: flightsAggregate(where: {}) { groups { count } } } }", "fly.f"),
        ('{ air { airport(by: {icao: "OIIE"}) { departures(first: -1) { totalCount } } } }', "air.airport.departures"),
        ("query ($n: Int) { air { p: airports(first: $n) { totalCount } } }", "air.p"),
        ("{ fly { f: flightsAggregate(first: -1) { groups { count } } } }", "fly.f"),
        ("query ($n: Int) { fly { f: flightsAggregate(first: $n) { totalGroups } } }", "fly.f"),
    ],
)
async def test_so_do_those_of_other_kinds(ask: Ask, document: str, path: str) -> None:
    variables: dict[str, Any] = {"n": 5_000}
    with pytest.raises(InvalidRequest) as refused:
        await ask(document, variables if "$n" in document else {})
    assert refused.value.details["path"] == path
    if "flightsAggregate(first" in document:
        assert refused.value.details["reason"] == "page_size"
