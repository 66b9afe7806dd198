"""The purse of one account in one worker: spends from memory and refills when short.

One refill at a time; whoever waits tries memory first when it is their turn. The database's locks and the
windows' script make the units exact; nothing here decides how many there are.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.quotas.account_lease import AccountLease, Pace
from publicgsb.quotas.database_time.service import DatabaseTime
from publicgsb.quotas.headers import policy_header, room_header, room_template
from publicgsb.quotas.leases import Leases, worker_is_dead
from publicgsb.quotas.model import Account, Plan, Policy, Standing
from publicgsb.quotas.refusals import rate_limited, too_costly, too_many_at_once
from publicgsb.quotas.units import UNBOUNDED, AccountUnits, Taken
from publicgsb.quotas.windows import HORIZON_MS, Slots, Verdict, WindowGrant, Windows, WindowState, takes_ahead

Aside: TypeAlias = Callable[[], AbstractContextManager[object]]  # entered while a request waits for a slot of its own

HORIZON_SECONDS = HORIZON_MS / 1000
QUEUE_SECONDS = 1.0  # how long a request waits for a slot before it is refused
SLOT_PATIENCE_SECONDS = 0.05  # how often it asks whether another worker has freed one
REFUSAL_SECONDS = 0.1  # a refusal of the windows is remembered, so that a flood costs one call per 100 ms
TRIES = 5
RECALLS = 10
HOLDS = 10  # how many epochs of the windows may end before a request is given up
SHOWN_SECONDS = 0.001  # the headers of requests that are answered together say the same


class _Short(Enum):
    """Why a take found too little, when it is worth going on."""

    LEASE = "lease"
    SLOT = "slot"
    STALE = "stale"  # the windows' answer came so late that its units had expired
    HELD = "held"  # the windows were lost or move to another store: docs/decisions/0026


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Until `until`, what is above `room` is refused without asking again, up to `points`: more has to wait longer."""

    until: float
    room: int
    points: int
    policy: Policy
    retry_at: float


