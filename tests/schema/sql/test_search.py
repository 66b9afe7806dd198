"""`contains` and `search` on a gazetteer of Persian names: what is found, in which order, by which index."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.schema.conftest import Ask
from tests.schema.sql.towns import CONTRACT, GOLDEN, TOWNS, found_gazetteer, rows
from tests.schema.worlds import declare, release

from publicgsb.datasets.files import csv_query
from publicgsb.datasets.ingest.persian import fold
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest

SEARCH = """query($q: String!, $first: Int = 10, $after: String) {
  geo { places(search: $q, first: $first, after: $after) {
    totalCount nodes { name code } pageInfo { hasNextPage endCursor } } } }"""
CONTAINS = """query($q: String!) { geo { places(where: {name: {contains: $q}}, first: 50)
  { totalCount nodes { name } } } }"""


@pytest.fixture
async def world(connections: Connections, state_dir: Path) -> AsyncIterator[Connections]:
    await found_gazetteer(connections, state_dir)
    yield connections


async def names(ask: Ask, document: str, **variables: Any) -> list[str]:
    answer = await ask(document, variables)
    return [row["name"] for row in answer["data"]["geo"]["places"]["nodes"]]


async def refused(ask: Ask, document: str, **variables: Any) -> GsbError:
    with pytest.raises(InvalidRequest) as error:
        await ask(document, variables)
    return error.value


async def test_contains_finds_any_spelling(ask: Ask) -> None:
    for typed in ("خمینی", "خميني", "خُمینـی", "  خمینی\u200c"):
        assert await names(ask, CONTAINS, q=typed) == ["خمینی\u200cشهر", "فرودگاه imam خمینی"]


async def test_no_character_of_contains_is_a_wildcard(ask: Ask) -> None:
    for typed in ("%%", "__", "ت%ن", "\\%", "ت_ران", "(ab|cd)"):
        assert await names(ask, CONTAINS, q=typed) == []


async def test_contains_needs_two_characters_and_ends_at_two_hundred(ask: Ask) -> None:
    for typed in ("", "ت", " ت\u200c", "\u200f\u064b", "ت" * 201):
        assert (await refused(ask, CONTAINS, q=typed)).details["reason"] == "search_length"


async def test_contains_refuses_text_that_no_column_holds(ask: Ask) -> None:
    for typed in ("ab\0c", "ab\ud800c"):
        assert (await refused(ask, CONTAINS, q=typed)).details["reason"] == "text"


async def test_contains_combines_with_not_and_a_field_without_value_matches_neither(ask: Ask) -> None:
    count = "{ geo { places(where: %s) { totalCount } } }"
    one = await ask(count % '{latin: {contains: "ESFAHAN"}}')
    other = await ask(count % '{and: [{not: {latin: {contains: "esfahan"}}}, {name: {contains: "صفهان"}}]}')
    assert one["data"]["geo"]["places"]["totalCount"] == 1
    assert other["data"]["geo"]["places"]["totalCount"] == 0


async def test_contains_costs_five_points_and_search_ten_beside_the_rest(ask: Ask) -> None:
    assert (await ask(CONTAINS, {"q": "تهران"}))["points"] == 7  # its total costs a point too
    assert (await ask(SEARCH, {"q": "تهران"}))["points"] == 12
    both = 'query($q: String!) { geo { places(search: $q, where: {name: {contains: "هر"}}) { nodes { code } } } }'
    assert (await ask(both, {"q": "تهران"}))["points"] == 16


async def test_the_exact_name_comes_before_the_phrase_the_words_and_their_beginnings(ask: Ask) -> None:
    assert (await names(ask, SEARCH, q="علي‌آباد", first=4)) == ["علی اباد", "علی آباد", "علیاباد", "علی آباد نو"]
    assert (await names(ask, SEARCH, q="نو علی آباد", first=1)) == ["علی آباد نو"]
    assert (await names(ask, SEARCH, q="اسماع آب پایی", first=1)) == ["اسماعیل آباد پایین"]


NEAR = [
    ("شهر کرد", "شهرکرد"), ("خمینیشهر", "خمینی‌شهر"), ("پارس اباد", "پارس‌آباد"), ("سرپلذهاب", "سرپل‌ذهاب"),
     ("تهرام", "تهران"), ("اصفحان", "اصفهان"), ("کرمنشاه", "کرمانشاه"), ("tehran", "تهران"), ("ESFAHÁN", "اصفهان"),
    ("قلعه قاسس", "قاسم قلعه"),
]  # fmt: skip


async def test_joined_split_and_misspelt_words_are_found(ask: Ask) -> None:
    assert await missed(ask, NEAR) == []


async def missed(ask: Ask, wanted: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs of (typed, meant) where what is meant is not among the first ten; twenty searches at a time."""
    one = "s%d: places(search: $q%d, first: 10) { nodes { name } }"
    variables = " ".join(f"$q{n}: String!" for n in range(20))
    document = f"query({variables}) {{ geo {{ {' '.join(one % (n, n) for n in range(20))} }} }}"
    found = []
    for start in range(0, len(wanted), 20):
        some = wanted[start : start + 20]
        answer = await ask(document, {f"q{n}": some[n % len(some)][0] for n in range(20)})
        for n, (typed, meant) in enumerate(some):
            if fold(meant) not in {fold(row["name"]) for row in answer["data"]["geo"][f"s{n}"]["nodes"]}:
                found.append((typed, meant))
    return found


