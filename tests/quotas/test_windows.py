"""The script against a real server: exact in every true window, all or nothing, and honest when the server is away."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import anyio
import pytest
from redis.asyncio import Redis

from publicgsb.quotas.epochs import service
from publicgsb.quotas.model import Account, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.windows import Slots, Verdict, Windows, window_key

from .conftest import StartWorker
from .hammer import plan_of
from .processes import last_answer, start

ACCOUNT: Account = (5, 50)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    redis = Redis.from_url(redis_url)
    yield redis
    await redis.aclose()


@pytest.fixture
async def windows(start_worker: StartWorker) -> Windows:
    windows = (await start_worker()).purses._windows
    await windows.opened(ACCOUNT)
    return windows


def _most_in_any(grants: list[tuple[int, int]], span_ms: int) -> int:
    """The most units in any true span, by brute force over the grants in order of time."""
    grants = sorted(grants)
    most = total = first = 0
    for at, units in grants:
        total += units
        while grants[first][0] <= at - span_ms:
            total -= grants[first][1]
            first += 1
        most = max(most, total)
    return most


async def test_four_processes_never_exceed_the_limit_in_any_window_and_nearly_reach_it(
    database_url: str, redis_url: str
) -> None:
    running = [start("hammer.py", database_url, redis_url, 100, 1, 4, seed) for seed in range(4)]
    answers = [await anyio.to_thread.run_sync(last_answer, one) for one in running]
    grants = [(at, units) for answer in answers for at, units in answer]
    assert 90 <= _most_in_any(grants, 1_000) <= 100


async def test_a_window_without_room_refuses_for_all_and_charges_none(windows: Windows) -> None:
    plan = _plan(100, 40)
    await windows.grant(ACCOUNT, plan, want=35, minimum=35)
    refused = await windows.grant(ACCOUNT, plan, want=10, minimum=10)
    assert refused.verdict is Verdict.NO_ROOM
    assert refused.policy is plan.windows[1]
    assert [state.remaining for state in refused.states] == [65, 5]


async def test_a_grant_is_cut_to_the_smallest_room(windows: Windows) -> None:
    granted = await windows.grant(ACCOUNT, _plan(100, 40), want=70, minimum=1)
    assert granted.granted == 40


async def test_more_than_the_limit_never_fits_and_names_the_window(windows: Windows) -> None:
    plan = _plan(100, 40)
    refused = await windows.grant(ACCOUNT, plan, want=41, minimum=41)
    assert (refused.verdict, refused.policy) == (Verdict.NEVER_FITS, plan.windows[1])


@pytest.mark.parametrize(("want", "minimum"), [(-1, -1), (1, 2), (5, -5)])
async def test_negative_units_reach_no_window(windows: Windows, want: int, minimum: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        await windows.grant(ACCOUNT, _plan(10, 10), want=want, minimum=minimum)


async def test_given_back_units_fit_again_and_no_more_than_were_taken_are_given_back(windows: Windows) -> None:
    plan = _plan(10, 10)
    taken = await windows.grant(ACCOUNT, plan, want=10, minimum=10)
    again = await windows.grant(ACCOUNT, plan, want=4, minimum=4, unused=[(taken.mark, 4)])
    assert again.verdict is Verdict.GRANTED
    seen = await windows.grant(ACCOUNT, plan, want=0, minimum=0, unused=[(taken.mark, 1_000)])
    assert [state.remaining for state in seen.states] == [10, 10]


async def test_every_key_of_an_account_expires_and_stands_on_the_node_of_its_organisation(
    windows: Windows, redis: Redis
) -> None:
    await windows.grant(ACCOUNT, _plan(10, 10), want=1, minimum=1, slots=Slots(0, 1, 1))
    keys = [key for key in await redis.keys("*") if isinstance(key, bytes)]
    assert len(keys) == 3  # and the epoch
    assert all(key.startswith(b"{o:5}:") for key in keys)
    assert all([await redis.pttl(key) > 0 for key in keys])
    assert window_key(ACCOUNT, _plan(10, 10).windows[0]).encode() in keys


@pytest.mark.parametrize("is_redis_there", [True, False])
async def test_both_stores_answer_the_same_calls_alike(
    start_worker: StartWorker, redis_url: str, is_redis_there: bool
) -> None:
    """All that a reply says, but for the clock: a caller cannot tell which store holds its windows."""
    windows = (await start_worker()).purses._windows
    windows._redis.is_away = not is_redis_there
    await windows.opened(ACCOUNT)
    plan = with_slots(_plan(10, 40), 3)
    seen: list[tuple[object, ...]] = []
    unused: list[tuple[int, int]] = []
    for want, minimum, slots in CALLS:
        grant = await windows.grant(ACCOUNT, plan, want=want, minimum=minimum, slots=slots, unused=unused)
        seen.append((grant.verdict, grant.granted, grant.slots, grant.slots_used, grant.policy and grant.policy.name))
        assert grant.verdict is not Verdict.NO_ROOM or 9_000 < grant.wait_ms <= 10_605
        seen.append(tuple(state.remaining for state in grant.states))
        unused = [(grant.mark, 2)] if grant.granted > 2 else []
    assert seen == REPLIES
    assert (windows.epochs.of(ACCOUNT[0]).server is not None) is is_redis_there


@pytest.mark.parametrize("is_redis_there", [True, False])
async def test_after_the_wait_that_a_refusal_tells_the_same_units_fit(
    start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch, is_redis_there: bool
) -> None:
    monkeypatch.setattr(service, "PROBES_GOOD", 1_000)  # Redis is there in truth, and is not gone back to meanwhile
    windows = (await start_worker()).purses._windows
    windows._redis.is_away = not is_redis_there
    await windows.opened(ACCOUNT)
    plan, chance, refusals = plan_of(20, 1), random.Random(11), 0
    while refusals < 5:
        units = chance.randint(3, 12)
        grant = await windows.grant(ACCOUNT, plan, want=units, minimum=units)
        if grant.verdict is Verdict.NO_ROOM:
            refusals += 1
            await asyncio.sleep(grant.wait_ms / 1_000)
            grant = await windows.grant(ACCOUNT, plan, want=units, minimum=units)
        assert grant.verdict is Verdict.GRANTED
    assert (windows.epochs.of(ACCOUNT[0]).server is not None) is is_redis_there


CALLS = [
    (4, 4, Slots(0, 2, 1)), (50, 1, Slots(1, 9, 1)),
    (3, 3, Slots(0, 1, 1)), (5, 1, Slots(3, 2, 1)), (0, 0, Slots(2, 0, 0)),
    (11, 11, Slots(2, 1, 1)),
]  # fmt: skip
REPLIES = [
    (Verdict.GRANTED, 4, 2, 2, None), (6, 36),
    (Verdict.GRANTED, 8, 2, 3, None), (0, 30),
    (Verdict.NO_ROOM, 0, 0, 0, "burst"), (2, 32),
    (Verdict.NO_SLOT, 0, 0, 3, "concurrency"), (2, 32),
    (Verdict.GRANTED, 0, 0, 2, None), (2, 32),
    (Verdict.NEVER_FITS, 0, 0, 2, "burst"), (2, 32),
]  # fmt: skip


def _plan(first: int, second: int) -> Plan:
    """Two windows of 10 and 100 seconds."""
    plan = plan_of(first, 10)
    burst, long, month = plan.policies
    return Plan("two", (burst, replace(long, limit=second), month))


def with_slots(plan: Plan, limit: int) -> Plan:
    slots = Policy("concurrency", PolicyKind.CONCURRENCY, limit, PolicyUnit.REQUESTS)
    return Plan(plan.name, (*plan.policies, slots))
