"""Signing keys on a real database, with a clock that a test moves."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest

from publicgsb.apikeys.signing.ring import SigningRing
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse

SECRET = b"a secret of thirty-two bytes ..."


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def forward(self, span: timedelta) -> None:
        self.at += span


@dataclass(frozen=True, slots=True)
class Worker:
    pulse: Pulse
    ring: SigningRing


StartWorker: TypeAlias = Callable[..., Awaitable[Worker]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signing_keys(connections: Connections, clock: Clock) -> SigningKeys:
    return SigningKeys(connections, Sealer(SECRET), now=clock.now)


@pytest.fixture
async def start_worker(connections: Connections, signing_keys: SigningKeys, clock: Clock) -> AsyncIterator[StartWorker]:
    async with AsyncExitStack() as stack:

        async def start(secret: bytes = SECRET) -> Worker:
            pulse = Pulse(connections, "api")
            ring = SigningRing(signing_keys, pulse, Sealer(secret), clock=clock.seconds)
            await pulse.start()
            stack.push_async_callback(pulse.stop)
            await ring.start()
            return Worker(pulse, ring)

        yield start
