"""What the compiled path answers, against rows that are in sight in tests/schema/worlds.py."""

import pytest
from tests.schema.conftest import Ask


async def test_a_record_by_key_answers_with_its_link_in_another_agency(ask: Ask) -> None:
    answer = await ask('{ air { airport(by: {icao: "OIYY"}) { iata city elevation country { name population } } } }')
    assert answer["data"] == {
        "air": {
            "airport": {
                "iata": "AZD",
                "city": "یزد",
                "elevation": 4055,
                "country": {"name": "ایران", "population": "90000000"},
            }
        }
    }
    assert answer["points"] == 1
    assert [row["dataset"] for row in answer["receipt"]] == ["air/airports", "geo/countries"]


async def test_a_record_that_is_not_there_is_null(ask: Ask) -> None:
    answer = await ask('{ air { airport(by: {icao: "NONE"}) { iata } } }')
    assert answer["data"] == {"air": {"airport": None}}
    assert "errors" not in answer


async def test_a_composite_key_finds_one_record(ask: Ask) -> None:
    answer = await ask(
        "query($d: Date!) { fly { flight(by: {day_number: {day: $d, number: 2}}) { origin fare leftAt day } } }",
        {"d": "2026-01-02"},
    )
    assert answer["data"]["fly"]["flight"] == {
        "origin": "LTFM",
        "fare": "1",
        "leftAt": "2026-01-02T08:30:00.123456+00:00",
        "day": "2026-01-02",
    }


async def test_several_root_fields_and_aliases_share_one_statement(ask: Ask) -> None:
    answer = await ask(
        """{ a: air { one: airport(by: {icao: "OIII"}) { icao } none: airport(by: {icao: "?"}) { icao }
             list: airports(first: 1) { nodes { code: icao } } __typename }
             geo { countries { totalCount } } __typename }"""
    )
    assert answer["data"] == {
        "a": {"one": {"icao": "OIII"}, "none": None, "list": {"nodes": [{"code": "LTFM"}]}, "__typename": "Air"},
        "geo": {"countries": {"totalCount": 3}},
        "__typename": "Query",
    }
    assert answer["sql"].count(";") == 0


async def test_an_alias_may_be_a_name_that_the_statement_uses_itself(ask: Ask) -> None:
    answer = await ask(
        """{ air { airport(by: {icao: "OIIE"}) { r: icao o: city t1: iata j: country { o: code r: name } }
             q0: airports(first: 1) { o: nodes { o: icao p1: city } n: totalCount r: pageInfo { o: hasNextPage } }
        } }"""
    )
    assert answer["data"]["air"] == {
        "airport": {"r": "OIIE", "o": "تهران", "t1": "IKA", "j": {"o": "IR", "r": "ایران"}},
        "q0": {"o": [{"o": "LTFM", "p1": "İstanbul"}], "n": 6, "r": {"o": True}},
    }
    plain = await ask('{ air { airport(by: {icao: "OIIE"}) { r: icao o: city } } }')
    assert plain["data"]["air"]["airport"] == {"r": "OIIE", "o": "تهران"}


async def test_children_have_their_own_page_filter_and_order_below_each_parent(ask: Ask) -> None:
    answer = await ask(
        """{ air { airports(orderBy: KEY_ASC) { nodes { icao
              departures(first: 1, orderBy: DELAY_DESC) { totalCount nodes { number delay destAirport { city } } }
              arrivals(where: {delay: {gt: 0}}) { nodes { number } } } } } }"""
    )
    rows = {row["icao"]: row for row in answer["data"]["air"]["airports"]["nodes"]}
    assert list(rows) == ["LTFM", "OIIE", "OIII", "OIYY", "OIZZ", "XXXX"]
    assert rows["OIIE"]["departures"] == {
        "totalCount": 3,
        "nodes": [{"number": 1, "delay": 5, "destAirport": {"city": "İstanbul"}}],
    }
    assert rows["OIIE"]["arrivals"] == {"nodes": [{"number": 2}]}
    assert rows["OIII"]["departures"] == {"totalCount": 0, "nodes": []}


