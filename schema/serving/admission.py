"""Who may come in: a worker works on so many requests at a time, and the next ones queue before they are planned.

While the first of the queue has waited too long, or the queue is full, whoever comes is refused at once: one that
waited in vain would cost as much as one that is answered. docs/decisions/0015-overload.md.
"""

import asyncio
import math
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

from publicgsb.platform.kernel.errors import Unavailable

PLACES_PER_CONNECTION = 4  # one asks the database, the others are planned or written: neither side waits for the other
WAITING_PER_PLACE = 4  # room for a burst that comes at once
RETRY_AFTER_SECONDS = (1, 2, 3)  # in turn, so that not all who were refused come back at once


def too_busy(number: int) -> Unavailable:
    """What the `number`-th is told who is refused."""
    return Unavailable(
        "This server has more to do than it can.",
        hint="Ask again after Retry-After, and wait longer each time.",
        reason="overload",
        retry_after_seconds=RETRY_AFTER_SECONDS[number % len(RETRY_AFTER_SECONDS)],
    )


class Admission:
    """One per worker; a place is given to whoever has waited longest. Times are of one clock that never goes back."""

    def __init__(self, places: int, wait_seconds_max: float) -> None:
        self._free = places  # below zero while some are back from outside and found no place free
        self._wait_max = wait_seconds_max
        self._waiting_max = places * WAITING_PER_PLACE
        self._waiting: deque[tuple[asyncio.Future[None], float]] = deque()  # and since when
        self.refused: Counter[str] = Counter()  # by reason

    def full(self, now: float) -> str | None:
        """Why whoever comes now is refused, `wait` or `queue`; None when there is room."""
        waiting = self._waiting
        if not waiting:
            return None
        if now - waiting[0][1] > self._wait_max:
            return "wait"
        return "queue" if len(waiting) >= self._waiting_max else None

    def refuse(self, reason: str) -> int:
        """Counts it; gives its number."""
        self.refused[reason] += 1
        return self.refused.total()

    def check(self, now: float) -> None:
        """Raises Unavailable when whoever comes now is refused."""
        if self._waiting and (reason := self.full(now)) is not None:
            raise too_busy(self.refuse(reason))

    def enter(self, now: float) -> "asyncio.Future[None] | None":
        """None: inside, and `leave()` follows; else what `wait()` takes. Raises Unavailable."""
        if self._free > 0:
            self._free -= 1
            return None
        self.check(now)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, now))
        return turn

    async def wait(self, turn: "asyncio.Future[None]") -> None:
        """Until a place is free; then `leave()` follows."""
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            else:
                self._waiting = deque(one for one in self._waiting if one[0] is not turn)
            raise

    def leave(self) -> None:
        while self._free >= 0 and self._waiting:
            turn, _ = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Around waiting for what is scarce for the caller alone: meanwhile its place is another's."""
        self.leave()
        try:
            yield
        finally:
            self._free -= 1


def unlimited() -> Admission:
    """Everybody comes in at once."""
    return Admission(2**62, math.inf)
