"""What is logged of an exception: kinds, codes and places, and no value that its words quote."""

import asyncio
import io
import logging
from collections.abc import Iterator

import asyncpg
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.kernel.pulse import Event, Pulse, announce
from publicgsb.platform.server.for_ever import for_ever
from publicgsb.platform.server.logs import JsonLines
from publicgsb.platform.server.tracebacks import FRAMES_MAX, told

CELL = "0012345679"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that the root logger writes, as it is written to stderr."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


async def _break_a_constraint(connections: Connections) -> None:
    async with connections.use() as connection:
        await connection.execute("create temporary table people (id text constraint one_each primary key)")
        await connection.execute(f"insert into people values ('{CELL}'), ('{CELL}')")


async def test_of_what_the_database_refuses_its_names_stay_and_the_row_does_not(
    connections: Connections, log: io.StringIO
) -> None:
    failed = asyncio.Event()

    async def work() -> None:
        try:
            await _break_a_constraint(connections)
        finally:
            failed.set()

    working = asyncio.create_task(for_ever("tidying", work, 60.0))
    async with asyncio.timeout(60):
        await failed.wait()
        while "tidying failed" not in log.getvalue():
            await asyncio.sleep(0.01)
    working.cancel()
    written = log.getvalue()
    assert CELL not in written and "Key (id)" not in written
    for name in ("asyncpg.exceptions.UniqueViolationError", "23505", "one_each", "in _break_a_constraint"):
        assert name in written


async def test_the_pulse_quotes_nothing_of_an_event_that_broke_its_handler(
    connections: Connections, log: io.StringIO
) -> None:
    pulse = Pulse(connections, "tests")

    async def handler(event: Event) -> None:
        int(event.payload["cell"])

    pulse.on("tests", handler)
    await pulse.start()
    async with connections.transaction() as connection:
        await announce(connection, "tests", {"cell": f"cell {CELL}"})
    async with asyncio.timeout(60):
        while "pulse handler failed" not in log.getvalue():
            await asyncio.sleep(0.01)
    await pulse.stop()
    assert CELL not in log.getvalue() and "builtins.ValueError" in log.getvalue()


async def test_a_task_that_nobody_awaits_quotes_nothing_either(log: io.StringIO) -> None:
    """asyncio's own words on it, which show the task with its exception, the call with its arguments."""
    told_by_asyncio = asyncio.get_running_loop().default_exception_handler
    error = ValueError(CELL)
    told_by_asyncio({"message": "Task exception was never retrieved", "exception": error, "future": _failed(error)})
    told_by_asyncio({"message": f"Exception in callback call('{CELL}')", "exception": error})
    assert CELL not in log.getvalue()
    assert "never retrieved" in log.getvalue() and "Exception in callback call" in log.getvalue()


def _failed(error: Exception) -> "asyncio.Future[None]":
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    future.exception()
    return future


def test_the_whole_chain_is_told_with_codes() -> None:
    try:
        try:
            raise OSError(28, f"No space left for {CELL}")
        except OSError as full:
            raise NotFound(f"There is no {CELL}.", reason="gone") from full
    except NotFound as error:
        text = told(ExceptionGroup(CELL, [error]))
    assert CELL not in text
    assert "NotFound (NOT_FOUND gone)" in text and "because of builtins.OSError (ENOSPC)" in text


def test_a_recursion_and_a_circle_of_exceptions_are_short() -> None:
    def down() -> None:
        down()

    first, second = ValueError(CELL), KeyError(CELL)
    first.__cause__, second.__cause__ = second, first
    assert len(told(first).splitlines()) < 20
    try:
        down()
    except RecursionError as error:
        assert len(told(error).splitlines()) <= FRAMES_MAX + 2


def test_what_asyncpg_says_of_an_argument_is_not_told() -> None:
    assert CELL not in told(asyncpg.DataError(f"invalid input for query argument $1: '{CELL}'"))
