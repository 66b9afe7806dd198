"""What one worker holds of one account, in memory: units of the month, fresh units of the windows, slots.

Pure rules with the clock passed in. One process has one event loop and nothing here awaits, so a take is all
or nothing.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

UNBOUNDED = 1 << 60
UNUSED_MAX = 16  # moments whose unused units are remembered until the next call gives them back


class Taken:
    """Points reserved for one request. Settle it exactly once, with what the request really used.

    One that is dropped without it counts as used in full; its slot is freed.
    """

    __slots__ = ("_account", "granted_ms", "is_settled", "period", "points")

    def __init__(self, account: "AccountUnits", points: int, period: int, granted_ms: int) -> None:
        self._account = account
        self.points = points
        self.period = period
        self.granted_ms = granted_ms
        self.is_settled = False

    def settle(self, points_used: int) -> None:
        """Give back what was reserved and not used, once; more than reserved is never taken."""
        if not self.is_settled:
            self.is_settled = True
            self._account.give_back(self, max(0, self.points - max(0, points_used)))

    def trim(self, points_used: int) -> None:
        """Before it is settled: what is above that goes back now, so that what is told of the account leaves it out."""
        if not self.is_settled and points_used < self.points:
            self._account.return_units(self, self.points - points_used)
            self.points = points_used

    def refund(self) -> None:
        self.settle(0)

    def __del__(self) -> None:
        self.settle(self.points)


@dataclass(slots=True)
class Chunk:
    """Units and slots of one call to the windows: usable until `until`, then only to be given back."""

    free: int = 0
    until: float = 0.0
    granted_ms: int = 0
    slots_free: int = 0


class AccountUnits:
    """The purse's memory of one account. `now` is monotonic seconds."""

    __slots__ = (
        "chunk", "lease_amount", "lease_taken", "lease_until", "most_running", "on_slot_freed", "period", "running",
        "unused",
    )  # fmt: skip

    def __init__(self) -> None:
        self.lease_amount = 0
        self.lease_taken = 0  # below zero: units of leases that were closed with requests under way
        self.lease_until = 0.0  # the end of the period: nothing of the lease is spent after it
        self.period = 0  # counts periods, so that a refund never reaches into another one
        self.chunk = Chunk()
        self.running = 0
        self.most_running = 0  # at a time, of this chunk
        self.unused: dict[int, int] = {}
        self.on_slot_freed: deque[Callable[[], None]] = deque()  # the first is called when a request ends

    def try_take(self, points: int, now: float) -> Taken | None:
        """All policies or none."""
        chunk = self.chunk
        if (
            0 < points <= chunk.free
            and points <= self.lease_amount - self.lease_taken
            and chunk.slots_free > 0
            and now < chunk.until
            and now < self.lease_until
        ):
            chunk.free -= points
            chunk.slots_free -= 1
            self.lease_taken += points
            self.running += 1
            if self.running > self.most_running:
                self.most_running = self.running
            return Taken(self, points, self.period, chunk.granted_ms)
        return None

    def lease_free(self, now: float) -> int:
        return self.lease_amount - self.lease_taken if now < self.lease_until else 0

    def fill_lease(self, amount: int, until: float) -> None:
        """`amount` is the whole lease as the database holds it, so a lost reply heals with the next grant."""
        self.lease_amount = amount
        self.lease_until = until

    def close_lease(self) -> int:
        """Forget the lease; returns what counts as used, requests under way in full.

        What they turn out not to need is of no lease then: it is spent before another one is asked for.
        """
        used = max(0, self.lease_taken)
        self.lease_amount = 0
        self.lease_taken = min(0, self.lease_taken)
        return used

    def empty_chunk(self) -> list[tuple[int, int]]:
        """Take the chunk out of use before a call; returns all that was granted and not used, for it to return."""
        self._keep_unused(self.chunk.granted_ms, self.chunk.free)
        self.chunk = Chunk()
        unused = list(self.unused.items())
        self.unused = {}
        return unused

    def fill_chunk(self, units: int, slots: int, granted_ms: int, until: float) -> None:
        """Slots of requests that ended during the call are still counted as ours, so they stay usable."""
        self.chunk = Chunk(units, until, granted_ms, slots + self.chunk.slots_free)
        self.most_running = self.running

    def give_back(self, taken: Taken, points: int) -> None:
        """A request ended: its slot is free, and `points` of what it reserved were not used."""
        self.running -= 1
        self.chunk.slots_free += 1
        if self.on_slot_freed:
            self.on_slot_freed.popleft()()
        if points:
            self.return_units(taken, points)

    def return_units(self, taken: Taken, points: int) -> None:
        """`points` of what a request reserved are not needed; its slot stays its own."""
        if taken.period == self.period:
            # A lease that was closed meanwhile counted them as used; then the next lease of the same
            # period counts as many less, below zero if need be, and the sum is exact.
            self.lease_taken -= points
        if taken.granted_ms == self.chunk.granted_ms:
            self.chunk.free += points
        else:
            self._keep_unused(taken.granted_ms, points)

    def _keep_unused(self, granted_ms: int, units: int) -> None:
        if units and (granted_ms in self.unused or len(self.unused) < UNUSED_MAX):
            self.unused[granted_ms] = self.unused.get(granted_ms, 0) + units
