"""`contains` with two letters, of which no index knows: the same answer by reading the table, unless it is long."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.schema.conftest import Ask
from tests.schema.sql.towns import TOWNS, found_gazetteer

from publicgsb.datasets.ingest.persian import fold
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest

CONTAINS = """query($q: String!) { geo { places(where: {name: {contains: $q}}, first: 200) { nodes { name } } } }"""


@pytest.fixture
async def world(connections: Connections, state_dir: Path) -> AsyncIterator[Connections]:
    await found_gazetteer(connections, state_dir)
    yield connections


async def names(ask: Ask, typed: str) -> set[str]:
    answer = await ask(CONTAINS, {"q": typed})
    return {row["name"] for row in answer["data"]["geo"]["places"]["nodes"]}


@pytest.mark.parametrize("typed", ["قم", "رو", "قُم", " را ", "کر", "كر", "%%", "__"])
async def test_two_letters_are_found_wherever_they_stand(ask: Ask, typed: str) -> None:
    wanted = {town for town in TOWNS if fold(typed) in fold(town)}
    found = await names(ask, typed)
    assert found & set(TOWNS) == wanted
    assert all(fold(typed) in fold(name) for name in found)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_two_letters_read_the_table_and_three_the_index_by_one_document(
    ask: Ask, world: Connections, mode: str
) -> None:
    for typed, is_indexed in (
        ("قم", False),
        ("خمینی", True),
        ("قم", False),
        ("...", False),
        ("ب ا", True),
        ("ا ن", True),
    ):
        answer = await ask(CONTAINS, {"q": typed})
        async with world.use() as connection, connection.transaction():
            await connection.execute(f"set local plan_cache_mode = {mode}")
            plan = await connection.fetch("explain " + answer["sql"], *answer["arguments"])
        assert ("_fold_name_idx" in "\n".join(row[0] for row in plan)) is is_indexed, typed


async def _pretend_size(world: Connections, rows: int) -> None:
    async with world.use() as connection:
        await connection.execute("update gsb.release set row_count = $1", rows)


async def test_a_long_table_is_not_read_for_two_letters_and_the_ways_out_are_told(ask: Ask, world: Connections) -> None:
    await _pretend_size(world, 250_001)
    with pytest.raises(InvalidRequest, match="records of geo/places, which are 250,001") as refused:
        await ask(CONTAINS, {"q": "قم"})
    assert refused.value.details["reason"] == "search_length"
    assert refused.value.hint == 'Give 3 letters or more, or for a whole word ask `search: "…"`.'
    assert await names(ask, "خمینی") == {"خمینی\u200cشهر", "فرودگاه imam خمینی"}
    await _pretend_size(world, 250_000)
    assert await names(ask, "قم")


@pytest.mark.parametrize(
    "condition",
    ['{not: {name: {contains: "قم"}}}', '{or: [{code: {eq: "x"}}, {and: [{name: {contains: "قم"}}]}]}'],
)
async def test_two_letters_are_noticed_however_deep_they_stand(ask: Ask, world: Connections, condition: str) -> None:
    document = f"{{ geo {{ places(where: {condition}) {{ totalCount }} }} }}"
    await _pretend_size(world, 1_000_000)
    with pytest.raises(InvalidRequest):
        await ask(document)
    three = await ask(document.replace("قم", "شهر"))
    assert three["data"]["geo"]["places"]["totalCount"] > 0
