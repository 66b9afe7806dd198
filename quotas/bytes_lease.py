"""Bytes of one download, set aside before they are sent: a lease that grows with it."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from publicgsb.quotas.leases import Leases
from publicgsb.quotas.model import Account, Policy
from publicgsb.quotas.refusals import exhausted

AHEAD_BYTES = 8 * 1024 * 1024  # set aside beyond what is needed next; what is not sent comes back


class BytesLease:
    """`reach` before sending, `settle` once at the end. What was never settled counts as used."""

    def __init__(self, leases: Leases, account: Account, policy: Policy) -> None:
        self._leases = leases
        self._account = account
        self._policy = policy
        self._id: UUID | None = None
        self._amount = 0
        self._before = 0  # bytes of this download that periods before have paid for
        self._period_end: datetime | None = None

    async def reach(self, total: int) -> None:
        """`total` bytes of this download are set aside after it; raises QuotaExhausted or Unavailable."""
        if total > self._before + self._amount and not await self._grow(total):
            await self._next_period(total)

    async def _grow(self, total: int) -> bool:
        lease_id = self._id = self._id or uuid4()
        missing = total - self._before - self._amount
        granted = await self._leases.grant(
            lease_id, self._account, self._policy, used=self._amount, want=missing + AHEAD_BYTES, minimum=missing
        )
        if granted is None:
            return False
        self._amount, self._period_end = granted.amount, granted.period_end
        return True

    async def _next_period(self, total: int) -> None:
        """There was no room; if only because the period is over, the new one pays from here on."""
        standing = await self._leases.standing(self._account, self._policy)
        if self._period_end is not None and standing.period_end != self._period_end:
            await self.settle(self._before + self._amount)
            self._before += self._amount
            self._id, self._amount = None, 0
            if await self._grow(total):
                return
            standing = await self._leases.standing(self._account, self._policy)
        left = max(0, self._policy.limit - standing.allotted)
        seconds = (standing.period_end - datetime.now(UTC)).total_seconds()
        raise exhausted(self._policy, total - self._before - self._amount, left, standing.period_end, seconds)

    async def settle(self, total: int) -> None:
        """`total` bytes were sent; the rest goes back."""
        lease_id, self._id = self._id, None
        if lease_id is not None:
            await self._leases.settle(lease_id, min(max(0, total - self._before), self._amount))
