"""The short form of the faults that the windows must survive: exactness and success are asserted, times are not."""

from pathlib import Path

import pytest

from tests.chaos.scale import CROWD_SHORT, SHORT
from tests.chaos.stage import Stage
from tests.chaos.windows import FAULTS, Play, nothing_wrong

pytestmark = pytest.mark.prove

PLAYS_MAX = 4  # exact in each; a busy machine asks too little in one to fill a window


@pytest.mark.parametrize("play", FAULTS, ids=lambda play: play.__name__)
async def test_no_fault_of_redis_admits_one_unit_too_many_nor_fails_a_request(
    database_url: str, state_dir: Path, play: Play
) -> None:
    for _ in range(PLAYS_MAX):
        outcome = await play(Stage(database_url, state_dir), SHORT)
        print(outcome)
        assert outcome.over_admitted == 0
        assert outcome.success >= 0.999, outcome.failures
        if outcome.most_in_any_window > 90:
            break
    assert outcome.most_in_any_window > 90


async def test_a_crowd_uses_a_short_window_up_and_never_exceeds_it(database_url: str, state_dir: Path) -> None:
    """How much of what all windows give is used says how fast the machine is: `make chaos` asks for 95 % of it."""
    for _ in range(PLAYS_MAX):
        outcome = await nothing_wrong(Stage(database_url, state_dir), CROWD_SHORT)
        print(outcome)
        assert outcome.over_admitted == 0
        if outcome.most_in_any_window == outcome.limit:
            break
    assert outcome.most_in_any_window == outcome.limit
