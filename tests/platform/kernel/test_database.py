"""Held connections: bounded, shared fairly, dropped when they are broken, and errors that say what is wrong."""

import asyncio

import asyncpg
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import TimedOut, Unavailable


async def pid(connections: Connections) -> int:
    async with connections.use() as connection:
        found: int = await connection.fetchval("select pg_backend_pid()")
        return found


async def test_a_connection_is_held_and_used_again(database_url: str) -> None:
    connections = Connections(database_url, size=2)
    assert await pid(connections) == await pid(connections)
    await connections.close()


async def test_no_more_than_its_size_are_open_and_waiting_callers_get_their_turn(database_url: str) -> None:
    connections = Connections(database_url, size=2)
    pids = await asyncio.gather(*(pid(connections) for _ in range(20)))
    assert len(set(pids)) <= 2
    await connections.close()


async def test_a_full_queue_refuses_the_next(database_url: str) -> None:
    connections = Connections(database_url, size=1, waiting_max=0)
    async with connections.use():
        with pytest.raises(Unavailable) as refused:
            await connections.acquire()
    assert refused.value.details["reason"] == "overload"
    assert refused.value.retry_after_seconds == 1
    await connections.close()


async def test_a_slow_statement_is_a_time_out_and_the_connection_lives_on(database_url: str) -> None:
    connections = Connections(database_url, size=1, server_settings={"statement_timeout": "2000"})
    before = await pid(connections)
    with pytest.raises(TimedOut):
        async with connections.use() as connection:
            await connection.execute("select pg_sleep(60)")
    assert await pid(connections) == before
    await connections.close()


async def test_a_connection_that_the_server_ended_is_replaced(database_url: str, connections: Connections) -> None:
    own = Connections(database_url, size=1)
    with pytest.raises(Unavailable):
        async with own.use() as connection:
            before = await connection.fetchval("select pg_backend_pid()")
            async with connections.use() as other:
                assert await other.fetchval("select pg_terminate_backend($1, 60000)", before)
            await connection.execute("select 1")
    assert await pid(own) != before
    await own.close()


async def test_a_cancelled_caller_gives_its_place_back(database_url: str) -> None:
    connections = Connections(database_url, size=1)

    async def slow() -> None:
        async with connections.use() as connection:
            await connection.execute("select pg_sleep(3600)")

    task = asyncio.create_task(slow())
    waiting = asyncio.create_task(pid(connections))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await asyncio.wait_for(waiting, 60)
    await connections.close()


async def test_a_wrong_query_is_nobody_s_outage(connections: Connections) -> None:
    with pytest.raises(asyncpg.UndefinedColumnError):
        async with connections.use() as connection:
            await connection.execute("select nope")


async def test_a_server_that_is_not_there_is_unavailable(state_dir: object) -> None:
    connections = Connections(f"postgresql://u@/d?host={state_dir}", size=1)
    with pytest.raises(Unavailable):
        await pid(connections)


async def test_the_reader_may_select_released_tables_and_nothing_else(
    database_url: str, connections: Connections
) -> None:
    async with connections.use() as connection:
        await connection.execute("create table released.x (a int); insert into released.x values (1)")
    reader = Connections(
        database_url, size=1, server_settings={"role": "gsb_reader", "default_transaction_read_only": "on"}
    )
    async with reader.use() as connection:
        assert await connection.fetchval("select a from released.x") == 1
        for statement in ("select * from gsb.api_key", "select * from gsb.event"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute("insert into released.x values (2)")
    await reader.close()


async def test_a_line_that_answers_nothing_is_given_up_and_the_idle_ones_with_it(database_url: str) -> None:
    connections = Connections(database_url, size=2, watchdog_seconds=2.0)
    first, second = await connections.acquire(), await connections.acquire()
    connections.release(second)
    with pytest.raises(Unavailable):
        async with connections.use() as connection:
            assert connection is second
            connections.release(first)
            await connection.execute("select pg_sleep(30)")
    assert first.is_closed()
    assert await pid(connections)
    await connections.close()


async def test_a_connection_given_up_between_two_steps_of_a_call_is_an_outage_and_no_error_of_ours(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = Connections(database_url, size=1)
    prepare = asyncpg.Connection._get_statement  # type: ignore[attr-defined]

    async def prepare_and_lose(self: object, *args: object, **named: object) -> object:
        found = await prepare(self, *args, **named)
        self.terminate()  # type: ignore[attr-defined]
        return found

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "_get_statement", prepare_and_lose)
        with pytest.raises(Unavailable):
            await pid(connections)
    assert await pid(connections)
    await connections.close()


async def test_one_that_gives_up_in_the_moment_of_a_release_breaks_nothing(database_url: str) -> None:
    """Cancelled, and passed over by the release before it could hear of it: it is not in the queue any more."""
    connections = Connections(database_url, size=1)
    held = await connections.acquire()
    first, second = asyncio.create_task(pid(connections)), asyncio.create_task(pid(connections))
    await asyncio.sleep(0)
    first.cancel()
    connections.release(held)
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await second == held.get_server_pid()
    await connections.close()
