"""Units of one window that many draw from, as one worker holds them: fresh for 100 ms, then given back."""

import asyncio
import time
from dataclasses import dataclass

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.quotas.model import Account, Plan
from publicgsb.quotas.windows import HORIZON_MS, Verdict, WindowGrant, Windows

HORIZON_SECONDS = HORIZON_MS / 1000
REFUSAL_SECONDS = 0.1  # a refusal is remembered, so that a flood costs one call per 100 ms
UNUSED_MAX = 16
TRIES = 5  # an answer that comes later than its units live is asked for again
HOLDS = 10  # how many epochs of the windows may end before a request is given up: docs/decisions/0026


@dataclass(frozen=True, slots=True)
class _Refused:
    """Until `until`, what is above `room` is refused again, up to `units`: more has to wait longer."""

    until: float
    room: int
    units: int
    grant: WindowGrant


class Pot:
    """`try_take` never waits; `take` refills. One refill at a time."""

    def __init__(self, account: Account, plan: Plan) -> None:
        self.account = account
        self.plan = plan
        self._free = 0
        self._until = 0.0
        self._mark = 0
        self._taken = 0  # of what the last refill brought
        self._waiting = 0
        self._unused: dict[int, int] = {}
        self._lock = asyncio.Lock()
        self._refused: _Refused | None = None

    def try_take(self, units: int, now: float) -> int | None:
        """The mark of their grant; None when there are not enough."""
        if units > self._free or now >= self._until:
            return None
        self._free -= units
        self._taken += units
        return self._mark

    async def take(self, windows: Windows, units: int) -> int | WindowGrant:
        """The mark of their grant, or the refusal. Raises Unavailable while the windows are away."""
        self._waiting += units
        try:
            async with self._lock:
                return await self._take(windows, units)
        finally:
            self._waiting -= units

    async def _take(self, windows: Windows, units: int) -> int | WindowGrant:
        late = held = 0
        while late < TRIES and held < HOLDS:
            now = time.monotonic()
            if (mark := self.try_take(units, now)) is not None:
                return mark
            refusal = await self._refill(windows, units, now)
            if refusal is None:
                late += 1
            elif refusal.verdict is Verdict.HELD:
                held += 1
                await windows.opened(self.account)
            else:
                return refusal
        raise Unavailable("The rate windows answer too slowly.", reason="windows")

    async def _refill(self, windows: Windows, units: int, now: float) -> WindowGrant | None:
        if (again := self._refused) is not None and now < again.until and again.room < units <= again.units:
            return again.grant
        most = min(policy.limit for policy in self.plan.windows) // 10
        want = max(units, min(max(self._waiting, self._taken * 3 // 2), most))
        unused = self._drain()
        grant = await windows.grant(self.account, self.plan, want=want, minimum=units, unused=unused)
        if grant.verdict is Verdict.HELD:
            return grant
        if grant.verdict is not Verdict.GRANTED:
            room = min(state.remaining for state in grant.states)
            self._refused = _Refused(now + min(REFUSAL_SECONDS, grant.wait_ms / 1000), room, units, grant)
            return grant
        self._refused = None
        self._free, self._taken = grant.granted, 0
        self._mark, self._until = grant.mark, grant.sent_at + HORIZON_SECONDS
        return None

    def give_back(self, mark: int, units: int) -> None:
        if mark == self._mark:
            self._free += units
        else:
            self._keep(mark, units)
        self._refused = None

    async def sweep(self, windows: Windows) -> None:
        """Give back what nobody used within its 100 ms."""
        if self.has_leftovers(time.monotonic()) and not self._lock.locked():
            async with self._lock:
                unused = self._drain()
                if unused:
                    await windows.grant(self.account, self.plan, want=0, minimum=0, unused=unused)

    def has_leftovers(self, now: float) -> bool:
        return now >= self._until and (self._free > 0 or bool(self._unused))

    async def remaining(self, windows: Windows) -> int:
        """Of the window as it is now, with what this worker holds; takes nothing."""
        for _ in range(HOLDS):
            async with self._lock:
                seen = await windows.grant(self.account, self.plan, want=0, minimum=0, unused=self._drain())
            if seen.verdict is not Verdict.HELD:
                return min(state.remaining for state in seen.states)
            await windows.opened(self.account)
        raise Unavailable("The rate windows are being restored.", reason="windows")

    def _drain(self) -> list[tuple[int, int]]:
        self._keep(self._mark, self._free)
        self._free, self._until = 0, 0.0
        unused, self._unused = list(self._unused.items()), {}
        return unused

    def _keep(self, mark: int, units: int) -> None:
        if units and (mark in self._unused or len(self._unused) < UNUSED_MAX):
            self._unused[mark] = self._unused.get(mark, 0) + units
