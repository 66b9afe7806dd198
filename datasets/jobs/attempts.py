"""Attempts at publishers' files, one after another, of which each may end its process; what is told of one in vain."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import GsbError, Internal, TimedOut, Unavailable

ATTEMPTS_MAX = 3
AT_A_TIME = 16
PAUSE_SECONDS = 10.0  # before what was claimed is claimed again

log = logging.getLogger(__name__)


async def each_claimed(
    connections: Connections,
    claim: Callable[[Connection, float], Awaitable[str | None]],
    work: Callable[[str], Awaitable[None]],
) -> int:
    """Works on what is claimed, each by its id, until nothing waits; how many were tried."""
    for tried in range(AT_A_TIME):
        async with connections.transaction() as connection:
            claimed = await claim(connection, PAUSE_SECONDS)
        if claimed is None:
            return tried
        await work(claimed)
    return AT_A_TIME


async def attempted(
    request_id: str,
    attempt: int,
    work: Callable[[], Awaitable[None]],
    failed: Callable[[dict[str, Any]], Awaitable[None]],
    what: str,
) -> None:
    """Does the work, or tells `failed` why not. Raises Unavailable or TimedOut while another attempt is left."""
    try:
        if attempt > ATTEMPTS_MAX:  # each of them ended its process
            raise Internal("The file could not be read; each attempt ended its process.", reason="attempts")
        await work()
    except (Unavailable, TimedOut) as away:
        if attempt < ATTEMPTS_MAX:
            raise  # the database is away, or the disk is full: the attempt is begun again
        await failed(away.as_problem(request_id))
    except GsbError as error:
        await failed(error.as_problem(request_id))
    except Exception as error:
        log.error("%s %s broke: %s", what, request_id, type(error).__name__)  # its words may quote a cell
        await failed(Internal(f"The {what} broke on our side.").as_problem(request_id))
