"""What one worker may still admit per address and limit: units that it took from the shared counts, spent in memory.

slowapi asks synchronously, so whatever it asks for must be here before: `ready` fetches it. It waits a few milliseconds
for the store at most. While the store is away a worker admits its share of each limit and no more, and tells what it
admitted once the store is back.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.quotas.edge.counts import Asked, Counts, Granted

LEASES_MAX = 20_000  # of addresses and limits, per worker
WAIT_SECONDS = 0.025  # for the store, by one request; the refill goes on without it
PAUSE_SECONDS = 1.0  # after a failure nobody waits
REFILLS_MAX = 256  # under way together
TURNS = 5  # of the loop: one that stood still finds the answer beside the end of its patience
LEASE_SHARE = 20  # a lease holds a twentieth of its limit at most

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """`amount` requests in `window_seconds`, by each address, over all workers."""

    amount: int
    window_seconds: int


@dataclass(slots=True)
class Lease:
    """Of one address at one limit, for one window. `until` is never later than the store's end of it, `ends` never
    earlier: units are spent until the one, and whoever is refused is told the other.
    """

    until: float
    ends: float
    want: int
    free: int = 0
    taken: int = 0  # in this window, from the store or as the worker's share
    waiting: int = 0
    is_refused: bool = False  # the store has no more in this window

    @property
    def is_decided(self) -> bool:
        return self.free > 0 or self.is_refused


@dataclass(frozen=True, slots=True)
class _Refill:
    task: "asyncio.Task[None]"
    gives_up_at: float


class Leases:
    """All leases of a worker: `await ready(key, limit)`, then `spend(key)` without an await between them."""

    def __init__(
        self,
        counts: Counts,
        *,
        workers: int = 1,
        leases_max: int = LEASES_MAX,
        wait_seconds: float = WAIT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._counts = counts
        self._workers = workers
        self._leases_max = leases_max
        self._wait_seconds = wait_seconds
        self._clock = clock
        self._leases: dict[str, Lease] = {}
        self._refills: dict[str, _Refill] = {}
        self._paused_until = 0.0
        self.alone = 0  # requests that were decided without the store

    def __len__(self) -> int:
        return len(self._leases)

    async def ready(self, key: str, limit: Limit) -> None:
        """Returns with a unit at hand or a refusal: the store's, or this worker's own when the store is silent."""
        while not (lease := self._current(key, limit)).is_decided:
            refill = self._refill(key, limit)
            if refill is None or not await self._done(refill, lease):
                self._decide_alone(self._current(key, limit), limit)
                return

    def spend(self, key: str, units: int = 1) -> bool:
        """Take `units` from memory: all or none."""
        lease = self._leases.get(key)
        if lease is None or lease.free < units:
            return False
        lease.free -= units
        return True

    def seconds_left(self, key: str) -> int:
        """Whole seconds after which the window of a refused address is surely over."""
        lease = self._leases.get(key)
        return 1 if lease is None else max(1, math.ceil(lease.ends - self._clock()))

    def forget(self) -> None:
        """Every address begins anew, as far as the store lets it."""
        self._leases.clear()

    async def close(self) -> None:
        """Wait for the refills under way, so that none meets a client that is closed."""
        await asyncio.gather(*(refill.task for refill in self._refills.values()), return_exceptions=True)

    def _current(self, key: str, limit: Limit) -> Lease:
        """The lease of the present window; the oldest one makes room for a new one."""
        now = self._clock()
        lease = self._leases.get(key)
        if lease is not None and now < (lease.ends if lease.is_refused else lease.until):
            return lease
        self._leases.pop(key, None)
        if len(self._leases) >= self._leases_max:
            del self._leases[next(iter(self._leases))]
        ends = now + limit.window_seconds
        fresh = self._leases[key] = Lease(until=ends, ends=ends, want=lease.want if lease else 1)
        return fresh

    def _decide_alone(self, lease: Lease, limit: Limit) -> None:
        if lease.is_decided:  # by the answer that came at the last moment
            return
        self.alone += 1
        if lease.taken < max(1, limit.amount // self._workers):
            lease.taken += 1
            lease.free += 1

    # --- refilling

    async def _done(self, refill: _Refill, lease: Lease) -> bool:
        """Whether the store answered in time; after a silence nobody asks it for a while."""
        lease.waiting += 1
        try:
            await asyncio.wait((refill.task,), timeout=max(0.0, refill.gives_up_at - self._clock()))
            for _ in range(TURNS):
                if refill.task.done():
                    break
                await asyncio.sleep(0)
        finally:
            lease.waiting -= 1
        if not refill.task.done():
            self._pause()
        return self._clock() >= self._paused_until

    def _refill(self, key: str, limit: Limit) -> _Refill | None:
        """The refill under way, or a new one; None when the store is not to be asked now."""
        now = self._clock()
        if now < self._paused_until:
            return None
        refill = self._refills.get(key)
        if refill is None and len(self._refills) < REFILLS_MAX:
            refill = _Refill(asyncio.create_task(self._fill(key, limit), name="edge refill"), now + self._wait_seconds)
            self._refills[key] = refill
            refill.task.add_done_callback(lambda _: self._refills.pop(key, None))
        return refill

    async def _fill(self, key: str, limit: Limit) -> None:
        sent, lease = self._clock(), self._current(key, limit)
        left_ms = math.ceil((lease.until - sent) * 1000) if lease.taken else 0
        asked = Asked(limit.amount, limit.window_seconds, lease.taken, left_ms, max(lease.want, lease.waiting))
        try:
            granted = await self._counts.take(key, asked)
        except Unavailable as away:
            self._pause()
            log.warning("the guard counts by itself: %s", away.message)
        except Exception:
            self._pause()
            log.exception("the guard counts by itself")
        else:
            self._note(self._current(key, limit), limit, granted, sent)

    def _note(self, lease: Lease, limit: Limit, granted: Granted, sent: float) -> None:
        """Put into the lease what came, however late: with units of a past window it is over at once."""
        lease.until, lease.ends = sent + granted.left_ms / 1000, self._clock() + granted.left_ms / 1000
        lease.taken += granted.units
        lease.free += granted.units
        lease.is_refused = granted.units == 0
        lease.want = min(2 * lease.want, max(1, limit.amount // LEASE_SHARE))

    def _pause(self) -> None:
        self._paused_until = self._clock() + PAUSE_SECONDS
