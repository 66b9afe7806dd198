"""Bytes of downloads, set aside before they are sent: each download has a lease that grows with it.

What one holds beyond what it needs next is idle, and comes back when another one, of any worker, finds no room: that
the day's bytes are used is said only when nothing idle is left.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID, uuid4
from weakref import WeakSet

from publicgsb.platform.kernel.errors import QuotaExhausted, Unavailable
from publicgsb.quotas.leases import Leases
from publicgsb.quotas.model import Account, Policy
from publicgsb.quotas.refusals import exhausted

AHEAD_BYTES = 8 * 1024 * 1024  # set aside beyond what is needed next, by a download whose length nobody knows
RECALL_PAUSE_SECONDS = 1.0  # after a recall that brought nothing, the account's next downloads are refused without one

Recall: TypeAlias = Callable[[], Awaitable[bool]]


class BytesLeases:
    """The downloads of one worker."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self._under_way: WeakSet[BytesLease] = WeakSet()
        self._refused: dict[Account, float] = {}  # until when; those in the past are dropped with the next

    async def begin(self, account: Account, policy: Policy, size: int) -> "BytesLease":
        """With the first `size` bytes set aside; raises QuotaExhausted or Unavailable."""

        async def recall() -> bool:
            return await self._recall(account)

        lease = BytesLease(self._leases, account, policy, recall)
        self._under_way.add(lease)
        try:
            await lease.reach(size)
        except QuotaExhausted:
            now = time.monotonic()
            self._refused = {one: until for one, until in self._refused.items() if until > now}
            self._refused.setdefault(account, now + RECALL_PAUSE_SECONDS)
            raise
        return lease

    async def give_back(self, account: Account) -> None:
        """On a recall: what the account's downloads do not need next."""
        for lease in [one for one in self._under_way if one.account == account]:
            await lease.give_back()

    async def let_go(self) -> None:
        """This worker was declared dead and lives on: what its leases held counts as used, and they are closed."""
        for lease in list(self._under_way):
            await lease.let_go()

    async def _recall(self, account: Account) -> bool:
        """False when there was one a moment ago. Raises Unavailable when not every worker has answered."""
        if self._refused.get(account, 0.0) > time.monotonic():
            return False
        if not await self._leases.recall(account):
            raise Unavailable("Some workers have not yet said what they have left.", reason="recall")
        return True


class BytesLease:
    """`reach` before sending, `settle` once at the end. What was never settled counts as used."""

    def __init__(self, leases: Leases, account: Account, policy: Policy, recall: Recall) -> None:
        self.account = account
        self._leases = leases
        self._policy = policy
        self._recall = recall
        self._lock = asyncio.Lock()  # never held during a recall: that waits for whoever gives back
        self._id: UUID | None = None
        self._amount = 0
        self._before = 0  # bytes of this download that leases before have paid for
        self._reached = 0
        self._closed: list[tuple[UUID, int]] = []  # leases given up and not yet settled in the database
        self._period_end: datetime | None = None

    async def reach(self, total: int) -> None:
        """`total` bytes of this download are set aside after it; raises QuotaExhausted or Unavailable."""
        refusal = await self._reach(total)
        if refusal is not None and await self._recall():
            refusal = await self._reach(total)  # what came back and is gone again is somebody's who needs it
        if refusal is not None:
            raise refusal

    async def _reach(self, total: int) -> QuotaExhausted | None:
        async with self._lock:
            if total > self._before + self._amount and not await self._grow(total):
                refusal = await self._next_period(total)
                if refusal is not None:
                    return refusal
            self._reached = max(self._reached, total)
            return None

    async def _grow(self, total: int) -> bool:
        lease_id = self._id = self._id or uuid4()
        missing = total - self._before - self._amount
        ahead = AHEAD_BYTES if self._reached else 0  # one whose length is known needs nothing more
        granted = await self._leases.grant(
            lease_id, self.account, self._policy, used=self._amount, want=missing + ahead, minimum=missing
        )
        if granted is None:
            return False
        self._amount, self._period_end = granted.amount, granted.period_end
        return True

    async def _next_period(self, total: int) -> QuotaExhausted | None:
        """There was no room; if only because the period is over, the new one pays from here on."""
        standing = await self._leases.standing(self.account, self._policy)
        if self._period_end is not None and standing.period_end != self._period_end:
            await self._close(self._before + self._amount)
            if await self._grow(total):
                return None
            standing = await self._leases.standing(self.account, self._policy)
        left = max(0, self._policy.limit - standing.allotted)
        missing = total - self._before - self._amount
        return exhausted(self._policy, missing, left, standing.period_end, standing.seconds_left)

    async def give_back(self) -> None:
        """All but what was reached; the next `reach` begins another lease."""
        async with self._lock:
            if self._before + self._amount > self._reached:
                await self._close(self._reached)

    async def let_go(self) -> None:
        """The lease was counted as used in full: that much may still be sent, and the next `reach` begins another."""
        async with self._lock:
            self._before += self._amount
            self._id, self._amount = None, 0

    async def settle(self, total: int) -> None:
        """`total` bytes were sent; the rest goes back."""
        async with self._lock:
            await self._close(min(max(total, self._before), self._before + self._amount))

    async def _close(self, paid: int) -> None:
        """The lease pays up to byte `paid`. It is out of use at once, and told again and again until it is settled."""
        if self._id is not None:
            self._closed.append((self._id, paid - self._before))
            self._id, self._amount, self._before = None, 0, paid
        while self._closed:
            await self._leases.settle(*self._closed[0])
            self._closed.pop(0)
