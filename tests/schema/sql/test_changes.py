"""The change feed between two releases, against rows that are in sight in tests/schema/worlds.py and here."""

from pathlib import Path
from typing import Any

import pytest
from tests.schema.conftest import Ask
from tests.schema.worlds import AIRPORT_ROWS, AIRPORTS, declare, release

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.service import rollback, withdraw
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest

FEED = """query($since: Release!, $r: Release, $w: AirAirportWhere, $n: Int, $after: String) {
  air { airportsChanges(since: $since, release: $r, where: $w, first: $n, after: $after) {
    added removed changed
    edges { cursor node { change } }
    nodes { change key { icao } changedFields before { city elevation country { name } } after { city elevation } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""

LATER = (
    AIRPORT_ROWS.replace("OIYY,AZD,یزد,4055,IR,,true\n", "")
    .replace("LTFM,IST,İstanbul,325", "LTFM,IST,Istanbul,")
    .replace("XXXX,,Nowhere,12.5", "XXXX,,Nowhere,12.50")
    + "NEWW,NEW,,,TR,,\n"
)


@pytest.fixture
async def two(world: Connections, state_dir: Path) -> Connections:
    """Airports with a second release: one removed, one changed, one added."""
    outcome = await release(world, state_dir, "air/airports", LATER)
    assert outcome.release is not None, outcome.report.as_table("en")
    return world


async def _feed(ask: Ask, **variables: Any) -> Any:
    answer = await ask(FEED, {"since": 1, "n": 20, **variables})
    return answer["data"]["air"]["airportsChanges"] if "errors" not in answer else answer["errors"][0]["extensions"]


async def test_added_removed_and_changed_records_are_told_by_key(two: Connections, ask: Ask) -> None:
    feed = await _feed(ask)
    assert feed["nodes"] == [
        {
            "change": "CHANGED",
            "key": {"icao": "LTFM"},
            "changedFields": ["city", "elevation"],
            "before": {"city": "İstanbul", "elevation": 325, "country": {"name": "Türkiye"}},
            "after": {"city": "Istanbul", "elevation": None},
        },
        {
            "change": "ADDED",
            "key": {"icao": "NEWW"},
            "changedFields": [],
            "before": None,
            "after": {"city": None, "elevation": None},
        },
        {
            "change": "REMOVED",
            "key": {"icao": "OIYY"},
            "changedFields": [],
            "before": {"city": "یزد", "elevation": 4055, "country": {"name": "ایران"}},
            "after": None,
        },
    ]
    assert (feed["added"], feed["removed"], feed["changed"]) == (1, 1, 1)


async def test_the_answer_names_both_releases_and_costs_its_price(two: Connections, ask: Ask) -> None:
    answer = await ask("{ air { airportsChanges(since: 1, first: 100) { nodes { change } } } }")
    assert [(row["dataset"], row["release"]) for row in answer["receipt"]] == [("air/airports", 2), ("air/airports", 1)]
    assert answer["points"] == 11
    counted = await ask("{ air { airportsChanges(since: 1, first: 0) { added removed changed nodes { change } } } }")
    assert counted["points"] == 21
    assert counted["data"]["air"]["airportsChanges"]["nodes"] == []


async def test_a_feed_stands_beside_other_root_fields_in_one_statement(two: Connections, ask: Ask) -> None:
    answer = await ask(
        """{ air { a: airportsChanges(since: 1) { nodes { key { icao } } } airports { totalCount }
             b: airportsChanges(since: 2, release: 1) { nodes { change key { icao __typename } __typename } } } }"""
    )
    air = answer["data"]["air"]
    assert [node["key"]["icao"] for node in air["a"]["nodes"]] == ["LTFM", "NEWW", "OIYY"]
    assert [node["change"] for node in air["b"]["nodes"]] == ["CHANGED", "REMOVED", "ADDED"]
    assert air["b"]["nodes"][0]["__typename"] == "AirAirportChange"
    assert air["b"]["nodes"][0]["key"]["__typename"] == "AirAirportKey"
    assert answer["sql"].startswith("select ") and answer["sql"].count(";") == 0


async def test_from_the_current_release_nothing_changed(two: Connections, ask: Ask) -> None:
    for since in (2, "latest", "2999-01-01"):
        feed = await _feed(ask, since=since)
        assert feed["nodes"] == [] and (feed["added"], feed["removed"], feed["changed"]) == (0, 0, 0)
        assert feed["pageInfo"] == {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        }


async def test_a_condition_holds_for_a_record_that_matches_before_or_after(two: Connections, ask: Ask) -> None:
    feed = await _feed(ask, w={"elevation": {"gt": 300}})
    assert [node["key"]["icao"] for node in feed["nodes"]] == ["LTFM", "OIYY"]
    absent = await _feed(ask, w={"city": {"isNull": True}})
    assert [node["key"]["icao"] for node in absent["nodes"]] == ["NEWW"]
    assert (absent["added"], absent["removed"]) == (1, 0)


async def test_pages_go_on_between_the_two_releases_they_began_with(
    two: Connections, ask: Ask, state_dir: Path
) -> None:
    first = await _feed(ask, n=1, since="latest", r=1)
    await release(two, state_dir, "air/airports", AIRPORT_ROWS)
    seen = [node["key"]["icao"] for node in first["nodes"]]
    cursors = [first["pageInfo"]["endCursor"]]
    while (page := await _feed(ask, n=1, since="latest", after=cursors[-1]))["nodes"]:
        assert page["pageInfo"]["hasPreviousPage"] is True
        assert page["edges"][0]["cursor"] == page["pageInfo"]["endCursor"]
        seen += [node["key"]["icao"] for node in page["nodes"]]
        cursors.append(page["pageInfo"]["endCursor"])
    assert seen == ["LTFM", "NEWW", "OIYY"]
    assert (first["added"], first["removed"]) == (1, 1)


BACK = """query($n: Int, $before: String, $w: AirAirportWhere) {
  air { airportsChanges(since: 1, last: $n, before: $before, where: $w) {
    edges { cursor } nodes { key { icao } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def _back(ask: Ask, **variables: Any) -> tuple[list[str], Any]:
    page = (await ask(BACK, variables))["data"]["air"]["airportsChanges"]
    assert [edge["cursor"] for edge in page["edges"][:1]] == [page["pageInfo"]["startCursor"]][: len(page["edges"])]
    return [node["key"]["icao"] for node in page["nodes"]], page["pageInfo"]


async def test_a_feed_is_paged_backward_in_its_own_order(two: Connections, ask: Ask) -> None:
    end, info = await _back(ask, n=2)
    assert end == ["NEWW", "OIYY"]
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (True, False)
    front, info = await _back(ask, n=2, before=info["startCursor"])
    assert front == ["LTFM"]
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (False, True)
    again = await _feed(ask, n=5, after=info["endCursor"])
    assert [node["key"]["icao"] for node in again["nodes"]] == ["NEWW", "OIYY"]
    nothing, info = await _back(ask, n=2, before=info["startCursor"])
    assert (nothing, info["startCursor"], info["hasNextPage"]) == ([], None, True)


async def test_whether_a_feed_goes_on_is_asked_of_the_feed_that_is_read(two: Connections, ask: Ask) -> None:
    """The cursor may come from a feed with another condition."""
    info = (await _back(ask, n=1))[1]
    page = await _back(ask, n=5, before=info["startCursor"], w={"city": {"isNull": True}})
    assert page[0] == ["NEWW"] and page[1]["hasNextPage"] is False


async def test_a_feed_goes_one_way_at_a_time(two: Connections, ask: Ask) -> None:
    for arguments in ("first: 1, last: 1", 'before: "x"', 'first: 1, before: "x"', 'last: 1, after: "x"'):
        with pytest.raises(InvalidRequest) as caught:
            await ask(f"{{ air {{ airportsChanges(since: 1, {arguments}) {{ added }} }} }}")
        assert caught.value.details["reason"] == "paging"


async def test_a_cursor_of_another_list_or_another_beginning_is_refused(two: Connections, ask: Ask) -> None:
    page = await _feed(ask, n=1)
    assert (await _feed(ask, after=page["pageInfo"]["endCursor"], since=2))["details"]["reason"] == "cursor"
    plain = await ask("{ air { airports(first: 1) { pageInfo { endCursor } } } }")
    other = plain["data"]["air"]["airports"]["pageInfo"]["endCursor"]
    assert (await _feed(ask, after=other))["details"]["reason"] == "cursor"
    with pytest.raises(InvalidRequest):
        await ask(
            "query($a: String) { air { airports(after: $a) { nodes { icao } } } }",
            {"a": page["pageInfo"]["endCursor"]},
        )


async def test_links_are_followed_on_each_side_at_its_own_moment(two: Connections, ask: Ask, state_dir: Path) -> None:
    await release(two, state_dir, "geo/countries", "code,name,population\nIR,Iran,1\nTR,Turkey,2\n")
    await release(two, state_dir, "air/airports", AIRPORT_ROWS)
    document = """{ air { airportsChanges(since: 2, where: {icao: {eq: "LTFM"}}) { nodes {
        before { country { name } arrivals { totalCount } }
        after { country { name } arrivals { nodes { number } } } } } } }"""
    nodes = (await ask(document))["data"]["air"]["airportsChanges"]["nodes"]
    assert nodes == [
        {
            "before": {"country": {"name": "Turkey"}, "arrivals": {"totalCount": 1}},
            "after": {"country": {"name": "Turkey"}, "arrivals": {"nodes": [{"number": 1}]}},
        }
    ]
    pinned = await ask(document.replace("since: 2", "since: 1"))
    assert pinned["data"]["air"]["airportsChanges"]["nodes"] == []


async def test_a_list_inside_a_change_makes_cursors_of_its_side_and_takes_none(
    two: Connections, ask: Ask, state_dir: Path
) -> None:
    answer = await ask(
        """{ air { airportsChanges(since: 1, where: {icao: {eq: "LTFM"}}) { nodes {
             before { arrivals(first: 1) { pageInfo { endCursor } } } } } } }"""
    )
    cursor = answer["data"]["air"]["airportsChanges"]["nodes"][0]["before"]["arrivals"]["pageInfo"]["endCursor"]
    document = """query($a: String) { air { airport(by: {icao: "LTFM"}) { city
                  arrivals(after: $a) { nodes { number } } } } }"""
    then = await ask(document, {"a": cursor})
    assert then["data"]["air"]["airport"] == {"city": "İstanbul", "arrivals": {"nodes": []}}
    with pytest.raises(InvalidRequest):
        await ask(
            """query($a: String) { air { airportsChanges(since: 1) { nodes {
               after { arrivals(after: $a) { nodes { number } } } } } } }""",
            {"a": cursor},
        )


@pytest.mark.parametrize(("state", "code"), [("recalled", "RELEASE_RECALLED"), ("gone", "RELEASE_GONE")])
async def test_nothing_is_told_of_a_release_that_cannot_be_read(
    two: Connections, ask: Ask, state: str, code: str
) -> None:
    cursor = (await _feed(ask, n=1))["pageInfo"]["endCursor"]
    async with two.use() as connection:
        await connection.execute("update gsb.release set state = $1 where table_name = 'air__airports__r1'", state)
    for variables in ({"since": 1}, {"since": "latest", "r": 1}, {"since": "latest", "after": cursor}):
        assert (await _feed(ask, **variables))["code"] == code
    beside = await ask("{ air { airportsChanges(since: 1) { added } airports { totalCount } } }")
    assert beside["data"]["air"] == {"airportsChanges": None, "airports": {"totalCount": 6}}
    assert len(beside["receipt"]) == 1


async def test_an_unknown_release_and_a_withdrawn_dataset_answer_as_elsewhere(two: Connections, ask: Ask) -> None:
    assert (await _feed(ask, since=9))["code"] == "NOT_FOUND"
    await withdraw(two, "air", "airports", Label("الف", "a"), "tests")
    assert (await _feed(ask))["code"] == "DATASET_WITHDRAWN"
    await rollback(two, "air", "airports", 1, "tests")
    assert [node["change"] for node in (await _feed(ask, since=2))["nodes"]] == ["CHANGED", "REMOVED", "ADDED"]


async def test_a_field_that_a_release_lacks_is_null_there_and_only_values_make_a_change(
    two: Connections, ask: Ask, state_dir: Path
) -> None:
    more = AIRPORTS.replace('version: "1.0.0"', 'version: "1.1.0"').replace(
        "  - { name: manager,",
        '  - { name: note, type: string, label: { fa: "یادداشت", en: "Note" } }\n  - { name: manager,',
    )
    await declare(two, more)
    head, *rows = LATER.splitlines()
    lines = [f"{head},note", *(f"{row},{'seen' if row.startswith('OIIE') else ''}" for row in rows)]
    assert (await release(two, state_dir, "air/airports", "\n".join(lines) + "\n")).release is not None
    document = "{ air { airportsChanges(since: 2) { nodes { changedFields before { icao note } after { note } } } } }"
    answer = await ask(document)
    assert answer["data"]["air"]["airportsChanges"]["nodes"] == [
        {"changedFields": ["note"], "before": {"icao": "OIIE", "note": None}, "after": {"note": "seen"}}
    ]


async def test_a_dataset_without_a_key_has_no_feed_and_a_feed_takes_no_null(two: Connections, ask: Ask) -> None:
    with pytest.raises(InvalidRequest):
        await ask("{ air { airportsChanges { added } } }")
    with pytest.raises(InvalidRequest):
        await _feed(ask, since=None)


async def test_a_page_is_read_off_the_changed_keys_of_every_release_on_the_way(
    two: Connections, ask: Ask, state_dir: Path
) -> None:
    await release(two, state_dir, "air/airports", AIRPORT_ROWS)
    document = "{ air { airportsChanges(since: 1) { added nodes { key { icao } } } } }"
    there_and_back = await ask(document)
    assert there_and_back["data"]["air"]["airportsChanges"] == {"added": 0, "nodes": []}
    assert "air__airports__r2_changes" in there_and_back["sql"] and "air__airports__r3_changes" in there_and_back["sql"]
    back = await ask(document.replace("since: 1", "since: 2"))
    assert [node["key"]["icao"] for node in back["data"]["air"]["airportsChanges"]["nodes"]] == ["LTFM", "NEWW", "OIYY"]
    assert "r2_changes" not in back["sql"]


async def test_without_a_readable_way_both_tables_are_compared(two: Connections, ask: Ask, state_dir: Path) -> None:
    await release(two, state_dir, "air/airports", LATER + "OTHR,,,,TR,,\n")
    document = "{ air { airportsChanges(since: 1) { added removed changed nodes { key { icao } } } } }"
    whole = await ask(document)
    async with two.use() as connection:
        await connection.execute("update gsb.release set state = 'recalled' where table_name = 'air__airports__r2'")
    compared = await ask(document)
    assert "_changes" in whole["sql"] and "_changes" not in compared["sql"]
    assert whole["data"] == compared["data"]
    assert compared["data"]["air"]["airportsChanges"]["added"] == 2