async def test_recall_at_ten_is_95_percent_over_the_table_of_spellings(ask: Ask) -> None:
    """A name of one letter is too short to search for."""
    wanted = [(variant, folded) for folded, variants in GOLDEN.items() if len(folded) > 1 for variant in variants]
    assert len(not_found := await missed(ask, wanted)) <= 0.05 * len(wanted), not_found


def _spellings(name: str, chance: random.Random) -> list[str]:
    """The same name from an Arabic keyboard, with a vowel mark, drawn out, with spaces, joined."""
    place = chance.randrange(1, len(name))
    return [
        name.replace("ی", "ي").replace("ک", "ك"),
        name[:place] + "\u064e" + name[place:],
        name[:place] + "\u0640" + name[place:],
        name.replace("\u200c", " "),
        name.replace("\u200c", ""),
        name.replace("آ", "ا"),
    ]


def _slip(name: str, chance: random.Random) -> str:
    """One letter lost, doubled or swapped with the next, not at the start."""
    place = chance.randrange(1, len(name) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        return name[:place] + name[place + 1 :]
    if kind == 1:
        return name[: place + 1] + name[place:]
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


@pytest.mark.prove
async def test_recall_at_ten_is_95_percent_over_spellings_and_90_over_slips(ask: Ask) -> None:
    chance = random.Random(20261126)
    spelt = [(variant, name) for name in TOWNS for variant in sorted(set(_spellings(name, chance)))]
    slips = [(_slip(name, chance), name) for name in TOWNS if len(name) > 4]
    assert len(not_found := await missed(ask, spelt)) <= 0.05 * len(spelt), not_found
    assert len(not_found := await missed(ask, slips)) <= 0.1 * len(slips), not_found


async def test_pages_of_a_search_give_each_match_once_in_one_order(ask: Ask) -> None:
    whole = await ask(SEARCH, {"q": "آباد", "first": 1000})
    places = whole["data"]["geo"]["places"]
    walked: list[str] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        answer = await ask(SEARCH, {"q": "آباد", "first": 37, "after": page["endCursor"]})
        page = answer["data"]["geo"]["places"]["pageInfo"]
        walked += [row["code"] for row in answer["data"]["geo"]["places"]["nodes"]]
    assert walked == [row["code"] for row in places["nodes"]]
    assert len(set(walked)) == len(walked) == places["totalCount"] > 200


async def test_a_cursor_of_another_search_or_another_list_is_refused(ask: Ask) -> None:
    cursor = (await ask(SEARCH, {"q": "آباد"}))["data"]["geo"]["places"]["pageInfo"]["endCursor"]
    assert (await refused(ask, SEARCH, q="کلا", after=cursor)).details["reason"] == "cursor"
    plain = "query($after: String) { geo { places(after: $after) { nodes { code } } } }"
    assert (await refused(ask, plain, after=cursor)).details["reason"] == "cursor"


async def test_search_combines_with_where_and_counts_what_it_lists(ask: Ask) -> None:
    document = """query($kind: String!) { geo { places(search: "علی آباد", where: {kind: {eq: $kind}}, first: 100)
      { totalCount nodes { name } } } }"""
    towns = (await ask(document, {"kind": "town"}))["data"]["geo"]["places"]
    villages = (await ask(document, {"kind": "village"}))["data"]["geo"]["places"]
    assert {"علی اباد", "علیاباد"} <= {row["name"] for row in towns["nodes"]}
    assert towns["totalCount"] == len(towns["nodes"])
    assert villages["nodes"][0]["name"] == "علی آباد"
    assert all(row["name"].startswith("علی آباد") for row in villages["nodes"])


async def test_search_and_order_exclude_each_other(ask: Ask) -> None:
    document = "query($q: String!) { geo { places(search: $q, orderBy: NAME_ASC) { nodes { code } } } }"
    assert (await refused(ask, document, q="تهران")).details["reason"] == "search_order"


async def test_search_needs_two_letters_and_takes_a_few_words(ask: Ask) -> None:
    for typed in ("", "ق", "!?", "%%%", "\0", "\ud800", "آ" * 201, "آب " * 13):
        assert (await refused(ask, SEARCH, q=typed)).details["reason"] == "search_length"


async def test_any_text_is_searched_for_without_a_failure(ask: Ask) -> None:
    for typed in ("a'b", "ت_ران", "\\n\\n", "\0ab\ud800", "{}[]ab", "ab" * 50, "آب " * 12, "آآ", "قم"):
        assert (await ask(SEARCH, {"q": typed}))["data"]["geo"]["places"]["nodes"] is not None


async def test_a_search_that_is_null_is_no_search(ask: Ask) -> None:
    document = "query($q: String) { geo { places(search: $q, first: 1) { nodes { code } } } }"
    assert (await ask(document, {"q": None}))["points"] == 1


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_the_trigram_index_is_used_and_no_table_is_walked(ask: Ask, world: Connections, mode: str) -> None:
    for document, column in ((SEARCH, "_search"), (CONTAINS, "_fold_name")):
        answer = await ask(document, {"q": "خمینی"})
        async with world.use() as connection, connection.transaction():
            await connection.execute(f"set local plan_cache_mode = {mode}")
            plan = await connection.fetch("explain " + answer["sql"], *answer["arguments"])
        text = "\n".join(row[0] for row in plan)
        assert f"{column}_idx" in text
        assert "Seq Scan on geo__places" not in text


async def test_a_release_before_its_search_is_told_and_does_not_fail(
    connections: Connections, state_dir: Path, ask: Ask
) -> None:
    older = CONTRACT.replace("search: [name, latin]\n", "").replace("eq, contains", "eq").replace("[contains]", "[eq]")
    older = older.replace("dataset: places", "dataset: spots").replace("Place", "Spot")
    await declare(connections, older)
    text = "code,name,latin,kind\n" + "".join(",".join(row) + "\n" for row in rows()[:50])
    await release(connections, state_dir, "geo/spots", text)
    newer = CONTRACT.replace("dataset: places", "dataset: spots").replace("Place", "Spot")
    await declare(connections, newer.replace('"1.0.0"', '"1.1.0"').replace("[contains]", "[eq, contains]"))
    await release(connections, state_dir, "geo/spots", text)
    for condition in ('search: "تهران"', 'where: {name: {contains: "تهران"}}'):
        document = f"query($r: Release) {{ geo {{ spots({condition}, release: $r) {{ nodes {{ name }} }} }} }}"
        assert (await ask(document, {}))["data"]["geo"]["spots"]["nodes"]
        assert (await refused(ask, document, r=1)).details["reason"] == "release"


async def test_the_matches_of_a_search_are_walked_backward_too(ask: Ask) -> None:
    document = """query($first: Int, $last: Int, $before: String) { geo {
      places(search: "خمینی", first: $first, last: $last, before: $before) {
        nodes { code } pageInfo { startCursor hasPreviousPage } } } }"""
    everything = (await ask(document, {"first": 50}))["data"]["geo"]["places"]["nodes"]
    assert len(everything) > 1
    found: list[dict[str, str]] = []
    before = None
    while True:
        page = (await ask(document, {"last": 1, "before": before}))["data"]["geo"]["places"]
        found = page["nodes"] + found
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]
    assert found == everything


