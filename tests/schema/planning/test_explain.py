"""A plan in words names the order, the index and the filter that answer a list."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from tests.schema.sql.towns import found_gazetteer

from publicgsb.datasets.registry import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.explain import explain
from publicgsb.schema.planning.price import price
from publicgsb.schema.types.graft import graft, static_schema

Tell: TypeAlias = Callable[[str], Awaitable[list[str]]]


@pytest.fixture
async def world(connections: Connections, state_dir: Path) -> AsyncIterator[Connections]:
    await found_gazetteer(connections, state_dir)
    yield connections


@pytest.fixture
async def tell(world: Connections) -> Tell:
    async with world.use() as connection:
        registry = await load_registry(connection)
    plans = PlanCache(graft(registry, static_schema()).core)

    async def told(document: str) -> list[str]:
        plan, _ = plans.family(document, None).plan(registry, {})
        return [level.reads for level in explain(plan, registry, price(plan, {}))]

    return told


async def test_a_search_is_told_as_a_search(tell: Tell) -> None:
    (reads,) = await tell('{ geo { places(search: "تهران", where: {name: {contains: "ته"}}) { nodes { name } } } }')
    assert "in the order of how well they match the words searched for" in reads
    assert "The index of the words finds them, and all that it finds are ranked." in reads
    assert "The filter on name is applied to what that finds." in reads


async def test_a_filter_without_an_index_is_told_to_read_along_the_order(tell: Tell) -> None:
    (reads,) = await tell('{ geo { places(where: {not: {name: {contains: "ته"}}}) { nodes { name } } } }')
    assert reads.endswith(
        "The filter on name has no index: records are looked at along the order until the page is full."
    )


async def test_a_page_after_a_cursor_says_from_where_it_is_read(tell: Tell) -> None:
    forward, backward = await tell(
        '{ geo { a: places(after: "x") { nodes { name } } b: places(last: 2, before: "x") { nodes { name } } } }'
    )
    assert "those after the cursor in the order of code, ascending" in forward
    assert "those before the cursor in the order of code, ascending" in backward
