"""What aggregates answer, against rows that are in sight in tests/schema/worlds.py."""

from typing import Any

import pytest
from tests.schema.conftest import Ask

from publicgsb.platform.kernel.errors import InvalidRequest


async def groups(ask: Ask, agency: str, call: str, selection: str) -> list[dict[str, Any]]:
    name = call.partition("(")[0]
    answer = await ask(f"{{ {agency} {{ {call} {{ groups {{ {selection} }} }} }} }}")
    found: list[dict[str, Any]] = answer["data"][agency][name]["groups"]
    return found


async def test_without_group_by_everything_is_one_group(ask: Ask) -> None:
    answer = await ask(
        """{ fly { flightsAggregate { totalGroups groups { count countDistinct { origin dest leftAt }
             sum { delay fare } avg { delay } min { delay fare } max { delay fare } __typename } __typename } } }"""
    )
    assert answer["data"]["fly"]["flightsAggregate"] == {
        "totalGroups": 1,
        "groups": [
            {
                "count": 5,
                "countDistinct": {"origin": 3, "dest": 4, "leftAt": 4},
                "sum": {"delay": "63", "fare": "100000000000013.74"},
                "avg": {"delay": 15.75},
                "min": {"delay": -3, "fare": "1"},
                "max": {"delay": 61, "fare": "99999999999999.99"},
                "__typename": "FlyFlightAggregateGroup",
            }
        ],
        "__typename": "FlyFlightAggregate",
    }
    assert answer["points"] == 41  # three columns have their different values counted


async def test_nothing_matched_is_one_empty_group_or_no_group(ask: Ask) -> None:
    where = 'where: {origin: {eq: "?"}}'
    whole = await groups(ask, "fly", f"flightsAggregate({where})", "count sum { fare } avg { delay } max { fare }")
    assert whole == [{"count": 0, "sum": {"fare": None}, "avg": {"delay": None}, "max": {"fare": None}}]
    assert await groups(ask, "fly", f"flightsAggregate({where}, groupBy: ORIGIN)", "count") == []


async def test_a_null_is_a_group_and_comes_last_both_ways(ask: Ask) -> None:
    up = await groups(ask, "air", "airportsAggregate(groupBy: CITY, orderBy: KEY_ASC)", "key { city } count")
    down = await groups(ask, "air", "airportsAggregate(groupBy: CITY, orderBy: KEY_DESC)", "key { city }")
    assert [row["key"]["city"] for row in up] == ["Nowhere", "İstanbul", "تهران", "یزد", None]
    assert [row["key"]["city"] for row in down] == ["یزد", "تهران", "İstanbul", "Nowhere", None]
    assert [row["count"] for row in up] == [1, 1, 2, 1, 1]


async def test_several_dimensions_and_dates_by_every_grain(ask: Ask) -> None:
    rows = await groups(
        ask,
        "air",
        "airportsAggregate(groupBy: [OPENED_DAY, OPENED_JALALI_MONTH, COUNTRY_CODE])",
        "key { openedDay openedJalaliMonth countryCode } sum { elevation }",
    )
    assert [(*row["key"].values(), row["sum"]["elevation"]) for row in rows] == [
        ("1938-01-01", "1316-10", "IR", 3962),
        ("2004-05-08", "1383-02", "IR", 3305),
        ("2018-10-29", "1397-08", "TR", 325),
        (None, None, "IR", 4055),
        (None, None, "QQ", 12.5),
    ]
    grains = await groups(
        ask,
        "fly",
        "flightsAggregate(groupBy: [LEFT_AT_MONTH, LEFT_AT_YEAR, LEFT_AT_JALALI_YEAR])",
        "key { leftAtMonth leftAtYear leftAtJalaliYear } count",
    )
    assert [(*row["key"].values(), row["count"]) for row in grains] == [
        ("2026-01", 2026, 1404, 4),
        (None, None, None, 1),
    ]


async def test_an_order_ends_in_the_key_and_leaves_nulls_last(ask: Ask) -> None:
    for order, expected in (
        ("COUNT_DESC", ["OIIE", "LTFM", "OIYY"]),
        ("COUNT_ASC", ["LTFM", "OIYY", "OIIE"]),
        ("SUM_FARE_DESC", ["OIIE", "LTFM", "OIYY"]),
        ("SUM_FARE_ASC", ["LTFM", "OIIE", "OIYY"]),
        ("AVG_DELAY_DESC", ["LTFM", "OIIE", "OIYY"]),
        ("AVG_DELAY_ASC", ["OIYY", "OIIE", "LTFM"]),
        ("KEY_DESC", ["OIYY", "OIIE", "LTFM"]),
    ):
        rows = await groups(ask, "fly", f"flightsAggregate(groupBy: ORIGIN, orderBy: {order})", "key { origin }")
        assert [row["key"]["origin"] for row in rows] == expected, order