class AccountPurse:
    """Use `take`; `units.try_take` is its synchronous half."""

    def __init__(
        self,
        account: Account,
        plan: Plan,
        leases: Leases,
        windows: Windows,
        database_time: DatabaseTime,
        aside: Aside = nullcontext,
    ) -> None:
        self.account = account
        self.units = AccountUnits()
        self.used_at = time.monotonic()
        self.waiting = 0
        self._points_waiting = 0
        self._leases = leases
        self._windows = windows
        self._database_time = database_time
        self._aside = aside
        self._lock = asyncio.Lock()
        self._freed = asyncio.Event()  # set whenever the lock is given back, and then replaced
        self._recall_lock = asyncio.Lock()
        self._lease = AccountLease(account, self.units, leases)
        self._window_pace = Pace()
        self._granted_units = 0
        self._bind(plan)

    def bind(self, plan: Plan) -> None:
        """Follow the plan of the account; whatever was refused under another one is asked again."""
        if plan is not self.plan:
            self._bind(plan)

    def _bind(self, plan: Plan) -> None:
        self.plan = plan
        windows, ledger, self._budget = plan.windows, plan.ledger, plan.database_time
        self.key_budget = plan.key_database_time
        brakes = tuple(budget for budget in (self._budget, self.key_budget) if budget)
        self._templates = {  # by what is known: of the windows, of the ledger
            (True, False): room_template((*windows, *brakes)),
            (True, True): room_template((*windows, ledger, *brakes)),
            (False, True): room_template((ledger, *brakes)),
        }
        self.units.empty_chunk()
        self._takes_ahead = takes_ahead(plan)
        self._policy_header = policy_header(plan)
        self._shown: dict[str, list[tuple[bytes, bytes]]] = {}  # by the key that asks
        self._shown_until = 0.0
        self._states: tuple[WindowState, ...] = ()
        self._states_at = 0.0
        self._refused: _Refusal | None = None
        self._braked_until, self._braked_points = 0.0, 0
        self._lease.forget_refusal()

    # --- taking

    async def take(self, points: int) -> Taken:
        """Wait for units; raises RateLimited, QuotaExhausted, QueryTooCostly or Unavailable, and took none then."""
        self.waiting += 1
        self._points_waiting += points
        try:
            return await self._take(points)
        finally:
            self.waiting -= 1
            self._points_waiting -= points
            self.used_at = time.monotonic()

    async def _take(self, points: int) -> Taken:
        for policy in (*self.plan.windows, self.plan.ledger):
            if points > policy.limit:
                raise too_costly(policy, points)
        give_up_at = time.monotonic() + QUEUE_SECONDS
        stale = held = 0
        while True:
            if self._lock.locked():
                # Nobody queues for the lock: all who wait try memory as soon as a refill is there, in one turn of the
                # loop. One turn each would make the last of many wait for all the others.
                await self._freed.wait()
                if self._leases.may_spend and (taken := self.units.try_take(points, time.monotonic())) is not None:
                    return taken
                continue
            async with self._alone():
                outcome = await self._take_or_refill(points)
            if outcome is _Short.LEASE:
                outcome = await self._take_after_recall(points)
            if isinstance(outcome, Taken):
                return outcome
            if outcome is _Short.SLOT:
                await self._wait_for_slot(give_up_at)
            elif outcome is _Short.HELD and held < HOLDS:
                held += 1
                with self._aside():
                    await self._windows.opened(self.account)
            else:
                stale += 1
                if stale == TRIES:
                    raise Unavailable("The rate windows answer too slowly.", reason="windows")

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """One refill, recall or look at a time; whoever waits for the end of it hears of it."""
        async with self._lock:
            try:
                yield
            finally:
                self._freed.set()
                self._freed = asyncio.Event()

    async def _take_or_refill(self, points: int) -> Taken | _Short:
        """Under the lock: from memory, else refilled; the windows last, because their units live for 100 ms."""
        now = time.monotonic()
        if not self._leases.may_spend:
            raise worker_is_dead()
        taken = self.units.try_take(points, now)
        if taken is not None:
            return taken
        self._refuse_again(points, now)
        if self._budget is not None and self._database_time.is_spent(self.account, self._budget):
            return await self._braked(self._budget, points, now)
        limit = self.plan.concurrency
        if limit is not None and self.units.running >= limit.limit:
            return _Short.SLOT
        if self.units.lease_free(now) < points and not await self._grow_lease(points):
            return _Short.LEASE
        return await self._take_with_new_chunk(points)

    def _refuse_again(self, points: int, now: float) -> None:
        if (again := self._refused) is not None and now < again.until and again.room < points <= again.points:
            raise rate_limited(again.policy, points, max(again.retry_at - now, self._braked_seconds()))
        self._lease.refuse_again(points, now)

    async def _braked(self, budget: Policy, points: int, now: float) -> _Short:
        """The minute's database time is spent: raises for how long, or what lasts longer, the month or a window.

        The windows are asked as if it were not, at most every 100 ms, and what they give is given back unused.
        """
        if self.units.lease_free(now) < points and not await self._grow_lease(points):
            return _Short.LEASE
        if now >= self._braked_until or points > self._braked_points:
            self._braked_until, self._braked_points = now + REFUSAL_SECONDS, points
            taken = await self._take_with_new_chunk(points)
            if isinstance(taken, Taken):
                taken.refund()
            self.units.chunk.until = 0.0
        if not self._database_time.is_spent(self.account, budget):
            return _Short.STALE  # another minute has begun meanwhile
        raise self._database_time.refuse(budget)

    def _braked_seconds(self) -> float:
        """For how long the database time of this minute is spent; 0 when it is not."""
        budget = self._budget
        is_spent = budget is not None and self._database_time.is_spent(self.account, budget)
        return self._database_time.wait_seconds if is_spent else 0.0

    # --- windows and slots

    async def _take_with_new_chunk(self, points: int) -> Taken | _Short:
        now = time.monotonic()
        if not self.plan.windows and self.plan.concurrency is None:
            until = math.inf if self._budget is None else now + HORIZON_SECONDS
            self.units.fill_chunk(UNBOUNDED, UNBOUNDED, 0, until)
            return self.units.try_take(points, now) or _Short.STALE
        self._window_pace.note(self._chunk_used(), now)
        ahead = int(self._window_pace.rate * HORIZON_SECONDS * 1.5)
        most = min((policy.limit for policy in self.plan.windows), default=UNBOUNDED) // 10
        want = max(points, self._points_waiting, min(ahead, most)) if self._takes_ahead else points
        unused = self.units.empty_chunk()
        # As many slots as were in use together lately: whoever comes during this call would need another one.
        slots = Slots(self.units.running, max(1, self.waiting, self.units.most_running - self.units.running), 1)
        grant = await self._windows.grant(
            self.account, self.plan, want=want, minimum=points, slots=slots, unused=unused
        )
        if grant.verdict is Verdict.HELD:
            return _Short.HELD
        self._states, self._states_at = grant.states, now
        if grant.verdict is Verdict.NO_SLOT:
            return _Short.SLOT
        if grant.verdict is not Verdict.GRANTED:
            raise self._refused_by_windows(grant, points, now)
        self._refused = None
        self._granted_units = grant.granted
        granted_slots = grant.slots if self.plan.concurrency else UNBOUNDED
        self.units.fill_chunk(grant.granted, granted_slots, grant.mark, grant.sent_at + HORIZON_SECONDS)
        return self.units.try_take(points, time.monotonic()) or _Short.STALE

    def _chunk_used(self) -> int:
        return max(0, self._granted_units - self.units.chunk.free)

    def _refused_by_windows(self, grant: WindowGrant, points: int, now: float) -> Exception:
        assert grant.policy is not None
        if grant.verdict is Verdict.NEVER_FITS:
            return too_costly(grant.policy, points)
        wait = grant.wait_ms / 1000
        room = min(state.remaining for state in grant.states)
        # The store said how long when it answered, and that may be a while after it was asked.
        retry_at = time.monotonic() + wait
        self._refused = _Refusal(now + min(wait, REFUSAL_SECONDS), room, points, grant.policy, retry_at)
        return rate_limited(grant.policy, points, max(wait, self._braked_seconds()))

    async def _wait_for_slot(self, give_up_at: float) -> None:
        limit = self.plan.concurrency
        assert limit is not None
        queue = self.units.on_slot_freed
        if time.monotonic() >= give_up_at or len(queue) >= 2 * limit.limit:
            raise too_many_at_once(limit)
        freed = asyncio.Event()
        queue.append(freed.set)
        try:
            with self._aside():
                async with asyncio.timeout(SLOT_PATIENCE_SECONDS):
                    await freed.wait()
        except TimeoutError:
            pass
        finally:
            if freed.set in queue:
                queue.remove(freed.set)

    # --- the ledger

    async def _grow_lease(self, points: int) -> bool:
        return await self._lease.grow(self.plan.ledger, points, self._points_waiting)

    def runs_low(self, now: float) -> bool:
        """Whether what is set aside would end before a worker that lost the database must stop spending."""
        return self._lease.runs_low(self.plan.ledger, now)

    async def top_up(self) -> None:
        """Set more aside while there is some left. Not under the lock: a slow database holds nobody up."""
        await self._lease.top_up(self.plan.ledger)

    async def _take_after_recall(self, points: int) -> Taken | _Short:
        """Outside the lock: every worker gives back its idle rest, this one too; one more grant decides.

        Unless others were granted what came back before this one: then it is not used up, and is called again. What a
        dead worker holds does not come back, so that ends.
        """
        async with self._recall_lock:
            for _ in range(RECALLS):
                async with self._alone():
                    self._refuse_again(points, time.monotonic())
                    self._lease.close()
                    await self._lease.settle_closed()
                is_everywhere = await self._leases.recall(self.account)
                async with self._alone():
                    if self.units.lease_free(time.monotonic()) >= points or await self._grow_lease(points):
                        return await self._take_or_refill(points)
                    if not is_everywhere:
                        raise Unavailable("Some workers have not yet said what they have left.", reason="recall")
                    standing = await self._leases.standing(self.account, self.plan.ledger)
                    if standing.used + points > self.plan.ledger.limit:
                        break
            raise self._lease.used_up(self.plan.ledger, points, standing)

    # --- giving back

    async def give_back_lease(self) -> None:
        """Return the rest of the lease to the account: on a recall, when idle, at the end."""
        async with self._alone():
            self._lease.close()
            await self._lease.settle_closed()

    async def give_back_chunk(self, *, is_forced: bool = False) -> None:
        """Return units and slots that nobody used within their 100 ms."""
        async with self._alone():
            if not is_forced and not self.has_leftovers(time.monotonic()):
                return
            unused = self.units.empty_chunk()
            if not self.plan.windows and self.plan.concurrency is None:
                return
            running = Slots(self.units.running, 0, 0)
            await self._windows.grant(self.account, self.plan, want=0, minimum=0, slots=running, unused=unused)

    def has_leftovers(self, now: float) -> bool:
        chunk = self.units.chunk
        has_slots = chunk.slots_free > 0 and self.plan.concurrency is not None
        return now >= chunk.until and (chunk.free > 0 or has_slots or bool(self.units.unused))

    def is_idle(self, now: float, seconds: float) -> bool:
        return now - self.used_at > seconds and not self.units.running and not self.waiting

    @property
    def holds_lease(self) -> bool:
        return self._lease.is_held

    # --- showing

    def remaining(self) -> int:
        """Points of the period that this account surely had left when this worker last asked in it."""
        return self._lease.remaining(time.monotonic())

    async def standing(self, ledger: Policy) -> Standing:
        """The period in points, asked of the database; `remaining` and the headers know it from then on."""
        return await self._lease.standing(ledger)

    def headers(self, key_id: str) -> list[tuple[bytes, bytes]]:
        """What the plan allows and, once something is known of it, what is left, to the account and to its key."""
        now = time.monotonic()
        if now >= self._shown_until:
            self._shown = {}
            self._shown_until = now + SHOWN_SECONDS
        shown = self._shown.get(key_id)
        if shown is None:
            shown = self._shown[key_id] = self._headers(now, key_id)
        return shown

    def _headers(self, now: float, key_id: str) -> list[tuple[bytes, bytes]]:
        chunk = self.units.chunk
        fresh = chunk.free if now < chunk.until else 0
        rooms = [(state.remaining + fresh, self._states_at + state.reset_ms / 1000 - now) for state in self._states]
        knows_windows, knows_ledger = bool(rooms), self._lease.knows_room(now)
        if knows_ledger:
            rooms.append((self._lease.remaining(now), self._lease.resets_at - now))
        if not rooms:
            return [self._policy_header]
        minute = self._database_time
        if (budget := self._budget) is not None:
            rooms.append((budget.limit - minute.used_ms(self.account), minute.seconds_left))
        if (budget := self.key_budget) is not None:
            rooms.append((budget.limit - minute.key_used_ms(key_id), minute.seconds_left))
        return [self._policy_header, room_header(self._templates[knows_windows, knows_ledger], rooms)]

    async def look(self, plan: Plan) -> WindowGrant:
        """The windows and slots of the account as they are now, taking nothing.

        Under the lock: while another call is under way nobody knows how many slots we hold.
        """
        for _ in range(HOLDS):
            async with self._alone():
                held = self.units.running + (self.units.chunk.slots_free if plan.concurrency else 0)
                seen = await self._windows.grant(self.account, plan, want=0, minimum=0, slots=Slots(held, 0, 0))
            if seen.verdict is not Verdict.HELD:
                return seen
            await self._windows.opened(self.account)
        raise Unavailable("The rate windows are being restored.", reason="windows")
