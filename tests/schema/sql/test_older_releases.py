"""A release from before its contract grew: what it cannot answer is refused in words, the rest is null or answered."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.schema.conftest import Ask, asking
from tests.schema.worlds import COMMON, declare, release

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest

_HEAD = (
    COMMON
    + """
agency: lab
dataset: towns
recordName: Town
title: { fa: "شهرها", en: "Towns" }
primaryKey: [id]
"""
)
_ID = """  - { name: id, type: integer, label: { fa: "الف", en: "a" }, constraints: { required: true } }
"""
OLD = (
    _HEAD
    + "fields:\n"
    + _ID
    + '  - { name: name, type: string, label: { fa: "نام", en: "Name" }, filters: [eq] }\n'
    + '  - { name: north, type: number, label: { fa: "عرض", en: "North" } }\n'
)
NEW = (
    _HEAD.replace('"1.0.0"', '"1.1.0"')
    + """
uniqueKeys: [[code]]
orderings: [{ name: name, fields: [name], alphabet: persian }, code, rank]
search: [name, code]
coordinates: { lat: north, lon: east }
aggregates: { dimensions: [name, code, founded, is_big], measures: [rank, wide, exact, real] }
links:
  - { name: capital, fields: [code], to: lab/towns, toFields: [code], reverse: towns, label: { fa: "الف", en: "a" } }
  - { name: elder, fields: [rank], to: lab/towns, toFields: [id], reverse: younger, label: { fa: "الف", en: "a" } }
shortcuts:
  - { name: peers, from: capital, to: elder, label: { fa: "الف", en: "a" } }
fields:
"""
    + _ID
    + """
  - { name: name, type: string, label: { fa: "نام", en: "Name" }, filters: [eq, contains] }
  - { name: north, type: number, label: { fa: "عرض", en: "North" } }
  - { name: east, type: number, label: { fa: "طول", en: "East" } }
  - { name: code, type: string, label: { fa: "کد", en: "Code" }, filters: [eq, in, startsWith, contains, isNull] }
  - { name: rank, type: integer, label: { fa: "رتبه", en: "Rank" }, filters: [range] }
  - { name: wide, type: integer, label: { fa: "ب", en: "b" }, constraints: { maximum: 9000000000 }, filters: [range] }
  - { name: exact, type: number, format: decimal, label: { fa: "دقیق", en: "Exact" }, filters: [range] }
  - { name: real, type: number, label: { fa: "اعشار", en: "Real" }, filters: [range] }
  - { name: founded, type: date, label: { fa: "بنیاد", en: "Founded" }, filters: [range] }
  - { name: seen, type: datetime, label: { fa: "دیدار", en: "Seen" }, filters: [range] }
  - { name: is_big, type: boolean, label: { fa: "بزرگ", en: "Big" }, filters: [eq] }
