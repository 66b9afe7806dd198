"""A disk without room is told apart from a server that is away."""

import errno

import asyncpg
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.full_disk import REASON, is_full, no_room

FULL = "do $$ begin raise exception using errcode = '53100'; end $$"


async def test_a_connection_whose_server_has_no_room_stays_of_use(connections: Connections) -> None:
    async with connections.use() as connection:
        before = await connection.fetchval("select pg_backend_pid()")
    with pytest.raises(Unavailable) as told:
        async with connections.use() as connection:
            await connection.execute(FULL)
    assert told.value.details["reason"] == REASON and "database" in told.value.message
    async with connections.use() as connection:
        assert await connection.fetchval("select pg_backend_pid()") == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_every_way_in_which_a_disk_is_full_is_one(number: int) -> None:
    assert is_full(OSError(number, "x"))
    assert no_room(OSError(number, "x")).retry_after_seconds


@pytest.mark.parametrize("error", [OSError(errno.ECONNRESET, "x"), asyncpg.TooManyConnectionsError("x"), ValueError()])
def test_what_is_no_full_disk_is_none(error: Exception) -> None:
    assert not is_full(error)
