"""The short form of what the ledger must survive: exact to the unit, whatever is killed."""

from pathlib import Path

import pytest

from tests.chaos.kills import kills
from tests.chaos.ledger_scale import KILLS_SHORT, MONTH_SHORT, RUSH_SHORT
from tests.chaos.ledger_stage import stage
from tests.chaos.month import month
from tests.chaos.rush import rush

pytestmark = pytest.mark.prove


async def test_a_month_is_settled_to_the_unit_and_the_facts_are_the_ledger(
    database_url: str, redis_url: str, state_dir: Path
) -> None:
    async with stage(database_url, redis_url, state_dir, MONTH_SHORT.seed) as on:
        outcome = await month(on, MONTH_SHORT)
    print(outcome)
    assert outcome.admitted == outcome.ledger == outcome.facts == outcome.limit
    assert outcome.breaches == 0


async def test_of_a_thousand_at_once_exactly_one_gets_the_one_unit_each_time(
    database_url: str, redis_url: str, state_dir: Path
) -> None:
    async with stage(database_url, redis_url, state_dir, RUSH_SHORT.seed) as on:
        outcome = await rush(on, RUSH_SHORT)
    print(outcome)
    assert outcome.admitted == {1: outcome.rounds}


async def test_killed_workers_give_nothing_away_and_lose_a_thousandth_of_the_limit_at_most(
    database_url: str, redis_url: str, state_dir: Path
) -> None:
    async with stage(database_url, redis_url, state_dir, KILLS_SHORT.seed) as on:
        outcome = await kills(on, KILLS_SHORT)
    print(outcome)
    assert (outcome.over_admitted, outcome.breaches) == (0, 0)
    assert outcome.admitted + sum(outcome.lost) == outcome.limit
    assert all(0 <= lost <= outcome.limit // 1_000 for lost in outcome.lost)
    assert outcome.facts <= outcome.admitted
