"""How processes hear of each other: in commit order, soon, and never less than they acknowledge."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Event, Pulse, announce, barrier, prune


@asynccontextmanager
async def listening(connections: Connections) -> AsyncIterator[tuple[Pulse, list[int]]]:
    pulse, heard = Pulse(connections, "test"), []

    async def hear(event: Event) -> None:
        heard.append(event.payload["n"])

    pulse.on("number", hear)
    await pulse.start()
    try:
        yield pulse, heard
    finally:
        await pulse.stop()


async def say(connections: Connections, n: int) -> int:
    async with connections.transaction() as connection:
        return await announce(connection, "number", {"n": n})


async def test_every_process_has_heard_when_the_barrier_says_everywhere(connections: Connections) -> None:
    async with listening(connections) as (_, first), listening(connections) as (_, second):
        for n in range(30):
            assert (await barrier(connections, await say(connections, n))).is_everywhere
            assert first[-1] == second[-1] == n
    assert first == second == list(range(30))


async def test_events_of_concurrent_transactions_are_heard_once_and_in_commit_order(connections: Connections) -> None:
    committed: list[tuple[int, int]] = []

    async def one(n: int) -> None:
        committed.append((await say(connections, n), n))

    async with listening(connections) as (_, heard):
        await asyncio.gather(*(one(n) for n in range(100)))
        await barrier(connections, max(committed)[0])
    assert heard == [n for _, n in sorted(committed)]


async def test_an_event_that_is_rolled_back_never_was(connections: Connections) -> None:
    async with listening(connections) as (_, heard):
        with pytest.raises(ZeroDivisionError):
            async with connections.transaction() as connection:
                await announce(connection, "number", {"n": 1})
                raise ZeroDivisionError
        await barrier(connections, await say(connections, 2))
    assert heard == [2]


async def test_an_event_that_fits_no_notification_is_heard_in_its_turn(connections: Connections) -> None:
    async with listening(connections) as (_, heard):
        await say(connections, 1)
        async with connections.transaction() as connection:
            await announce(connection, "number", {"n": 2, "text": "داده" * 5_000})
        assert (await barrier(connections, await say(connections, 3))).is_everywhere
    assert heard == [1, 2, 3]


async def test_a_notification_that_says_nothing_does_no_harm(connections: Connections) -> None:
    async with listening(connections) as (_, heard):
        async with connections.use() as connection:
            for hint in ("", "7", "[]", "{}", '{"seq": 1}'):
                await connection.execute("select pg_notify('gsb_pulse', $1)", hint)
        assert (await barrier(connections, await say(connections, 1))).is_everywhere
    assert heard == [1]


async def test_an_event_whose_handler_failed_is_handled_again(connections: Connections) -> None:
    tried: list[int] = []

    async def fail_once(event: Event) -> None:
        tried.append(event.seq)
        if len(tried) == 1:
            raise RuntimeError("not yet")

    async with listening(connections) as (pulse, heard):
        pulse.on("other", fail_once)
        async with connections.transaction() as connection:
            seq = await announce(connection, "other", {})
        assert (await barrier(connections, seq)).is_everywhere
        await barrier(connections, await say(connections, 1))
    assert tried == [seq, seq]
    assert heard == [1]


async def test_a_process_that_does_not_answer_is_counted_as_behind(connections: Connections) -> None:
    async with listening(connections) as (deaf, _):
        assert deaf._task is not None
        deaf._task.cancel()
        reached = await barrier(connections, await say(connections, 1), timeout_seconds=0.2)
    assert (reached.workers, reached.behind) == (1, 1)


async def test_a_process_that_fell_silent_holds_nobody_up_for_longer_than_its_fence(connections: Connections) -> None:
    """By then it answers nothing from memory, so "everywhere" is true: what it was to be told need not wait for it."""
    async with listening(connections) as (silent, _):
        assert silent._task is not None
        silent._task.cancel()
        reached = await barrier(connections, await say(connections, 1))
        assert not silent.is_fresh
    assert (reached.workers, reached.behind) == (0, 0)


async def test_a_lost_connection_is_replaced_and_nothing_is_missed(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publicgsb.platform.kernel.pulse.FENCE_SECONDS", 60.0)  # so long may a new connection take
    lost: list[float] = []
    async with listening(connections) as (pulse, heard):
        pulse.on_contact_lost(lambda: lost.append(time.monotonic()))
        async with connections.use() as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                " and datname = current_database() and query like '%gsb.worker%'"
            )
        seq = await say(connections, 7)
        with anyio.fail_after(60):
            while not heard:
                await anyio.sleep(0.01)
        assert (await barrier(connections, seq)).is_everywhere
    assert heard == [7]
    assert lost == []  # it took less than the fence


async def test_a_process_declared_dead_begins_again_and_says_so(connections: Connections) -> None:
    reborn: list[bool] = []
    async with listening(connections) as (pulse, heard):

        async def begin_again() -> None:
            reborn.append(pulse.is_fenced)

        pulse.on_reborn(begin_again)
        before = pulse.boot_id
        async with connections.use() as connection:
            await connection.execute("update gsb.worker set fenced_at = now()")
        seq = await say(connections, 3)
        with anyio.fail_after(60):
            # What NOTIFY told is handled before the beat which finds that this process was declared dead.
            while not heard or pulse.boot_id == before or pulse.is_fenced:
                await anyio.sleep(0.01)
        assert pulse.is_fresh
        assert (await barrier(connections, seq)).is_everywhere
    assert reborn == [True]


async def test_only_old_events_that_all_have_seen_are_dropped(connections: Connections) -> None:
    async with listening(connections):
        seq = await say(connections, 1)
        await barrier(connections, seq)
        await prune(connections)
        async with connections.use() as connection:
            assert await connection.fetchval("select count(*) from gsb.event") == 1
            await connection.execute("update gsb.event set at = now() - interval '2 days'")
            await prune(connections)
            assert await connection.fetchval("select count(*) from gsb.event") == 0
