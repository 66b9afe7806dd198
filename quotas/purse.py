"""All purses of a worker: the one place where the other parts take points, see what is left and settle."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Coroutine, Iterator
from contextlib import nullcontext
from itertools import islice
from typing import Any

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, NotFound, QuotaExhausted, RateLimited, Unavailable
from publicgsb.platform.kernel.pulse import Event, Pulse
from publicgsb.quotas.account import AccountPurse, Aside
from publicgsb.quotas.beside import TakenBeside
from publicgsb.quotas.bytes_lease import BytesLease, BytesLeases
from publicgsb.quotas.capacity.service import Capacities, Touched
from publicgsb.quotas.database_time.service import DatabaseTime, Spending
from publicgsb.quotas.epochs.service import Epochs
from publicgsb.quotas.leases import SPEND_SECONDS, Leases
from publicgsb.quotas.model import Account, Plan, PolicyKind, PolicyUnit, Standing
from publicgsb.quotas.plans import Plans
from publicgsb.quotas.redis_client import RedisClient
from publicgsb.quotas.refusals import too_costly
from publicgsb.quotas.units import Taken
from publicgsb.quotas.windows import Windows

SWEEP_SECONDS = 0.1
IDLE_SECONDS = 60.0
IDLE_CHECK_SECONDS = 5.0
AT_ONCE = 8  # sweeps under way together

log = logging.getLogger(__name__)

__all__ = ["Purses", "Taken"]


class Purses:
    """Build it after Plans and before the pulse starts; `start()` after it, `close()` before it stops."""

    def __init__(
        self, connections: Connections, redis: "RedisClient", pulse: Pulse, plans: Plans, aside: Aside = nullcontext
    ) -> None:
        self._pulse = pulse
        self._plans = plans
        self._aside = aside
        self._leases = Leases(connections, pulse)
        self._downloads = BytesLeases(self._leases)
        self._windows = Windows(connections, redis, pulse)
        self.capacities = Capacities(connections, self._windows, pulse)
        self.database_time = DatabaseTime(connections, pulse.boot_id)
        self._purses: dict[Account, AccountPurse] = {}
        self._warm: set[AccountPurse] = set()  # those that may hold units or slots of a call to the windows
        self._takes: set[asyncio.Task[Taken]] = set()
        self._top_ups: dict[AccountPurse, asyncio.Task[None]] = {}
        self._sweeper: asyncio.Task[None] | None = None
        pulse.on("lease_recall", self._recalled)
        pulse.on("plan", self._plans_changed)
        pulse.on_reborn(self._forget_leases)

    async def start(self) -> None:
        await self._windows.start()
        await self.database_time.start()
        self._sweeper = asyncio.create_task(self._sweep_for_ever(), name="purses")

    async def close(self) -> None:
        """Give everything back; what cannot be is counted as used by the reclaimer."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        await asyncio.gather(*self._takes, *self._top_ups.values(), return_exceptions=True)
        purses = list(self._purses.values())
        await self._each(purse.give_back_lease() for purse in purses)
        await self._each(purse.give_back_chunk(is_forced=True) for purse in purses)
        await self.database_time.close()
        await self._windows.close()

    # --- taking

    def try_take(
        self, account: Account, plan: str, points: int, touched: Touched = (), *, key_id: str = ""
    ) -> Taken | None:
        """From memory, all policies or none, no I/O. None means: ask `take`, which knows why."""
        if self.capacities.is_set:
            return self._try_take_beside(account, plan, points, touched, key_id)
        return self._try_take(account, plan, points, key_id)

    def _try_take_beside(self, account: Account, plan: str, points: int, touched: Touched, key_id: str) -> Taken | None:
        drawn = self.capacities.try_draw(account[0], points, touched)
        if drawn is None:
            return None
        taken = self._try_take(account, plan, points, key_id)
        if taken is None:
            drawn.settle(0)
            return None
        return TakenBeside(taken, drawn)

    def _try_take(self, account: Account, plan: str, points: int, key_id: str) -> Taken | None:
        purse = self._purses.get(account)
        if purse is None or purse.plan.name != plan:
            return None
        budget = purse.key_budget
        if budget is not None and self.database_time.is_key_spent(key_id, budget):
            return None
        pulse = self._pulse
        if pulse.is_fenced or pulse.seconds_since_contact >= SPEND_SECONDS:
            return None
        return purse.units.try_take(points, time.monotonic())

    async def take(self, account: Account, plan: str, points: int, touched: Touched = (), *, key_id: str = "") -> Taken:
        """Refill if need be; raises RateLimited, QuotaExhausted, QueryTooCostly or Unavailable, having taken none.

        `key_id` is of the key that asks; "" for whom no key's budget counts.
        """
        if points < 1:
            raise ValueError("points must be at least 1")
        budget = self._purse(account, plan).key_budget
        if budget is None or not self.database_time.is_key_spent(key_id, budget):
            return await self._take_all(account, plan, points, touched)
        refused = self.database_time.refuse(budget)
        await self._refused_longer(self._take_all(account, plan, points, touched), refused)
        raise refused

    async def _take_all(self, account: Account, plan: str, points: int, touched: Touched) -> Taken:
        if not self.capacities.is_set:
            return await self._take(account, plan, points)
        try:
            drawn = await self.capacities.draw(account[0], points, touched)
        except RateLimited as refused:
            await self._refused_longer(self._take(account, plan, points), refused)
            raise
        try:
            return TakenBeside(await self._take(account, plan, points), drawn)
        except BaseException:
            drawn.settle(0)
            raise

    async def _refused_longer(self, other_limits: Awaitable[Taken], refused: RateLimited) -> None:
        """Raises what the other limits refuse it with, if that lasts longer: whoever waits is let in then."""
        try:
            (await other_limits).refund()
        except Unavailable:
            return
        except (RateLimited, QuotaExhausted) as own:
            if (own.retry_after_seconds or 0) > (refused.retry_after_seconds or 0):
                raise own from None

    async def _take(self, account: Account, plan: str, points: int) -> Taken:
        purse = self._purse(account, plan)
        purse.used_at = time.monotonic()  # from here on it is not idle: a purse in use must never be forgotten
        # A task of its own: a request that is cancelled must not cut a refill in half.
        take = asyncio.create_task(purse.take(points))
        self._takes.add(take)
        take.add_done_callback(self._takes.discard)
        self._warm.add(purse)
        try:
            return await asyncio.shield(take)
        except asyncio.CancelledError:
            take.add_done_callback(_refund)
            raise
        finally:
            del take  # what it raises holds this frame: a circle, with all that the request has in hand

    def spending(self, account: Account, key_id: str) -> Spending:
        """Hears what the database works for one request of the account, by that key of it."""
        return self.database_time.spending(account, key_id)

    async def take_bytes(self, account: Account, plan: str, size: int) -> BytesLease | None:
        """Set aside the first `size` bytes of one download; None when the plan does not count them."""
        policy = self._plans.get(plan).bytes_period
        if policy is None:
            return None
        if size > policy.limit:
            raise too_costly(policy, size)
        return await self._downloads.begin(account, policy, size)

    # --- showing

    @property
    def epochs(self) -> Epochs:
        """Where the rate windows are."""
        return self._windows.epochs

    def remaining(self, account: Account, plan: str) -> int:
        """Points left in the period, as a floor; 0 while this worker has not asked yet."""
        purse = self._purses.get(account)
        return purse.remaining() if purse is not None and purse.plan.name == plan else 0

    def headers(self, account: Account, plan: str, key_id: str) -> list[tuple[bytes, bytes]]:
        """`ratelimit-policy` and, as soon as this worker knows it, `ratelimit`: raw ASGI headers, for that key.

        None for a plan that there is not: the answer itself says so, and has no limit to tell.
        """
        try:
            purse = self._purse(account, plan)
        except NotFound:
            return []
        return purse.headers(key_id)

    async def standing(self, account: Account, plan: str, key_id: str = "") -> tuple[Standing, ...]:
        """Every policy of the plan with what is used, reserved and left now; takes nothing; of the key `key_id`."""
        purse = self._purse(account, plan)
        bound = purse.plan
        seen = await purse.look(bound)
        windows = iter(seen.states)
        standings: list[Standing] = []
        for policy in bound.enforced:
            if policy.kind is PolicyKind.WINDOW:
                window = next(windows)
                left = window.remaining
                standings.append(Standing(policy, policy.limit - left, 0, left, None, window.reset_ms))
            elif policy.kind is PolicyKind.CONCURRENCY:
                left = max(0, policy.limit - seen.slots_used)
                standings.append(Standing(policy, seen.slots_used, 0, left, None))
            elif policy.unit is PolicyUnit.MILLISECONDS:
                standings.append(await self.database_time.standing(account, key_id, policy))
            elif policy is bound.ledger:
                standings.append(await purse.standing(policy))
            else:
                now = await self._leases.standing(account, policy)
                left = max(0, policy.limit - now.allotted)
                standings.append(Standing(policy, now.used, now.reserved, left, now.period_end))
        return tuple(standings)

    # --- inside

    def _purse(self, account: Account, plan_name: str) -> AccountPurse:
        plan = self._plans.get(plan_name)
        purse = self._purses.get(account)
        if purse is None:
            purse = self._purses[account] = AccountPurse(
                account, plan, self._leases, self._windows, self.database_time, self._aside
            )
        else:
            purse.bind(plan)
        return purse

    async def _recalled(self, event: Event) -> None:
        account = (event.payload["organisation_id"], event.payload["application_id"])
        purse = self._purses.get(account)
        if purse is not None:
            await purse.give_back_lease()
        await self._downloads.give_back(account)

    async def _forget_leases(self) -> None:
        """The reclaimer has counted them as used; spending them under another boot id would spend them twice."""
        await self._each(purse.give_back_lease() for purse in list(self._purses.values()))
        await self._downloads.let_go()

    async def _plans_changed(self, _: Event) -> None:
        known: dict[str, Plan] = {plan.name: plan for plan in self._plans.all()}
        for purse in self._purses.values():
            purse.bind(known.get(purse.plan.name, purse.plan))

    async def _sweep_for_ever(self) -> None:
        idle_check_at = time.monotonic() + IDLE_CHECK_SECONDS
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self.sweep()
            now = time.monotonic()
            if now >= idle_check_at:
                idle_check_at = now + IDLE_CHECK_SECONDS
                await self.release_idle(IDLE_SECONDS)

    async def sweep(self) -> None:
        """Give back what nobody used within its 100 ms, and set aside more where it is used up soon."""
        now = time.monotonic()
        left = [purse for purse in self._warm if purse.has_leftovers(now)]
        await self._each(purse.give_back_chunk() for purse in left)
        await self._each(iter([self.capacities.sweep()]))
        now = time.monotonic()
        self._top_up(now)
        self._warm = {purse for purse in self._warm if purse.has_leftovers(now) or not purse.is_idle(now, 1.0)}

    def _top_up(self, now: float) -> None:
        """Apart from the sweep, which must go on while the database is slow; while it is away nothing is tried."""
        if not self._pulse.is_fresh:
            return
        for purse in self._warm:
            if purse.runs_low(now) and purse not in self._top_ups:
                self._top_ups[purse] = asyncio.create_task(self._top_up_one(purse))

    async def _top_up_one(self, purse: AccountPurse) -> None:
        try:
            await purse.top_up()
        except GsbError as away:
            log.info("a lease was not topped up: %s", away.message)
        except Exception:
            log.exception("a lease was not topped up")
        finally:
            del self._top_ups[purse]

    async def release_idle(self, seconds: float) -> None:
        """Return the leases of accounts that nobody has used for so long, and forget them."""
        now = time.monotonic()
        idle = [purse for purse in self._purses.values() if purse.is_idle(now, seconds)]
        await self._each(purse.give_back_lease() for purse in idle if purse.holds_lease)
        for purse in idle:
            if purse.is_idle(now, seconds) and not purse.holds_lease:
                self._purses.pop(purse.account, None)

    async def _each(self, steps: Iterator[Coroutine[Any, Any, None]]) -> None:
        """Some at a time, each made when it is its turn: a sweep that is ended leaves none that was never begun.

        One that fails is tried again by the next sweep.
        """
        while some := list(islice(steps, AT_ONCE)):
            for outcome in await asyncio.gather(*some, return_exceptions=True):
                if isinstance(outcome, GsbError):
                    log.warning("units could not be given back: %s", outcome.message)
                elif isinstance(outcome, BaseException):
                    log.error("units could not be given back", exc_info=outcome)


def _refund(take: "asyncio.Task[Taken]") -> None:
    """The request is gone; what its refill brought goes back."""
    if not take.cancelled() and take.exception() is None:
        take.result().refund()
