"""A primary and its replica: writes that a fail-over lost are counted all the same, whoever notices it and when."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
import redis
from tests.quotas.epochs.workers import StartWindows, starting, store_of, take
from tests.redis_pair import OwnPair

from publicgsb.quotas.windows import Verdict

pytestmark = pytest.mark.prove


@pytest.fixture
async def pair(state_dir: Path) -> AsyncIterator[OwnPair]:
    async with OwnPair(state_dir) as pair:
        yield pair


@pytest.fixture
async def start_windows(database_url: str, pair: OwnPair) -> AsyncIterator[StartWindows]:
    async with starting(database_url, pair.url) as start:
        yield start


async def test_a_replica_without_the_last_writes_that_took_over_is_not_believed(
    start_windows: StartWindows, pair: OwnPair
) -> None:
    first, second = await start_windows(), await start_windows()
    await take(first, 1)
    pair.hold_back()
    await take(first, 4)
    await take(second, 4)
    pair.first.kill()
    pair.promote(pair.second)
    pair.lead_to(pair.second)
    assert (await take(first, 2)).verdict is Verdict.NO_ROOM
    assert (await take(second, 1)).verdict is Verdict.GRANTED
    assert (await take(first, 1)).verdict is Verdict.NO_ROOM


async def test_two_primaries_at_once_grant_together_what_one_would(start_windows: StartWindows, pair: OwnPair) -> None:
    """Lines that are there go on to the old one, which knows nothing of its end; new ones lead to the new one."""
    stays, moves = await start_windows(), await start_windows()
    await take(stays, 1)
    pair.hold_back()
    await take(stays, 4)
    pair.promote(pair.second)
    pair.lead_to(pair.second)
    await moves._redis._leave_connections()
    assert (await take(moves, 4)).verdict is Verdict.GRANTED
    assert (await take(stays, 2)).verdict is Verdict.NO_ROOM
    assert (await take(stays, 1)).verdict is Verdict.GRANTED
    assert (await take(moves, 1)).verdict is Verdict.NO_ROOM


async def test_a_primary_that_was_a_replica_is_another_one(start_windows: StartWindows, pair: OwnPair) -> None:
    """The same process, the same lines, the same epoch, and older data: nobody asked while it was a replica."""
    windows = await start_windows()
    await take(windows, 1)
    pair.hold_back()
    await take(windows, 8)
    pair.promote(pair.second)
    await pair.follow(pair.first, pair.second)
    pair.promote(pair.first)
    assert (await take(windows, 2)).verdict is Verdict.NO_ROOM
    assert (await take(windows, 1)).verdict is Verdict.GRANTED


async def test_lines_to_a_primary_that_became_a_replica_are_left(start_windows: StartWindows, pair: OwnPair) -> None:
    windows = await start_windows()
    await take(windows, 9)
    before = store_of(windows)
    pair.promote(pair.second)
    pair.lead_to(pair.second)
    await pair.follow(pair.first, pair.second)
    assert (await take(windows, 2)).verdict is Verdict.NO_ROOM
    with anyio.fail_after(60):
        while store_of(windows) in (None, before):
            await asyncio.sleep(0.05)
    assert (await take(windows, 2)).verdict is Verdict.NO_ROOM
    assert (await take(windows, 1)).verdict is Verdict.GRANTED


async def test_a_replica_that_may_be_written_to_grants_nothing(start_windows: StartWindows, pair: OwnPair) -> None:
    """It knows the epoch and the history of its primary, and what it is told is lost."""
    windows = await start_windows()
    await take(windows, 4)
    with redis.Redis.from_url(pair.second.url) as client:
        client.config_set("replica-read-only", "no")
    pair.lead_to(pair.second)
    await pair.cut_lines()
    assert (await take(windows, 6)).verdict is Verdict.GRANTED
    assert store_of(windows) is None
    assert (await take(windows, 1)).verdict is Verdict.NO_ROOM
