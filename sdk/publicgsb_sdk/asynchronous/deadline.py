"""Waiting in tasks of asyncio: one deadline for a whole call. `../deadline.py` is the same for threads.

asyncio is imported where it is used: whoever waits in it has loaded it, and `AsyncClient` alone is half as dear.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from publicgsb_sdk.countdown import Countdown
from publicgsb_sdk.errors import InvalidRequest

Value = TypeVar("Value")
AsyncSleep: TypeAlias = Callable[[float], Awaitable[None]]


async def sleep(seconds: float) -> None:
    """While other tasks go on."""
    import asyncio  # noqa: PLC0415

    await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class AsyncTimes:
    """How long to wait, and by which clock."""

    timeout_seconds: float
    deadline_seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: AsyncSleep = sleep


class AsyncDeadline(Countdown):
    """Counts down from the moment it is made, and lets no work overstay."""

    async def run(self, work: Callable[[], Awaitable[Value]]) -> Value:
        """Do the work, but cancel it when the time is up.

        Timeouts of sockets bound one read each; a server that sends a byte now and then outlasts them all.
        """
        import asyncio  # noqa: PLC0415

        _require_asyncio()
        if self.left() <= 0:
            raise self.exceeded()
        limit = asyncio.timeout(self.left())
        try:
            async with limit:
                return await work()
        except TimeoutError:
            if limit.expired():
                raise self.exceeded() from None
            raise  # the work's own


async def aside(work: Callable[..., Value], *given: Any) -> Value:
    """Long computing, in a thread, so that other tasks go on."""
    import asyncio  # noqa: PLC0415

    return await asyncio.to_thread(work, *given)


def _require_asyncio() -> None:
    import asyncio  # noqa: PLC0415

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise InvalidRequest(
            "AsyncClient works in asyncio only.", hint="In trio or curio, use Client in a thread of theirs."
        ) from None
