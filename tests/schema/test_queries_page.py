"""docs/queries.md shows only what the demo's schema answers: each block is planned and made into its statement."""

import re
from pathlib import Path

import pytest

from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.price import price
from publicgsb.schema.sql.prepare import prepare
from publicgsb.schema.types.graft import graft, static_schema
from tests.examples.conftest import demo_registry

PAGE = (Path(__file__).resolve().parents[2] / "docs/queries.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
PRICED = re.findall(r"for (\d+) points\..{0,99}?```graphql\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_has_blocks() -> None:
    assert len(BLOCKS) >= 3
    assert len(PRICED) == 3


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_a_block_can_be_asked(number: int) -> None:
    registry = demo_registry()
    family = PlanCache(graft(registry, static_schema()).core).family(BLOCKS[number], None)
    variables = family.variables({})
    plan, _ = family.plan(registry, variables)
    assert price(plan, variables, registry).points > 0
    prepared = prepare(plan, registry, variables, {})
    assert prepared.statement is not None and prepared.errors == ()


@pytest.mark.parametrize(("points", "block"), PRICED)
def test_what_the_page_says_a_question_costs_is_its_price(points: str, block: str) -> None:
    family = PlanCache(graft(demo_registry(), static_schema()).core).family(block, None)
    variables = family.variables({})
    plan, _ = family.plan(demo_registry(), variables)
    assert price(plan, variables, demo_registry()).points == int(points)
