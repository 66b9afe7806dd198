"""The period of one account in one worker: the lease that its points come from, and what is known of the account.

Whoever calls holds the purse's lock, but for a top-up: one grant or settle at a time. The database's word on amounts
is final.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from publicgsb.platform.kernel.errors import QuotaExhausted
from publicgsb.quotas.leases import SPEND_SECONDS, Leases, lease_size
from publicgsb.quotas.model import Account, Policy, Standing
from publicgsb.quotas.refusals import exhausted
from publicgsb.quotas.store import AccountStanding
from publicgsb.quotas.units import AccountUnits

TOP_UP_SECONDS = 1.0  # at the earliest after the last grant
EXHAUSTED_SECONDS = 1.0  # a refusal is remembered, because it costs a recall


@dataclass(frozen=True, slots=True)
class _UsedUp:
    """Until `until`, whatever is above `room` is refused without asking again."""

    until: float
    room: int
    policy: Policy
    resets_at: float  # monotonic
    period_end: datetime


@dataclass(slots=True)
class Pace:
    """How fast units go, from one refill to the next."""

    rate: float = 0.0
    refilled_at: float = 0.0

    def note(self, units_used: int, now: float) -> None:
        elapsed = now - self.refilled_at
        latest = units_used / max(elapsed, 0.001)
        # A single request says nothing about the next one: only refills close to each other make a pace.
        self.rate = 0.0 if elapsed > 60.0 or not self.refilled_at else (self.rate + latest) / 2
        self.refilled_at = now


class AccountLease:
    """Fills and closes the lease of `units`; the units themselves are spent elsewhere, without asking."""

    def __init__(self, account: Account, units: AccountUnits, leases: Leases) -> None:
        self._account = account
        self._units = units
        self._leases = leases
        self._id: UUID | None = None
        self._taken_before = 0
        self._closed: list[tuple[UUID, int]] = []  # given up and not yet settled in the database
        self._period_end: datetime | None = None
        self._room = -1  # of the account, outside this lease; -1 unknown
        self._pace = Pace()
        self._used_up: _UsedUp | None = None
        self.resets_at = 0.0  # the end of the period, monotonic

    @property
    def is_held(self) -> bool:
        return self._id is not None or bool(self._closed)

    def forget_refusal(self) -> None:
        """Under another plan it is asked again."""
        self._used_up = None

    def refuse_again(self, points: int, now: float) -> None:
        """Raises QuotaExhausted while it is known that there is no room."""
        if (again := self._used_up) is not None and now < again.until and points > again.room:
            raise exhausted(again.policy, points, again.room, again.period_end, again.resets_at - now)

    async def grow(self, policy: Policy, points: int, points_waiting: int) -> bool:
        """Set aside more of the period; False when there is no room for `points`. Raises Unavailable."""
        now = time.monotonic()
        units = self._units
        if self._id is not None and now >= units.lease_until:
            self.close()
        await self.settle_closed()
        self._note_pace(now)
        wanted = lease_size(self._pace.rate, max(points, points_waiting), policy.limit)
        free = units.lease_free(now)
        missing = points - free
        wanted = max(missing, wanted - free)  # with what is there: never more at stake than a lease's size
        # In doubt the lease exists: a reply that is lost leaves it open, and the next grant or settle finds it.
        lease_id = self._id = self._id or uuid4()
        granted = await self._leases.grant(
            lease_id, self._account, policy, used=max(0, units.lease_taken), want=wanted, minimum=missing
        )
        if granted is None:
            return False
        if granted.period_end != self._period_end:
            self._period_end = granted.period_end
            units.period += 1
            units.lease_taken = 0  # what closed leases of another period had left is gone with it
        self._room = granted.room
        self.resets_at = now + granted.seconds_left
        self._used_up = None
        units.fill_lease(granted.amount, self.resets_at)
        self._taken_before = units.lease_taken
        return units.lease_free(time.monotonic()) >= points

    def runs_low(self, policy: Policy, now: float) -> bool:
        """Whether it would end, as fast as it goes, before a worker that lost the database must stop spending.

        A lease can be no larger than its share of the limit: of one that would have to be, half is enough.
        """
        elapsed = now - self._pace.refilled_at
        if self._id is None or self._room <= 0 or elapsed < TOP_UP_SECONDS:
            return False
        rate = (self._units.lease_taken - self._taken_before) / elapsed
        most = lease_size(policy.limit, 0, policy.limit)
        return self._units.lease_free(now) < min(rate * SPEND_SECONDS, most / 2)

    async def top_up(self, policy: Policy) -> None:
        """Whoever else grows or closes it meanwhile is right: a lease only grows, and a closed one stays closed."""
        now = time.monotonic()
        units, lease_id = self._units, self._id
        if lease_id is None:
            return
        self._note_pace(now)
        wanted = lease_size(self._pace.rate, 1, policy.limit) - units.lease_free(now)
        if wanted <= 0:
            return
        granted = await self._leases.grant(
            lease_id, self._account, policy, used=max(0, units.lease_taken), want=wanted, minimum=1
        )
        if granted is not None and self._id == lease_id and self._period_end == granted.period_end:
            self._room = granted.room
            units.fill_lease(max(units.lease_amount, granted.amount), now + granted.seconds_left)

    def _note_pace(self, now: float) -> None:
        self._pace.note(max(0, self._units.lease_taken - self._taken_before), now)
        self._taken_before = self._units.lease_taken

    def close(self) -> None:
        """Stop spending at once; `settle_closed` tells the database, again and again until it knows."""
        if self._id is not None:
            self._closed.append((self._id, self._units.close_lease()))
            self._id = None
            self._taken_before = 0

    async def settle_closed(self) -> None:
        while self._closed:
            await self._leases.settle(*self._closed[0])
            self._closed.pop(0)

    def used_up(self, policy: Policy, points: int, standing: AccountStanding) -> QuotaExhausted:
        """After every worker gave back what it had idle; remembered for a moment."""
        self._note_room(policy, standing)
        until = min(time.monotonic() + EXHAUSTED_SECONDS, self.resets_at)
        self._used_up = _UsedUp(until, min(self._room, points - 1), policy, self.resets_at, standing.period_end)
        return exhausted(policy, points, self._room, standing.period_end, standing.seconds_left)

    async def standing(self, policy: Policy) -> Standing:
        """The period as it is now, by the database and this worker's memory: `remaining` says the same from then on.

        What this worker holds and has not spent is left, and not reserved; what others hold is.
        """
        units = self._units
        before = (self._id, units.lease_amount)
        now = await self._leases.standing(self._account, policy)
        room, free = max(0, policy.limit - now.allotted), 0
        if (self._id, units.lease_amount) == before:  # else nobody knows whether what was read holds the change
            self._note_room(policy, now)
            if now.period_end == self._period_end:
                free = units.lease_free(time.monotonic())
        reserved = max(0, now.reserved - free)
        # Units that came back after their lease was closed are free here, and used to the database.
        used = now.used - max(0, free - now.reserved)
        return Standing(policy, used, reserved, room + free, now.period_end)

    def _note_room(self, policy: Policy, standing: AccountStanding) -> None:
        self._room = max(0, policy.limit - standing.allotted)
        self.resets_at = time.monotonic() + standing.seconds_left

    def knows_room(self, now: float) -> bool:
        return self._room >= 0 and now < self.resets_at

    def remaining(self, now: float) -> int:
        """Points that the account surely had left when this worker last asked in this period."""
        room = self._room if self._room > 0 and now < self.resets_at else 0
        free = self._units.lease_free(now)
        return room + free if free > 0 else room