async def test_first_cuts_what_is_shown_and_not_what_is_counted(ask: Ask) -> None:
    document = (
        "query($n: Int) { fly { flightsAggregate(groupBy: [ORIGIN], first: $n) { totalGroups groups { count } } } }"
    )
    for first, shown in ((0, 0), (1, 1), (2, 2), (1000, 3)):
        whole = (await ask(document, {"n": first}))["data"]["fly"]["flightsAggregate"]
        assert (whole["totalGroups"], len(whole["groups"])) == (3, shown)


async def test_aliases_and_fragments_select_groups_twice(ask: Ask) -> None:
    answer = await ask(
        """{ fly { a: flightsAggregate(groupBy: [ORIGIN], first: 1) { n: totalGroups one: groups { ...G }
              two: groups { key { o: origin __typename } } } }
           air { airportsAggregate { groups { ... @skip(if: true) { c: count } } } } }
           fragment G on FlyFlightAggregateGroup { c: count sum { d: delay } }"""
    )
    assert answer["data"] == {
        "fly": {
            "a": {
                "n": 3,
                "one": [{"c": 1, "sum": {"d": "61"}}],
                "two": [{"key": {"o": "LTFM", "__typename": "FlyFlightAggregateKey"}}],
            }
        },
        "air": {"airportsAggregate": {"groups": [{}]}},
    }


async def test_group_by_may_be_a_variable_and_each_of_its_values_has_a_plan(ask: Ask) -> None:
    document = """query($by: [FlyFlightGroupBy!]) { fly { flightsAggregate(groupBy: $by, orderBy: COUNT_DESC) {
        totalGroups groups { count } } } }"""
    counts = []
    for by in (["ORIGIN"], ["DEST"], [], None, "DAY_YEAR", ["ORIGIN", "DEST", "NUMBER"]):
        answer = await ask(document, {"by": by})
        counts.append(answer["data"]["fly"]["flightsAggregate"]["totalGroups"])
    assert counts == [3, 4, 1, 1, 1, 5]


async def test_what_makes_no_sense_is_refused_with_its_reason(ask: Ask) -> None:
    for call, reason in (
        ("groupBy: [ORIGIN, ORIGIN]", "limits"),
        ("groupBy: [ORIGIN, DEST, NUMBER, DAY_DAY]", "limits"),
        ("groupBy: [DEST]", "not_grouped"),
        ("groupBy: [ORIGIN], first: 1001", "page_size"),
        ("groupBy: [ORIGIN], first: -1", "page_size"),
        ("groupBy: [ORIGIN], where: {}", "empty_condition"),
        ("groupBy: [DAY]", "validation"),
        ("groupBy: [ORIGIN], orderBy: AVG_ORIGIN_ASC", "validation"),
    ):
        with pytest.raises(InvalidRequest) as refused:
            await ask(f"{{ fly {{ flightsAggregate({call}) {{ groups {{ key {{ origin }} count }} }} }} }}")
        assert refused.value.details["reason"] == reason, call


async def test_different_values_are_counted_in_four_columns_at_most(ask: Ask) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await ask("{ fly { flightsAggregate { groups { countDistinct { day number origin dest leftAt } } } } }")
    assert refused.value.details["reason"] == "limits"


async def test_groups_shown_are_priced_like_records_beside_the_aggregate_itself(ask: Ask) -> None:
    answer = await ask("{ fly { flightsAggregate(groupBy: [ORIGIN], first: 1000) { groups { count } } } }")
    assert answer["points"] == 11  # of 21 reserved: 3 groups came


async def test_an_aggregate_is_part_of_the_one_statement_beside_lists_and_records(ask: Ask) -> None:
    answer = await ask(
        """{ fly { flightsAggregate { groups { count } } flights(first: 1) { nodes { number } } }
             air { airportsAggregate { groups { count } } airport(by: {icao: "OIII"}) { city } } }"""
    )
    assert answer["data"]["air"] == {"airportsAggregate": {"groups": [{"count": 6}]}, "airport": {"city": "تهران"}}
    assert answer["data"]["fly"]["flightsAggregate"] == {"groups": [{"count": 5}]}
    assert {row["dataset"] for row in answer["receipt"]} == {"fly/flights", "air/airports"}
