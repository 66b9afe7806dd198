"""The short form of what a month must survive of its database: exact to the unit, whatever is lost on the way."""

from pathlib import Path

import pytest

from publicgsb.platform.server.migrate import migrate
from tests.chaos.ledger_stage import stage
from tests.chaos.postgres.away import AWAY_SHORT, away
from tests.chaos.postgres.exact import LOST_PROBABILITY, LOST_SHORT, STOPS_SHORT, lost_answers, stops
from tests.chaos.postgres.lost_answers import losing_line
from tests.chaos.postgres.own import OwnPostgres

pytestmark = pytest.mark.prove


async def test_a_database_that_is_stopped_at_once_forgets_no_unit_and_gives_none_twice(
    redis_url: str, state_dir: Path
) -> None:
    with OwnPostgres(state_dir) as postgres:
        await migrate(postgres.url)
        async with stage(postgres.url, redis_url, state_dir, STOPS_SHORT.seed) as on:
            outcome = await stops(on, STOPS_SHORT, postgres)
    print(outcome)
    assert outcome.faults == STOPS_SHORT.rounds
    assert outcome.admitted == outcome.ledger == outcome.facts == outcome.limit
    assert outcome.breaches == 0


async def test_a_commit_whose_acknowledgement_is_lost_counts_once(redis_url: str, state_dir: Path) -> None:
    with OwnPostgres(state_dir) as postgres:
        await migrate(postgres.url)
        async with (
            losing_line(postgres.url, seed=LOST_SHORT.seed, probability=LOST_PROBABILITY) as (line, url),
            stage(url, redis_url, state_dir, LOST_SHORT.seed) as on,
        ):
            outcome = await lost_answers(on, LOST_SHORT, line)
    print(outcome)
    assert outcome.faults > 0
    assert outcome.admitted == outcome.ledger == outcome.facts == outcome.limit
    assert outcome.breaches == 0


async def test_without_its_database_nothing_is_given_twice_and_whatever_is_refused_may_be_asked_again(
    state_dir: Path,
) -> None:
    outcome = await away(state_dir, AWAY_SHORT)
    print(outcome)
    assert (outcome.windows.over_admitted, outcome.breaches) == (0, 0)
    assert set(outcome.refusals) <= {503}
    assert set(outcome.answers) == {200, 503}
