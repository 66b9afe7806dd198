"""Epochs between two workers: what was admitted is counted wherever the windows go, and one store grants at a time."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest
import redis as blocking_redis
from tests.quotas.epochs.workers import ACCOUNT, PLAN, StartWindows, starting, store_of, take
from tests.redis_server import OwnRedis

from publicgsb.platform.kernel.database import Connections
from publicgsb.quotas.epochs.words import epoch_key
from publicgsb.quotas.windows import Slots, Verdict


@pytest.fixture
def server(state_dir: Path) -> Iterator[OwnRedis]:
    with OwnRedis(state_dir) as server:
        yield server


@pytest.fixture
async def start_windows(database_url: str, server: OwnRedis) -> AsyncIterator[StartWindows]:
    """Each call is one more worker, at a Redis that the test may do anything to."""
    async with starting(database_url, server.url) as start:
        yield start


async def test_metrics_tell_which_store_keeps_how_many_windows_and_the_epoch(
    start_windows: StartWindows, server: OwnRedis
) -> None:
    windows = await start_windows()
    epochs = windows.epochs
    assert (epochs.newest, epochs.granting(from_redis=True), epochs.granting(from_redis=False)) == (0, 0, 0)
    await take(windows, 1)
    assert (epochs.newest, epochs.granting(from_redis=True), epochs.granting(from_redis=False)) == (1, 1, 0)
    server.kill()
    await take(windows, 1)
    assert (epochs.newest, epochs.granting(from_redis=True), epochs.granting(from_redis=False)) == (2, 0, 1)


async def test_units_and_slots_of_every_worker_survive_the_loss_of_all_data(
    start_windows: StartWindows, server: OwnRedis
) -> None:
    first, second = await start_windows(), await start_windows()
    await take(first, 4, Slots(0, 1, 1))
    await take(second, 5, Slots(0, 1, 1))
    server.flush()
    assert (await take(first, 1, Slots(1, 1, 1))).verdict is Verdict.NO_SLOT
    seen = await take(first, 0, Slots(1, 0, 0))
    assert (seen.states[0].remaining, seen.slots_used) == (1, 2)
    assert (await take(second, 2, Slots(0, 1, 1))).verdict is Verdict.NO_ROOM


async def test_a_server_that_took_over_with_older_data_is_not_believed(
    start_windows: StartWindows, server: OwnRedis
) -> None:
    """As a replica does that was behind: it knows the epoch, and not the last units."""
    windows = await start_windows()
    await take(windows, 9)
    server.kill()
    server.start()
    with blocking_redis.Redis.from_url(server.url) as replica:
        replica.set(epoch_key(ACCOUNT[0]), windows.epochs.of(ACCOUNT[0]).epoch)
    assert (await take(windows, 2)).verdict is Verdict.NO_ROOM
    assert (await take(windows, 1)).verdict is Verdict.GRANTED


async def test_without_redis_postgres_grants_and_what_was_taken_stays_taken_there_and_back(
    start_windows: StartWindows, server: OwnRedis
) -> None:
    first, second = await start_windows(), await start_windows()
    await take(first, 3)
    server.kill()
    assert (await take(second, 3)).verdict is Verdict.GRANTED
    assert store_of(second) is None
    assert (await take(first, 5)).verdict is Verdict.NO_ROOM
    server.start()
    with anyio.fail_after(60):
        while store_of(first) is None or store_of(second) is None:
            await asyncio.sleep(0.02)
    assert (await take(second, 5)).verdict is Verdict.NO_ROOM
    assert (await take(second, 4)).verdict is Verdict.GRANTED


async def test_a_worker_that_still_reaches_redis_grants_nothing_from_it_once_the_windows_have_moved(
    start_windows: StartWindows,
) -> None:
    reaches, does_not = await start_windows(), await start_windows()
    await take(reaches, 1)
    await does_not.opened(ACCOUNT)
    does_not._redis.is_away = True
    assert (await take(does_not, 8)).verdict is Verdict.GRANTED
    assert store_of(reaches) is None
    assert (await take(reaches, 2)).verdict is Verdict.NO_ROOM


async def test_a_reply_that_arrives_after_its_epoch_ended_is_thrown_away(
    start_windows: StartWindows, server: OwnRedis
) -> None:
    late, other = await start_windows(), await start_windows()
    await take(late, 1)
    await other.opened(ACCOUNT)
    server.pause()
    calling = asyncio.create_task(late.grant(ACCOUNT, PLAN, want=9, minimum=9, slots=Slots(0, 1, 1)))
    await asyncio.sleep(0)
    other._redis.is_away = True
    taken = await take(other, 9)
    server.resume()
    assert (await calling).verdict is Verdict.HELD
    assert taken.verdict is Verdict.GRANTED


async def test_a_unit_counts_from_the_reply_because_the_call_may_have_waited_for_thestore_of(
    start_windows: StartWindows, server: OwnRedis
) -> None:
    windows = await start_windows()
    await windows.opened(ACCOUNT)
    server.pause()
    calling = asyncio.create_task(take(windows, 1))
    await asyncio.sleep(0.2)
    resumed_at = time.monotonic()
    server.resume()
    grant = await calling
    (bucket,) = windows.epochs.of(ACCOUNT[0]).tallies[ACCOUNT[1]]._buckets.values()
    assert bucket[1] >= resumed_at > grant.sent_at


async def test_what_is_given_back_of_an_epoch_that_ended_frees_nothing_in_the_next(
    start_windows: StartWindows, server: OwnRedis
) -> None:
    windows = await start_windows()
    taken = await take(windows, 10)
    server.flush()
    assert (await take(windows, 1)).verdict is Verdict.NO_ROOM
    await windows.grant(ACCOUNT, PLAN, want=0, minimum=0, unused=[(taken.mark, 10)])
    assert (await take(windows, 1)).verdict is Verdict.NO_ROOM


async def test_a_worker_that_ended_leaves_behind_what_it_admitted(
    start_windows: StartWindows, server: OwnRedis
) -> None:
    stays, leaves = await start_windows(), await start_windows()
    await take(leaves, 9)
    await leaves.grant(ACCOUNT, PLAN, want=0, minimum=0)
    await leaves.close()
    server.flush()
    assert (await take(stays, 2)).verdict is Verdict.NO_ROOM
    assert (await take(stays, 1)).verdict is Verdict.GRANTED


async def test_many_that_find_the_same_loss_begin_one_epoch(start_windows: StartWindows, server: OwnRedis) -> None:
    workers = [await start_windows() for _ in range(3)]
    for one in workers:
        await take(one, 1, Slots(0, 0, 0))
    server.flush()
    await asyncio.gather(*(take(one, 1, Slots(0, 0, 0)) for one in workers for _ in range(2)))
    assert [one.epochs.of(ACCOUNT[0]).epoch for one in workers] == [2, 2, 2]


async def test_an_epoch_whose_beginner_died_is_begun_again_by_another(
    start_windows: StartWindows, database_url: str
) -> None:
    windows = await start_windows()
    await take(windows, 9)
    connections = Connections(database_url, size=1)
    async with connections.use() as connection:
        await connection.execute("update gsb.window_epoch set is_open = false, epoch = 7, begun_by = gen_random_uuid()")
    await connections.close()
    windows.epochs.lost(windows.epochs.of(ACCOUNT[0]), 1)
    assert (await take(windows, 2)).verdict is Verdict.NO_ROOM
    assert windows.epochs.of(ACCOUNT[0]).epoch == 8


async def test_a_database_that_is_older_than_what_redis_holds_begins_above_it(
    start_windows: StartWindows, server: OwnRedis
) -> None:
    with blocking_redis.Redis.from_url(server.url) as client:
        client.set(epoch_key(ACCOUNT[0]), 41)
    windows = await start_windows()
    assert (await take(windows, 1)).verdict is Verdict.GRANTED
    assert windows.epochs.of(ACCOUNT[0]).epoch == 42
