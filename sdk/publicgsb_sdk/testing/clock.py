"""The mock's own time: it stands still until a test moves it, or a client of the mock waits."""

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta

from publicgsb_sdk.testing.refusals import MockSetup

YIELD_SECONDS = 0.0005  # of real time, so that other threads come to their turn


class Clock:
    """`slept` counts the seconds that clients waited by it; none of them really passed.

    >>> service.fail_next("UNAVAILABLE", retry_after=5)
    >>> with service.client() as gsb:
    ...     count = gsb.dataset("aviation.airports").count()
    >>> 5 <= service.clock.slept < 6
    True
    """

    def __init__(self, now: datetime) -> None:
        self._began = now if now.tzinfo else now.replace(tzinfo=UTC)
        self._seconds = 0.0
        self._lock = threading.Lock()
        self.slept: float = 0.0

    @property
    def now(self) -> datetime:
        """In UTC."""
        return (self._began + timedelta(seconds=self._seconds)).astimezone(UTC)

    @property
    def seconds(self) -> float:
        """Since the mock began."""
        return self._seconds

    def move(self, seconds: float = 0, *, days: float = 0) -> None:
        """Later by so much; there is no way back.

        >>> service.clock.move(90, days=1)
        >>> service.clock.now.isoformat(), service.clock.seconds
        ('2026-01-02T00:01:30+00:00', 86490.0)

        Raises:
            MockSetup: less than nothing.
        """
        if seconds < 0 or days < 0:
            raise MockSetup("A clock goes forward.")
        with self._lock:
            self._seconds += seconds + 86_400 * days

    def monotonic(self) -> float:
        """As `time.monotonic`, for a client.

        >>> service.clock.monotonic()
        0.0
        """
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """As `time.sleep`, for a client.

        >>> service.clock.sleep(60)
        >>> service.clock.slept
        60.0
        """
        self._wait(seconds)
        time.sleep(YIELD_SECONDS)

    async def async_sleep(self, seconds: float) -> None:
        """As `asyncio.sleep`, for a client.

        >>> await service.clock.async_sleep(60)
        >>> service.clock.slept
        60.0
        """
        self._wait(seconds)
        await asyncio.sleep(0)

    def _wait(self, seconds: float) -> None:
        self.move(max(0.0, seconds))
        self.slept += max(0.0, seconds)
