"""What a request costs is shown before it runs, level by level and for nothing."""

from typing import Any

import pytest

from tests.app import Service

PRICED = "rateLimit(dryRun: true) { cost records statements levels { path dataset records points reads } }"


async def priced(service: Service, key: str, fields: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    declared = "($n: Int)" if variables is not None else ""
    answer = (await service.ask(key, f"query{declared} {{ {PRICED} {fields} }}", variables)).json()
    assert "errors" not in answer, answer
    assert answer["extensions"]["cost"]["actual"] == 0
    found: dict[str, Any] = answer["data"]["rateLimit"]
    assert found["cost"] == 1 + sum(level["points"] for level in found["levels"])
    assert found["records"] == sum(level["records"] for level in found["levels"])
    return found


async def test_the_price_is_told_level_by_level_through_aliases_variables_and_links(service: Service, key: str) -> None:
    fields = """a: air { list: airports(last: $n, orderBy: CITY_DESC, where: {city: {startsWith: "x"}}) {
        totalCount(exact: true) nodes { country { name } departures(first: 100) { estimatedCount } } } }"""
    found = await priced(service, key, fields, {"n": 50})
    assert found["statements"] == 1
    assert [(row["path"], row["dataset"], row["records"], row["points"]) for row in found["levels"]] == [
        ("a.list", "air/airports", 50, 0 + 5),
        ("a.list.nodes.country", "geo/countries", 50, 1),  # with the 50 above a hundred
        ("a.list.nodes.departures", "fly/flights", 5000, 50 + 50),
    ]
    assert [row["reads"] for row in found["levels"]] == [
        "A page of records, the last in the order of city then icao, descending. The filter on city is met by the "
        "index of city or by reading along the order. All that match are counted to the end.",
        "For each record above, the one record of its link, by a unique key.",
        "For each record above, a page of records whose origin lead to it, the first in the order of day then number, "
        "ascending. The index of origin finds them. All that match are counted up to 10,000, estimated from a sample "
        "above.",
    ]


async def test_a_look_up_and_a_plain_page_are_told_too(service: Service, key: str) -> None:
    found = await priced(service, key, 'air { airport(by: {icao: "OIIE"}) { city } airports { nodes { icao } } }')
    assert [row["reads"] for row in found["levels"]] == [
        "One record by its key icao.",
        "A page of records, the first in the order of icao, ascending. The index of the order is read from there on "
        "and no further than the page.",
    ]


async def test_the_price_that_is_told_is_the_price_that_is_reserved(service: Service, key: str) -> None:
    fields = "air { airports(first: 300) { nodes { departures(first: 7) { totalCount nodes { number } } } } }"
    told = (await priced(service, key, fields))["cost"]
    await service.ask(key, f"{{ {fields} }}")
    assert (await service.ask(key, f"{{ {fields} }}")).json()["extensions"]["cost"]["requested"] == told == 1 + 3 + 51


async def test_asking_for_a_price_reads_nothing_and_one_too_high_says_how_to_lower_it(
    service: Service, key: str
) -> None:
    fields = "air { airports(first: 1000) { nodes { departures(first: 1000) { nodes { number } } } } }"
    own = "{ rateLimit { remaining levels { path } statements } }"
    before = (await service.ask(key, own)).json()["data"]["rateLimit"]
    assert (before["levels"], before["statements"]) == ([], 0)
    answer = await service.ask(key, f"{{ {PRICED} {fields} }}")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COSTLY"
    assert error["extensions"]["details"]["dear"][0]["path"] == "air.airports.nodes.departures"
    assert error["extensions"]["details"]["cheaper"] == [
        {"path": "air.airports.nodes.departures", "argument": "first", "given": 1000, "fits": 9},
        {"path": "air.airports", "argument": "first", "given": 1000, "fits": 9},
    ]
    assert (await service.ask(key, own)).json()["data"]["rateLimit"] == before


HOSTILE = [-1, 1001, 2**31, 2**63, -(2**31) - 1, 1.5, 1e3, 1e400, True, "1", "", [], [1], {}, {"a": 1}]


@pytest.mark.parametrize("argument", ["first", "last", "after", "before"])
@pytest.mark.parametrize("is_nested", [False, True], ids=["root", "nested"])
async def test_no_value_of_a_page_argument_breaks_anything(
    service: Service, key: str, argument: str, is_nested: bool
) -> None:
    """What is in range answers, anything else is a refusal of the request; nothing is an error of ours."""
    type_ = "Int" if argument in ("first", "last") else "String"
    beside = ", last: 1" if argument == "before" else ""
    place = (
        f"airports({argument}: $v{beside}) {{ nodes {{ icao }} pageInfo {{ hasNextPage hasPreviousPage }} totalCount }}"
    )
    document = f'{{ geo {{ country(by: {{code: "IR"}}) {{ {place} }} }} }}' if is_nested else f"{{ air {{ {place} }} }}"
    for value in HOSTILE:
        if value == 1e400:
            literal: str | None = "1e400"
        else:
            answer = await service.ask(key, f"query($v: {type_}) {document}", {"v": value})
            expected = 200 if value == 1e3 and type_ == "Int" else 400
            assert (value, answer.status_code) == (value, expected), answer.text
            literal = (
                None if isinstance(value, dict) else str(value).lower() if not isinstance(value, str) else f'"{value}"'
            )
        if literal is not None:
            answer = await service.ask(key, document.replace("$v", literal))
            assert (literal, answer.status_code) == (literal, 400), answer.text
    for nothing in (None, ...):
        answer = await service.ask(key, f"query($v: {type_}) {document}", {} if nothing is ... else {"v": None})
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("value", ["null", "true", "false", "1", '"true"', "[true]"])
async def test_an_exact_count_is_asked_for_by_a_boolean(service: Service, key: str, value: str) -> None:
    document = f'{{ air {{ airports(where: {{icao: {{eq: "OIIE"}}}}) {{ totalCount(exact: {value}) }} }} }}'
    answer = await service.ask(key, document)
    assert answer.status_code == (200 if value in ("null", "true", "false") else 400)
