"""Each share of a limit is said once: whoever looks, restarts or looks beside another; a raised limit is a new one."""

import asyncio

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import QuotaExhausted
from publicgsb.quotas.thresholds import raise_thresholds

from .conftest import SetPlan, StartWorker


async def _account(
    connections: Connections, allotted: int, *, lim: int = 1000, used: int = 0, policy: str = "month", ended: str = "0"
) -> None:
    async with connections.use() as connection:
        await connection.execute(
            """
            insert into gsb.quota_account
              (organisation_id, application_id, policy, period_start, period_end, lim, allotted, used)
            values (3, 30, $1, date_trunc('month', now()), now() + interval '1 day' - $5::text::interval, $2, $3, $4)
            on conflict (organisation_id, application_id, policy, period_start)
            do update set lim = excluded.lim, allotted = excluded.allotted, used = excluded.used
            """,
            policy, lim, allotted, used, ended,
        )  # fmt: skip


async def _said(connections: Connections) -> list[int]:
    return [reached.percent for reached in await raise_thresholds(connections)]


@pytest.mark.parametrize(
    ("allotted", "said"),
    [(0, []), (799, []), (800, [80]), (949, [80]), (950, [80, 95]), (999, [80, 95]), (1000, [80, 95, 100])],
)
async def test_a_share_is_said_when_it_is_reached_to_the_unit(
    connections: Connections, allotted: int, said: list[int]
) -> None:
    await _account(connections, allotted)
    assert await _said(connections) == said


async def test_nothing_is_said_twice(connections: Connections) -> None:
    await _account(connections, 800)
    assert await _said(connections) == [80]
    assert await _said(connections) == []
    await _account(connections, 700)
    await _account(connections, 960)
    assert await _said(connections) == [95]


async def test_two_that_look_at_once_say_it_once(connections: Connections) -> None:
    await _account(connections, 1000)
    both = await asyncio.gather(_said(connections), _said(connections))
    assert sorted(both[0] + both[1]) == [80, 95, 100]
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.outbox where kind = 'quota.threshold'") == 3


async def test_of_a_raised_limit_the_shares_are_said_anew(connections: Connections) -> None:
    await _account(connections, 1000)
    assert await _said(connections) == [80, 95, 100]
    await _account(connections, 1000, lim=2000)
    assert await _said(connections) == []
    await _account(connections, 1600, lim=2000)
    assert await _said(connections) == [80]


async def test_of_a_lowered_limit_nothing_is_said_again(connections: Connections) -> None:
    await _account(connections, 850)
    assert await _said(connections) == [80]
    await _account(connections, 850, lim=900)
    assert await _said(connections) == []


async def test_who_has_nothing_left_of_a_lowered_limit_hears_of_it(
    connections: Connections, start_worker: StartWorker, make_plan: SetPlan
) -> None:
    """So does an organisation whose plan went down a step: it was refused until the month's end, and heard nothing."""
    await make_plan(month=1_000_000)
    await make_plan("smaller", month=400)
    purses = (await start_worker()).purses
    (await purses.take((3, 30), "small", 500)).settle(500)
    assert await _said(connections) == []
    with pytest.raises(QuotaExhausted):
        await purses.take((3, 30), "smaller", 1)
    reached = await raise_thresholds(connections)
    assert [(one.percent, one.limit, one.used) for one in reached] == [(80, 500, 500), (95, 500, 500), (100, 500, 500)]


async def test_points_of_a_month_and_bytes_of_a_day_are_told_apart(connections: Connections) -> None:
    await _account(connections, 800)
    await _account(connections, 800, policy="files_day")
    reached = await raise_thresholds(connections)
    assert {(one.policy, one.percent) for one in reached} == {("month", 80), ("files_day", 80)}


@pytest.mark.parametrize(("ended", "said"), [("1 day 59 minutes", [80]), ("1 day 61 minutes", [])])
async def test_a_period_that_has_just_ended_still_counts(connections: Connections, ended: str, said: list[int]) -> None:
    await _account(connections, 800, ended=ended)
    assert await _said(connections) == said


async def test_the_message_tells_what_is_used_and_what_is_set_aside(
    connections: Connections, make_plan: SetPlan, start_worker: StartWorker
) -> None:
    await make_plan(month=100)
    worker = await start_worker()
    taken = await worker.purses.take((3, 30), "small", 90)
    (reached,) = await raise_thresholds(connections)
    assert (reached.percent, reached.limit) == (80, 100)
    assert 90 <= reached.used + reached.reserved < 95
    taken.settle(90)
    async with connections.use() as connection:
        row = await connection.fetchrow("select organisation_id, payload->>'policy' as policy from gsb.outbox")
    assert row is not None
    assert (row["organisation_id"], row["policy"]) == (3, "month")
