"""The shared counts on a real store: one limit over all workers, told again after a loss, and bounded."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas.edge.counts import ADDRESSES_MAX, Addresses, Asked, SharedCounts
from publicgsb.quotas.redis_client import RedisClient, connect


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    redis = Redis.from_url(redis_url)
    yield redis
    await redis.aclose()


def _worker(redis: RedisClient) -> SharedCounts:
    return SharedCounts(redis, BootId(uuid4()))


def _asked(limit: int, *, taken: int = 0, left_ms: int = 0, want: int = 1) -> Asked:
    return Asked(limit, 3600, taken, left_ms, want)


async def _drained(worker: SharedCounts, limit: int, want: int) -> int:
    total = 0
    while (granted := await worker.take("key", _asked(limit, taken=total, want=want))).units:
        total += granted.units
    return total


async def test_workers_together_get_the_limit_and_no_more(redis: Redis) -> None:
    first, second = _worker(redis), _worker(redis)
    assert (await first.take("key", _asked(100, want=40))).units == 12  # an eighth of the room
    assert await _drained(second, 100, 40) == 88
    assert (await first.take("key", _asked(100, taken=12))).units == 0


async def test_two_limits_do_not_touch_each_other(redis: Redis) -> None:
    worker = _worker(redis)
    assert await _drained(worker, 5, 1) == 5
    assert (await worker.take("other", _asked(5))).units == 1


async def test_what_a_wiped_store_has_forgotten_is_told_again(redis: Redis) -> None:
    worker = _worker(redis)
    assert await _drained(worker, 10, 1) == 10
    await redis.flushdb()
    granted = await worker.take("key", _asked(10, taken=10, left_ms=5_000))
    assert (granted.units, granted.left_ms) == (0, 5_000)


async def test_what_was_admitted_while_the_store_was_away_counts(redis: Redis) -> None:
    first, second = _worker(redis), _worker(redis)
    assert (await first.take("key", _asked(10, taken=7, left_ms=60_000))).units == 1
    assert await _drained(second, 10, 1) == 2


async def test_a_worker_that_asks_again_after_a_lost_answer_gets_nothing_twice(redis: Redis) -> None:
    worker = _worker(redis)
    await worker.take("key", _asked(2))  # the answer is lost, so the worker says again that it took none
    assert (await worker.take("key", _asked(2))).units == 1
    assert (await worker.take("key", _asked(2))).units == 0


async def test_every_count_ends_with_its_window(redis: Redis) -> None:
    granted = await _worker(redis).take("key", _asked(10))
    (key,) = await redis.keys("*")
    assert 0 < await redis.pttl(key) <= granted.left_ms <= 3_600_000


async def test_a_store_that_is_away_is_said_to_be() -> None:
    redis = connect("unix:///nowhere/there.sock", timeout_seconds=0.1)
    with pytest.raises(Unavailable):
        await _worker(redis).take("key", _asked(10))
    await redis.aclose()


def test_addresses_have_few_names_that_tell_nothing_of_them() -> None:
    names = Addresses(b"secret")
    found = {names.name(f"203.0.113.{number}") for number in range(256)}
    assert all(int(name, 16) < ADDRESSES_MAX for name in found)
    assert len(found) > 250
    assert names.name("203.0.113.7") == Addresses(b"secret").name("203.0.113.7")
    assert names.name("203.0.113.7") != Addresses(b"other").name("203.0.113.7")
