"""What only the shape of a request shows: nulls, empty conditions, sizes, withheld columns."""

import pytest
from tests.schema.conftest import Ask

from publicgsb.platform.kernel.errors import InvalidRequest, QueryTooCostly


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("{}", "empty_condition"),
        ("{city: {}}", "empty_condition"),
        ("{city: null}", "empty_condition"),
        ("{city: {eq: null}}", "null_operand"),
        ("{city: {isNull: null}}", "null_operand"),
        ("{and: []}", "empty_condition"),
        ("{or: null}", "empty_condition"),
        ("{not: {}}", "empty_condition"),
        ("{icao: {in: []}}", "limits"),
        ('{icao: {startsWith: ""}}', "empty_condition"),
        ('{icao: {eq: "\\u0000"}}', "text"),
        ("{elevation: {gt: 1e400}}", "coercion"),
    ],
)
async def test_a_null_or_empty_condition_is_an_error_and_never_everything(ask: Ask, where: str, reason: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await ask(f"{{ air {{ airports(where: {where}) {{ nodes {{ icao }} }} }} }}")
    assert caught.value.details["reason"] == reason


async def test_the_same_holds_for_variables(ask: Ask) -> None:
    document = "query($w: AirAirportWhere) { air { airports(where: $w) { nodes { icao } } } }"
    wheres: tuple[dict[str, object], ...] = (
        {},
        {"city": {"eq": None}},
        {"city": None},
        {"icao": {"in": []}},
        {"icao": {"in": ["x"] * 251}},
    )
    for where in wheres:
        with pytest.raises(InvalidRequest):
            await ask(document, {"w": where})


@pytest.mark.parametrize("first", ["-1", "1001", "null"])
async def test_a_page_size_out_of_range_is_refused(ask: Ask, first: str) -> None:
    if first == "null":
        answer = await ask("{ air { airports(first: null) { nodes { icao } } } }")
        assert len(answer["data"]["air"]["airports"]["nodes"]) == 6
        return
    with pytest.raises(InvalidRequest) as caught:
        await ask(f"{{ air {{ airports(first: {first}) {{ nodes {{ icao }} }} }} }}")
    assert caught.value.details["reason"] == "page_size"


@pytest.mark.parametrize("value", [2**31, 2**63, -(2**31) - 1, 1.5, True, "1"])
async def test_a_variable_out_of_its_type_is_refused_by_coercion(ask: Ask, value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await ask("query($n: Int) { air { airports(first: $n) { nodes { icao } } } }", {"n": value})
    assert caught.value.details["reason"] == "coercion"


async def test_multiplying_pages_are_refused_before_they_run(ask: Ask) -> None:
    with pytest.raises(QueryTooCostly) as caught:
        await ask("{ air { airports(first: 200) { nodes { departures(first: 100) { nodes { number } } } } } }")
    assert caught.value.details["records"] == 20_200


async def test_a_withheld_field_cannot_decide_which_records_come(ask: Ask) -> None:
    with pytest.raises(InvalidRequest):  # `manager` declares no filter, so none can leak it
        await ask('{ air { airports(where: {manager: {eq: "x"}}) { nodes { icao } } } }')


async def test_release_and_cursor_exclude_each_other(ask: Ask) -> None:
    with pytest.raises(InvalidRequest):
        await ask('{ air { airports(release: 1, after: "x") { nodes { icao } } } }')


@pytest.mark.parametrize("field", ["a{n}: air {{ airports {{ totalCount }} }}", "m{n}: me {{ plan }}"])
async def test_twenty_root_fields_are_the_most(ask: Ask, field: str) -> None:
    await ask("{ " + " ".join(field.format(n=n) for n in range(20)) + " }")
    with pytest.raises(InvalidRequest) as caught:
        await ask("{ " + " ".join(field.format(n=n) for n in range(21)) + " }")
    assert caught.value.details["reason"] == "limits"
