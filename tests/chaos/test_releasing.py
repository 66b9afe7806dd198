"""The short form of what releases must survive, and of what their readers must not notice."""

from pathlib import Path

import pytest

from tests.chaos.releasing.full_disks import full_disks
from tests.chaos.releasing.hostile import hostile
from tests.chaos.releasing.kills import KILLS_SHORT, kills
from tests.chaos.releasing.restarts import RESTARTS_SHORT, restarts
from tests.chaos.releasing.rivals import LOST_SHORT, RIVALS_SHORT, lost_jobs, two_publishers
from tests.chaos.releasing.small_disk import why_none
from tests.chaos.releasing.swaps import SWAPS_SHORT, swaps
from tests.chaos.releasing_scenarios import MEMORY_MIB_MAX

pytestmark = pytest.mark.prove


async def test_a_killed_release_never_happened_or_is_whole_and_is_taken_up_and_published_once(
    database_url: str, redis_url: str, state_dir: Path
) -> None:
    outcome = await kills(database_url, redis_url, state_dir, KILLS_SHORT)
    print(outcome)
    assert (outcome.half, outcome.orphans, outcome.wrong) == ([], [], [])
    assert outcome.published == outcome.editions
    assert (outcome.failed, outcome.mixed) == ({}, 0)
    assert outcome.kills >= KILLS_SHORT.kills


async def test_a_full_disk_says_so_gives_back_what_it_took_and_is_not_noticed_by_readers(
    redis_url: str, state_dir: Path
) -> None:
    if (why := why_none()) is not None:
        pytest.skip(why)
    outcome = await full_disks(redis_url, state_dir)
    print(outcome)
    assert (outcome.unclear, outcome.wrong, outcome.kept_bytes) == ([], [], 0)
    assert (outcome.failed, outcome.mixed) == ({}, 0)
    assert len(outcome.told) == 6


async def test_a_release_outlives_restarts_of_its_database(redis_url: str, state_dir: Path) -> None:
    outcome = await restarts(redis_url, state_dir, RESTARTS_SHORT)
    print(outcome)
    assert (outcome.wrong, outcome.failed, outcome.mixed) == ([], {}, 0)
    assert outcome.published == outcome.restarts == 2 * len(RESTARTS_SHORT.stages)
    assert outcome.left_bytes == 0


async def test_a_job_whose_process_is_lost_is_taken_over_by_another(
    database_url: str, redis_url: str, state_dir: Path
) -> None:
    outcome = await lost_jobs(database_url, redis_url, state_dir, LOST_SHORT)
    print(outcome)
    assert (outcome.wrong, outcome.failed, outcome.mixed) == ([], {}, 0)


async def test_of_publishers_at_once_one_wins_and_the_others_wait_or_are_told(
    database_url: str, redis_url: str, state_dir: Path
) -> None:
    outcome = await two_publishers(database_url, redis_url, state_dir, RIVALS_SHORT)
    print(outcome)
    assert (outcome.wrong, outcome.failed, outcome.mixed) == ([], {}, 0)
    assert outcome.ended["released"] == 2 * RIVALS_SHORT.rounds


async def test_swaps_under_load_fail_no_request_and_mix_no_page(
    database_url: str, redis_url: str, state_dir: Path
) -> None:
    outcome = await swaps(database_url, redis_url, state_dir, SWAPS_SHORT)
    print(outcome)
    assert (outcome.failed, outcome.mixed, outcome.behind) == ({}, 0, 0)
    assert outcome.walks > SWAPS_SHORT.swaps


async def test_hostile_files_are_refused_in_bounded_memory(state_dir: Path) -> None:
    outcome = await hostile(state_dir)
    print(outcome)
    assert outcome.wrong == []
    assert outcome.mib_above <= MEMORY_MIB_MAX
