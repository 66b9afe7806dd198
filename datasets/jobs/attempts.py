"""One attempt at a publisher's file, of which each may end its process: what is told when it comes to nothing."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from publicgsb.platform.kernel.errors import GsbError, Internal, TimedOut, Unavailable

ATTEMPTS_MAX = 3

log = logging.getLogger(__name__)


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