async def test_a_link_that_matches_nothing_is_null(ask: Ask) -> None:
    answer = await ask('{ air { airport(by: {icao: "XXXX"}) { country { name } } } }')
    assert answer["data"]["air"]["airport"] == {"country": None}


async def test_nulls_come_last_in_both_directions(ask: Ask) -> None:
    ascending = await ask("{ air { airports(orderBy: CITY_ASC) { nodes { icao city } } } }")
    descending = await ask("{ air { airports(orderBy: CITY_DESC) { nodes { icao city } } } }")
    up = [row["icao"] for row in ascending["data"]["air"]["airports"]["nodes"]]
    down = [row["icao"] for row in descending["data"]["air"]["airports"]["nodes"]]
    assert up == ["XXXX", "LTFM", "OIIE", "OIII", "OIYY", "OIZZ"]
    assert down == ["OIYY", "OIII", "OIIE", "LTFM", "XXXX", "OIZZ"]


PAGED = """query($after: String, $order: AirAirportOrder) { air { airports(first: 2, after: $after, orderBy: $order) {
    edges { cursor node { icao } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


@pytest.mark.parametrize("order", ["KEY_ASC", "KEY_DESC", "CITY_ASC", "CITY_DESC", "ELEVATION_ASC", "ELEVATION_DESC"])
async def test_pages_walk_each_order_to_its_end_exactly_once(ask: Ask, order: str) -> None:
    whole = await ask("query($o: AirAirportOrder) { air { airports(orderBy: $o) { nodes { icao } } } }", {"o": order})
    expected = [row["icao"] for row in whole["data"]["air"]["airports"]["nodes"]]
    seen: list[str] = []
    after: str | None = None
    for page_number in range(3):
        answer = await ask(PAGED, {"after": after, "order": order} if after else {"order": order})
        page = answer["data"]["air"]["airports"]
        info = page["pageInfo"]
        assert info["startCursor"] == page["edges"][0]["cursor"]
        assert info["endCursor"] == page["edges"][-1]["cursor"]
        assert info["hasPreviousPage"] is (page_number > 0)
        assert info["hasNextPage"] is (page_number < 2)
        seen += [edge["node"]["icao"] for edge in page["edges"]]
        after = info["endCursor"]
    assert seen == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('{icao: {eq: "OIIE"}}', ["OIIE"]),
        ('{icao: {in: ["OIIE", "XXXX", "OIIE"]}}', ["OIIE", "XXXX"]),
        ('{icao: {in: "OIIE"}}', ["OIIE"]),
        ('{icao: {startsWith: "OI"}}', ["OIIE", "OIII", "OIYY", "OIZZ"]),
        ('{city: {startsWith: "ته"}}', ["OIIE", "OIII"]),
        ("{city: {isNull: true}}", ["OIZZ"]),
        ("{iata: {isNull: false}}", ["LTFM", "OIIE", "OIII", "OIYY"]),
        ("{elevation: {gte: 3305, lt: 4000}}", ["OIIE", "OIII"]),
        ("{elevation: {gt: 3305, lte: 4055}}", ["OIII", "OIYY"]),
        ('{opened: {lt: "2000-01-01"}}', ["OIII"]),
        ("{isPublic: {eq: false}}", ["OIZZ"]),
        ('{and: [{city: {eq: "تهران"}}, {elevation: {gt: 3500}}]}', ["OIII"]),
        ('{or: [{city: {eq: "یزد"}}, {icao: {eq: "LTFM"}}]}', ["LTFM", "OIYY"]),
        ('{not: {city: {eq: "تهران"}}}', ["LTFM", "OIYY", "OIZZ", "XXXX"]),
        ('{countryCode: {eq: "IR"}, not: {or: [{city: {isNull: true}}, {icao: {eq: "OIIE"}}]}}', ["OIII", "OIYY"]),
    ],
)
async def test_every_operator_selects_what_it_says(ask: Ask, where: str, expected: list[str]) -> None:
    answer = await ask(f"{{ air {{ airports(where: {where}) {{ totalCount nodes {{ icao }} }} }} }}")
    page = answer["data"]["air"]["airports"]
    assert [row["icao"] for row in page["nodes"]] == expected
    assert page["totalCount"] == len(expected)


async def test_a_whole_where_may_be_a_variable_and_plans_are_kept_by_shape_only(ask: Ask) -> None:
    document = "query($w: AirAirportWhere, $n: Int) { air { airports(where: $w, first: $n) { nodes { icao } } } }"
    first = await ask(document, {"w": {"city": {"eq": "یزد"}}, "n": 5})
    second = await ask(document, {"w": {"city": {"eq": "تهران"}}, "n": 1})
    third = await ask(document, {"w": {"or": [{"city": {"eq": "یزد"}}, {"icao": {"eq": "XXXX"}}]}, "n": 5})
    assert [row["icao"] for row in first["data"]["air"]["airports"]["nodes"]] == ["OIYY"]
    assert [row["icao"] for row in second["data"]["air"]["airports"]["nodes"]] == ["OIIE"]
    assert [row["icao"] for row in third["data"]["air"]["airports"]["nodes"]] == ["OIYY", "XXXX"]
    assert first["sql"] == second["sql"] != third["sql"]


async def test_skip_and_include_follow_the_variables_of_each_request(ask: Ask) -> None:
    document = """query($a: Boolean!, $b: Boolean!) { air { airport(by: {icao: "OIIE"}) {
        icao @include(if: $a) ... @skip(if: $b) { city country @include(if: $a) { code } } } } }"""
    both = await ask(document, {"a": True, "b": False})
    none = await ask(document, {"a": False, "b": True})
    assert both["data"]["air"]["airport"] == {"icao": "OIIE", "city": "تهران", "country": {"code": "IR"}}
    assert none["data"]["air"]["airport"] == {}


async def test_fragments_merge_into_one_selection_in_the_order_of_first_mention(ask: Ask) -> None:
    answer = await ask(
        """{ air { airport(by: {iata: "IKA"}) { ...A country { name } ... on AirAirport { icao } } } }
           fragment A on AirAirport { city ...B } fragment B on AirAirport { country { code } __typename }"""
    )
    record = answer["data"]["air"]["airport"]
    assert record == {
        "city": "تهران",
        "country": {"code": "IR", "name": "ایران"},
        "__typename": "AirAirport",
        "icao": "OIIE",
    }
    assert list(record) == ["city", "country", "__typename", "icao"]


async def test_a_withheld_field_is_null_with_its_legal_ground_and_the_rest_answers(ask: Ask) -> None:
    answer = await ask('{ air { airport(by: {icao: "OIIE"}) { icao manager } } }')
    assert answer["data"]["air"]["airport"] == {"icao": "OIIE", "manager": None}
    (error,) = answer["errors"]
    assert error["path"] == ["air", "airport", "manager"]
    assert error["extensions"]["code"] == "WITHHELD"
    assert error["extensions"]["details"]["legalGround"] == "IR-FOI-14"


async def test_levels_are_priced_by_what_was_reserved_and_settled_by_what_was_read(ask: Ask) -> None:
    answer = await ask("{ air { airports(first: 300) { nodes { departures(first: 30) { nodes { number } } } } } }")
    assert answer["points"] == 1  # 6 airports and 5 flights were read


async def test_totals_above_ten_thousand_are_not_counted_out(ask: Ask) -> None:
    answer = await ask('{ air { airports(where: {icao: {gte: "A"}}) { totalCount } } }'.replace("gte", "startsWith"))
    assert answer["data"]["air"]["airports"]["totalCount"] == 0
    assert "limit 10001" in answer["sql"]
