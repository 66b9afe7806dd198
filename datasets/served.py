"""What a worker tells of a release it serves: no answer about a job or submission is ahead of the worker's registry.

The database knows of a release from its commit on, a worker from the next event of the pulse on. Whoever reads in
between that a release is there follows its links to a worker that has none yet; so the answer waits for the event.
"""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from publicgsb.platform.kernel.errors import Unavailable

WAIT_SECONDS = 2.0  # an event takes moments; longer than this a worker is cut off, or its replica is behind

# Whether a registry version is served here within so many seconds; it waits for the swap, and looks at nothing again.
Served: TypeAlias = Callable[[int, float], Awaitable[bool]]


async def all_served(version: int, timeout_seconds: float) -> bool:
    """Where nothing is served: what is told cannot be ahead of it."""
    return True


async def until_served(served: Served, version: int | None) -> None:
    """Returns once registry `version`, at which a release became current, is served here; None: there is no release.

    Raises Unavailable (`behind`) after `WAIT_SECONDS`: what is asked for is true, and cannot be acted upon here yet.
    """
    if version is not None and not await served(version, WAIT_SECONDS):
        raise Unavailable(
            "A release was published that this worker cannot serve yet.",
            reason="behind",
            hint="Ask again in a moment.",
            retry_after_seconds=1,
        )