"""
)
NEW_ROWS = """id,name,north,east,code,rank,wide,exact,real,founded,seen,is_big
1,تهران,35.7,51.4,A,2,1,1.5,1.5,2020-01-01,2026-01-01T06:00:00Z,true
2,ری,35.6,51.4,B,1,2,2.50,2.5,,,false
"""
SHOWN = "totalCount estimatedCount pageInfo { hasNextPage endCursor } nodes { id name code rank wide exact founded }"
NEAR = "near: {lat: 35.7, lon: 51.4, withinKm: 50}"
FIGURES = """totalGroups groups { count countDistinct { name code founded isBig } sum { rank wide exact real }
             avg { rank wide exact real } min { rank wide exact real } max { rank wide exact real } }"""


@pytest.fixture
async def ask(connections: Connections, state_dir: Path) -> AsyncIterator[Ask]:
    await add_agency(connections, "lab", Label("آزمایشگاه", "Laboratory"), "tests")
    await declare(connections, OLD)
    assert (await release(connections, state_dir, "lab/towns", "id,name,north\n1,تهران,35.7\n3,قم,34.6\n")).release
    await declare(connections, NEW)
    outcome = await release(connections, state_dir, "lab/towns", NEW_ROWS)
    assert outcome.release is not None, outcome.report.as_table("en")
    yield asking(connections)


async def of_the_first(ask: Ask, call: str, selection: str) -> Any:
    """The answer of the first release, which has id, name and north only."""
    name, _, arguments = call.partition("(")
    document = f"{{ lab {{ {name}(release: 1, {arguments or ')'} {{ {selection} }} }} }}"
    answer = await ask(document)
    assert "errors" not in answer
    return answer["data"]["lab"][name]


@pytest.mark.parametrize(
    "arguments",
    [
        NEAR,
        f"{NEAR}, last: 1",
        'search: "تهران"',
        'search: "تهران", last: 1',
        'where: {name: {contains: "ته"}}',
        'where: {not: {code: {contains: "ته"}}}',
        'where: {or: [{name: {eq: "قم"}}, {name: {contains: "ته"}}]}',
        "orderBy: NAME_ASC",
        "orderBy: CODE_DESC, last: 1",
        "orderBy: RANK_ASC",
    ],
)
async def test_what_needs_an_index_that_is_not_there_is_refused(ask: Ask, arguments: str) -> None:
    for selection in (SHOWN, "totalCount", "estimatedCount", "__typename"):
        with pytest.raises(InvalidRequest, match="Release 1 of lab/towns"):
            await of_the_first(ask, f"towns({arguments})", selection)


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ('{code: {eq: "A"}}', []),
        ('{code: {in: ["A"]}}', []),
        ('{code: {startsWith: "A"}}', []),
        ("{code: {isNull: true}}", [1, 3]),
        ("{not: {rank: {gt: 1}}}", [1, 3]),
        ('{wide: {lt: "1"}, exact: {gt: "1"}, real: {gt: 1}}', []),
        ('{founded: {gt: "2020-01-01"}}', []),
        ('{seen: {lte: "2020-01-01T00:00:00Z"}}', []),
        ("{isBig: {eq: true}}", []),
    ],
)
async def test_a_field_that_is_not_there_is_null_in_every_filter(ask: Ask, where: str, ids: list[int]) -> None:
    answer = await of_the_first(ask, f"towns(where: {where})", SHOWN)
    assert [node["id"] for node in answer["nodes"]] == ids
    assert answer["totalCount"] == answer["estimatedCount"] == len(ids)


@pytest.mark.parametrize("grouped", ["", "groupBy: [NAME, IS_BIG]", "groupBy: [FOUNDED_JALALI_MONTH, CODE]"])
async def test_an_aggregate_over_fields_that_are_not_there_counts_records(ask: Ask, grouped: str) -> None:
    for order in ("", "orderBy: AVG_EXACT_DESC", "orderBy: SUM_REAL_ASC", "orderBy: KEY_DESC"):
        answer = await of_the_first(ask, f"townsAggregate({grouped} {order} first: 5)", FIGURES)
        assert sum(group["count"] for group in answer["groups"]) == 2
        assert {group["sum"]["rank"] for group in answer["groups"]} == {None}


async def test_a_link_a_reverse_and_a_shortcut_that_are_not_there_lead_nowhere(ask: Ask) -> None:
    lists = " ".join(f"{name} {{ totalCount }}" for name in ("towns", "younger", "peers"))
    answer = await of_the_first(ask, "towns", f"nodes {{ capital {{ id }} elder {{ id }} {lists} }}")
    assert [set(map(str, node.values())) for node in answer["nodes"]] == [{"None"}] * 2


async def test_a_look_up_by_a_key_that_is_not_there_finds_nothing(ask: Ask) -> None:
    assert await of_the_first(ask, 'town(by: {code: "A"})', "id") is None
    assert await of_the_first(ask, "town(by: {id: 3})", "id name code") == {"id": 3, "name": "قم", "code": None}


async def test_changes_across_the_growth_compare_what_is_not_there_with_null(ask: Ask) -> None:
    answer = await ask(
        """{ lab { townsChanges(since: 1) { added removed changed nodes { change key { id } changedFields
             before { code peers { totalCount } } after { code capital { id } peers { nodes { id } } } } } } }"""
    )
    changes = answer["data"]["lab"]["townsChanges"]
    assert (changes["added"], changes["removed"], changes["changed"]) == (1, 1, 1)
    assert [node["key"]["id"] for node in changes["nodes"]] == [1, 2, 3]
    assert "code" in changes["nodes"][0]["changedFields"]
    with pytest.raises(InvalidRequest, match="Release 1 of lab/towns"):
        await ask('{ lab { townsChanges(since: 1, where: {name: {contains: "ته"}}) { added } } }')