async def test_the_role_that_reads_needs_nothing_of_ours_for_a_search(
    ask: Ask, database_url: str, world: Connections
) -> None:
    answers = [await ask(SEARCH, {"q": "تهرام"}), await ask(CONTAINS, {"q": "تهران"})]
    reader = Connections(database_url, size=1, server_settings={"role": "gsb_reader", "search_path": "pg_catalog"})
    async with reader.use() as connection:
        for answer in answers:
            row = await connection.fetchrow(answer["sql"], *answer["arguments"])
            assert row is not None
            assert "تهران" in row["o0"]
        assert not await connection.fetchval("select has_schema_privilege('gsb', 'usage')")
    await reader.close()


async def test_what_is_hidden_is_in_no_file_and_in_no_list_of_columns(world: Connections) -> None:
    async with world.use() as connection:
        registry = await load_registry(connection)
        release_ref = registry.dataset("geo", "places").current
        assert release_ref is not None
        stored = await connection.fetch(
            "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0",
            f"released.{release_ref.table}",
        )
    assert {"_search", "_fold_name", "_sort_name"} <= {row["attname"] for row in stored}
    assert release_ref.columns == {"code", "name", "latin", "kind"}
    assert "_search" not in csv_query(release_ref)
    assert "_fold" not in csv_query(release_ref)
