"""Work that goes on beside the main one until it is cancelled: a failure is logged and tried again, and ends none."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from publicgsb.platform.kernel.errors import GsbError

AGAIN_SECONDS = 5.0

log = logging.getLogger(__name__)


async def for_ever(what: str, work: Callable[[], Awaitable[object]], every_seconds: float) -> None:
    """`work` at once and then every so many seconds; after a failure no later than in AGAIN_SECONDS."""
    while True:
        pause = every_seconds
        try:
            await work()
        except GsbError as away:
            log.warning("%s waits: %s", what, away.message)
            pause = min(every_seconds, AGAIN_SECONDS)
        except Exception:
            log.exception("%s failed; it is tried again", what)
            pause = min(every_seconds, AGAIN_SECONDS)
        await asyncio.sleep(pause)
