"""Order by the Persian alphabet, from the hidden column that ingest writes, in both directions and page by page."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.schema.conftest import Ask
from tests.schema.sql.towns import found_gazetteer, rows

from publicgsb.datasets.ingest.alphabet import sort_key
from publicgsb.platform.kernel.database import Connections

PAGE = """query($order: GeoPlaceOrder, $first: Int = 1000, $after: String, $where: GeoPlaceWhere) {
  geo { places(orderBy: $order, first: $first, after: $after, where: $where) {
    nodes { code name } pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture
async def world(connections: Connections, state_dir: Path) -> AsyncIterator[Connections]:
    await found_gazetteer(connections, state_dir)
    yield connections


async def walked(ask: Ask, order: str, first: int) -> list[str]:
    codes: list[str] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        answer = await ask(PAGE, {"order": order, "first": first, "after": page["endCursor"]})
        codes += [row["code"] for row in answer["data"]["geo"]["places"]["nodes"]]
        page = answer["data"]["geo"]["places"]["pageInfo"]
    return codes


async def test_names_come_in_the_order_of_the_alphabet_whatever_the_spelling(ask: Ask) -> None:
    wanted = [code for code, *_ in sorted(rows(), key=lambda row: (sort_key(row[1]), row[0]))]
    assert await walked(ask, "NAME_ASC", 300) == wanted
    assert await walked(ask, "NAME_DESC", 1000) == wanted[::-1]


async def test_nulls_come_last_both_ways(ask: Ask) -> None:
    """Three towns have a Latin name, so they come first, whichever way the names run."""
    for order, wanted in (("LATIN_ASC", ["اصفهان", "شیراز", "تهران"]), ("LATIN_DESC", ["تهران", "شیراز", "اصفهان"])):
        answer = await ask(PAGE, {"order": order, "first": 3, "where": {"kind": {"eq": "town"}}})
        assert [row["name"] for row in answer["data"]["geo"]["places"]["nodes"]] == wanted


async def test_the_order_is_read_from_its_index(ask: Ask, world: Connections) -> None:
    answer = await ask(PAGE, {"order": "NAME_ASC", "first": 20})
    async with world.use() as connection:
        plan = await connection.fetch("explain " + answer["sql"], *answer["arguments"])
    text = "\n".join(row[0] for row in plan)
    assert "_sort_name_code_idx" in text
    assert "Seq Scan" not in text
