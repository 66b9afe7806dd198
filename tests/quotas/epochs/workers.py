"""Workers at a store that a test may do anything to: what each is, and how it takes units to the end."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeAlias

import anyio

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.quotas.model import Account, Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.redis_client import close, connect
from publicgsb.quotas.windows import Slots, Verdict, WindowGrant, Windows

ACCOUNT: Account = (5, 50)
PLAN = Plan(
    "ten",
    (
        Policy("burst", PolicyKind.WINDOW, 10, PolicyUnit.POINTS, window_seconds=60),
        Policy("concurrency", PolicyKind.CONCURRENCY, 2, PolicyUnit.REQUESTS),
        Policy("month", PolicyKind.PERIOD, 1_000, PolicyUnit.POINTS, period=Period.MONTH),
    ),
)

ONE = Slots(0, 1, 1)

StartWindows: TypeAlias = Callable[[], Awaitable[Windows]]


@asynccontextmanager
async def starting(database_url: str, redis_url: str) -> AsyncIterator[StartWindows]:
    """Each call of what this gives is one more worker; all end with the block."""
    async with AsyncExitStack() as stack:

        async def start() -> Windows:
            connections = Connections(database_url, size=4)
            stack.push_async_callback(connections.close)
            redis = connect(redis_url, timeout_seconds=1.0)
            stack.push_async_callback(close, redis)
            pulse = Pulse(connections, "test")
            windows = Windows(connections, redis, pulse)
            await pulse.start()
            stack.push_async_callback(pulse.stop)
            await windows.start()
            stack.push_async_callback(windows.close)
            return windows

        yield start


async def take(windows: Windows, units: int, slots: Slots = ONE, account: Account = ACCOUNT) -> WindowGrant:
    """Exactly `units`, after as many epochs as it takes."""
    with anyio.fail_after(60):
        while True:
            grant = await windows.grant(account, PLAN, want=units, minimum=units, slots=slots)
            if grant.verdict is not Verdict.HELD:
                return grant
            await windows.opened(account)


def store_of(windows: Windows, account: Account = ACCOUNT) -> str | None:
    return windows.epochs.of(account[0]).server
