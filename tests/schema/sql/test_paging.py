"""Walking a list from either end gives one list, in every order, at the root and below other records."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.schema.conftest import Ask
from tests.schema.worlds import AIRPORT_ROWS, FLIGHT_ROWS, release

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest

ORDERS = ["KEY_ASC", "KEY_DESC", "CITY_ASC", "CITY_DESC", "ELEVATION_ASC", "ELEVATION_DESC"]
PAGE = "edges { cursor node { icao } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
ARGUMENTS = "first: $first, after: $after, last: $last, before: $before"
DECLARED = "$first: Int, $after: String, $last: Int, $before: String"
AT_ROOT = (
    f"query({DECLARED}, $order: AirAirportOrder) {{ air {{ airports({ARGUMENTS}, orderBy: $order) {{ {PAGE} }} }} }}"
)
BELOW = f"""query({DECLARED}, $order: AirAirportOrder) {{ geo {{ country(by: {{code: "IR"}}) {{
    airports({ARGUMENTS}, orderBy: $order) {{ {PAGE} }} }} }} }}"""


async def page_of(ask: Ask, document: str, **variables: Any) -> dict[str, Any]:
    data = (await ask(document, variables))["data"]
    page: dict[str, Any] = data["air"]["airports"] if "air" in data else data["geo"]["country"]["airports"]
    return page


def codes(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["icao"] for edge in page["edges"]]


async def walk(ask: Ask, document: str, order: str, size: int, *, is_backward: bool) -> list[list[str]]:
    """Every page from one end of the list to the other; what each page says of itself is checked on the way."""
    pages: list[list[str]] = []
    cursor = None
    for number in range(10):
        window = {"last": size, "before": cursor} if is_backward else {"first": size, "after": cursor}
        page = await page_of(ask, document, order=order, **window)
        info = page["pageInfo"]
        behind, ahead = info["hasPreviousPage"], info["hasNextPage"]
        if is_backward:
            behind, ahead = ahead, behind
        assert behind is (number > 0)
        assert [info["startCursor"], info["endCursor"]] == [page["edges"][0]["cursor"], page["edges"][-1]["cursor"]]
        pages.append(codes(page))
        if not ahead:
            return pages
        cursor = info["startCursor"] if is_backward else info["endCursor"]
    raise AssertionError("the walk has no end")


@pytest.mark.parametrize("document", [AT_ROOT, BELOW], ids=["root", "nested"])
@pytest.mark.parametrize("order", ORDERS)
async def test_a_walk_from_the_end_is_the_walk_from_the_beginning_reversed(ask: Ask, document: str, order: str) -> None:
    everything = codes(await page_of(ask, document, order=order, first=100))
    assert len(everything) == (6 if document is AT_ROOT else 4)
    for size in (1, 2, 3, 7):
        forward = await walk(ask, document, order, size, is_backward=False)
        backward = await walk(ask, document, order, size, is_backward=True)
        assert [code for page in forward for code in page] == everything
        assert [code for page in reversed(backward) for code in page] == everything
        assert all(len(page) == size for page in (*forward[:-1], *backward[:-1]))


@pytest.mark.parametrize("document", [AT_ROOT, BELOW], ids=["root", "nested"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_page_is_the_slice_that_the_relay_specification_names(
    ask: Ask, document: str, data: st.DataObject
) -> None:
    order = data.draw(st.sampled_from(ORDERS))
    size = data.draw(st.integers(0, 8))
    everything = (await page_of(ask, document, order=order, first=100))["edges"]
    at = data.draw(st.one_of(st.none(), st.integers(0, len(everything) - 1)))
    cursor = None if at is None else everything[at]["cursor"]
    if data.draw(st.booleans()):
        start = 0 if at is None else at + 1
        page = await page_of(ask, document, order=order, first=size, after=cursor)
        low, high = start, min(start + size, len(everything))
    else:
        end = len(everything) if at is None else at
        page = await page_of(ask, document, order=order, last=size, before=cursor)
        low, high = max(0, end - size), end
    assert page["edges"] == everything[low:high]
    assert page["pageInfo"] == {
        "hasNextPage": high < len(everything),
        "hasPreviousPage": low > 0,
        "startCursor": everything[low]["cursor"] if low < high else None,
        "endCursor": everything[high - 1]["cursor"] if low < high else None,
    }


async def test_a_cursor_of_a_record_outside_the_filter_still_tells_what_lies_on_either_side(ask: Ask) -> None:
    whole = (await page_of(ask, AT_ROOT, first=100))["edges"]
    document = (
        f"""query({DECLARED}) {{ air {{ airports({ARGUMENTS}, where: {{city: {{eq: "تهران"}}}}) {{ {PAGE} }} }} }}"""
    )
    before_all, after_all = whole[0]["cursor"], whole[-1]["cursor"]  # LTFM and XXXX; Tehran's are OIIE and OIII
    page = await page_of(ask, document, first=1, after=before_all)
    assert (codes(page), page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]) == (
        ["OIIE"],
        False,
        True,
    )
    page = await page_of(ask, document, last=1, before=after_all)
    assert (codes(page), page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]) == (
        ["OIII"],
        True,
        False,
    )


async def test_children_are_paged_backward_below_each_parent_on_their_own(ask: Ask) -> None:
    answer = await ask(
        """{ air { airports(last: 5) { pageInfo { hasPreviousPage } nodes { icao
              departures(last: 2, orderBy: DELAY_ASC) {
                pageInfo { hasPreviousPage hasNextPage } nodes { delay } } } } } }"""
    )
    page = answer["data"]["air"]["airports"]
    assert page["pageInfo"] == {"hasPreviousPage": True}
    rows = {row["icao"]: row["departures"] for row in page["nodes"]}
    assert list(rows) == ["OIIE", "OIII", "OIYY", "OIZZ", "XXXX"]
    assert rows["OIIE"]["nodes"] == [{"delay": 5}, {"delay": None}]
    assert rows["OIIE"]["pageInfo"] == {"hasPreviousPage": True, "hasNextPage": False}
    assert rows["OIYY"]["pageInfo"] == {"hasPreviousPage": False, "hasNextPage": False}


async def test_links_stay_with_their_records_on_a_backward_page(ask: Ask) -> None:
    answer = await ask("{ air { airports(last: 3, orderBy: CITY_DESC) { nodes { icao city country { code } } } } }")
    assert [(row["icao"], row["country"]) for row in answer["data"]["air"]["airports"]["nodes"]] == [
        ("LTFM", {"code": "TR"}),
        ("XXXX", None),
        ("OIZZ", {"code": "IR"}),
    ]


async def test_twenty_are_the_default_when_no_size_is_given_and_a_null_is_not_given(ask: Ask) -> None:
    for arguments in ("", "(first: null)", "(first: null, last: null, after: null, before: null)"):
        answer = await ask(f"{{ air {{ airports{arguments} {{ nodes {{ icao }} }} }} }}")
        assert len(answer["data"]["air"]["airports"]["nodes"]) == 6
    both_ways = await page_of(ask, AT_ROOT, first=None, after=None, last=2, before=None)
    assert codes(both_ways) == ["OIZZ", "XXXX"]


@pytest.mark.parametrize(
    "arguments",
    [
        *("first: 1, last: 1", 'after: "x", before: "x", first: 1', 'after: "x", before: "x"'),
        *('last: 1, after: "x"', 'first: 1, before: "x"', 'before: "x"', 'first: null, before: "x"'),
    ],
)
@pytest.mark.parametrize(
    "place", ["air { LIST }", 'geo { country(by: {code: "IR"}) { LIST } }'], ids=["root", "nested"]
)
async def test_arguments_that_point_both_ways_are_refused(ask: Ask, arguments: str, place: str) -> None:
    document = "{ " + place.replace("LIST", f"airports({arguments}) {{ nodes {{ icao }} }}") + " }"
    with pytest.raises(InvalidRequest) as caught:
        await ask(document)
    assert caught.value.details["reason"] == "paging"
    assert caught.value.hint


async def test_forward_and_backward_are_two_plans_of_one_document_and_values_are_none(ask: Ask) -> None:
    forward = await ask(AT_ROOT, {"first": 2})
    backward = await ask(AT_ROOT, {"last": 2})
    other = await ask(AT_ROOT, {"last": 5})
    assert backward["sql"] == other["sql"] != forward["sql"]


async def test_a_backward_cursor_reads_on_in_its_own_order_only(ask: Ask) -> None:
    cursor = (await page_of(ask, AT_ROOT, last=1, order="CITY_ASC"))["pageInfo"]["startCursor"]
    with pytest.raises(InvalidRequest) as caught:
        await page_of(ask, AT_ROOT, last=1, before=cursor, order="CITY_DESC")
    assert caught.value.details["reason"] == "cursor"


@pytest.mark.parametrize("document", [AT_ROOT, BELOW], ids=["root", "nested"])
async def test_a_walk_backward_stays_in_the_release_it_began_in(
    ask: Ask, document: str, world: Connections, state_dir: Path
) -> None:
    before = codes(await page_of(ask, document, first=100))
    page = await page_of(ask, document, last=1)
    seen = codes(page)
    await release(world, state_dir, "air/airports", AIRPORT_ROWS.replace("OIII,THR", "OIIJ,THR"))
    while page["pageInfo"]["hasPreviousPage"]:
        page = await page_of(ask, document, last=1, before=page["pageInfo"]["startCursor"])
        assert page["pageInfo"]["hasNextPage"]
        seen = codes(page) + seen
    assert seen == before != codes(await page_of(ask, document, first=100))


@pytest.mark.parametrize("order", ["KEY_ASC", "DELAY_ASC", "DELAY_DESC"])
async def test_a_page_and_what_is_said_of_its_ends_read_the_index_from_the_cursor_only(
    ask: Ask, world: Connections, state_dir: Path, order: str
) -> None:
    """From the middle of 20,000 records, in either direction: a page, one more, and the record at the cursor."""
    rows = "".join(f"2026-01-01,{n},OIIE,,{n * 7919 % 3000 or ''},,\n" for n in range(20_000))
    assert (await release(world, state_dir, "fly/flights", FLIGHT_ROWS.splitlines()[0] + "\n" + rows)).release
    document = f"""query({DECLARED}, $order: FlyFlightOrder) {{ fly {{ flights({ARGUMENTS}, orderBy: $order) {{
        nodes {{ number originAirport {{ city }} }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }} }}"""
    middle = {"first": 1000, "order": order}
    for _ in range(3):
        page = (await ask(document, middle))["data"]["fly"]["flights"]
        middle["after"] = page["pageInfo"]["endCursor"]
    for window in ({"first": 10, "after": middle["after"]}, {"last": 10, "before": middle["after"]}):
        answer = await ask(document, {**window, "order": order})
        ends = answer["data"]["fly"]["flights"]["pageInfo"]
        assert (ends["hasNextPage"], ends["hasPreviousPage"]) == (True, True)
        async with world.use() as connection:
            found = await connection.fetchval(f"explain (analyze, format json) {answer['sql']}", *answer["arguments"])
        nodes = list(plan_nodes(json.loads(found)[0]["Plan"]))
        scans = [node for node in nodes if node.get("Relation Name", "").startswith("fly")]
        assert all(node["Node Type"].startswith("Index") for node in scans)
        assert sorted(node["Actual Rows"] for node in scans) == [1, 11]
        assert not any(node.get("Rows Removed by Filter") for node in nodes)


def plan_nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from plan_nodes(inner)


async def test_one_cursor_below_many_parents_divides_the_children_of_each(ask: Ask) -> None:
    """The cursor's record is a child of one parent only; the others are told exactly all the same."""
    fields = "pageInfo { hasNextPage hasPreviousPage } nodes { day number }"
    whole = (await ask("{ fly { flights { edges { cursor node { day number origin } } } } }"))["data"]["fly"][
        "flights"
    ]["edges"]
    for edge in whole:
        at = (edge["node"]["day"], edge["node"]["number"])
        for window, is_backward in (("first: 1, after: $c", False), ("last: 1, before: $c", True)):
            document = (
                f"query($c: String) {{ air {{ airports {{ nodes {{ icao departures({window}) {{ {fields} }} }} }} }} }}"
            )
            parents = (await ask(document, {"c": edge["cursor"]}))["data"]["air"]["airports"]["nodes"]
            for parent in parents:
                keys = [(e["node"]["day"], e["node"]["number"]) for e in whole if e["node"]["origin"] == parent["icao"]]
                inside = (
                    [key for key in keys if key < at][-1:] if is_backward else [key for key in keys if key > at][:1]
                )
                found = parent["departures"]
                assert [(row["day"], row["number"]) for row in found["nodes"]] == inside
                beyond = [key for key in keys if (key < at if is_backward else key > at)]
                behind = [key for key in keys if (key >= at if is_backward else key <= at)]
                ahead, back = len(beyond) > len(inside), bool(behind)
                expected = (
                    {"hasNextPage": back, "hasPreviousPage": ahead}
                    if is_backward
                    else {"hasNextPage": ahead, "hasPreviousPage": back}
                )
                assert found["pageInfo"] == expected
