"""The second brake: what the database truly spent for an account, and for a key, in this minute, over all workers.

Points are an estimate that is made before a query runs; this is measured while it does. Each worker counts in memory
and tells the others, through the database, once a second while it has something to count. docs/decisions/0030, 0052.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from math import ceil
from uuid import UUID

import asyncpg

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, RateLimited
from publicgsb.quotas.database_time import store
from publicgsb.quotas.database_time.minute import CurrentMinute
from publicgsb.quotas.model import Account, Policy, Standing

SHARE_SECONDS = 1.0
CLOCKS_APART_SECONDS = 0.5  # another worker's minute may end so much later

log = logging.getLogger(__name__)


class Spending:
    """What the database spends for one request; `us` so far."""

    __slots__ = ("_account", "_key_id", "_minute", "us")

    def __init__(self, minute: CurrentMinute, account: Account, key_id: str) -> None:
        self.us = 0
        self._minute = minute
        self._account = account
        self._key_id = key_id

    def add(self, us: int) -> None:
        """Microseconds for which a statement, or its share of one, held a connection. Never fails."""
        self.us += us
        self._minute.charge(self._account, self._key_id, us)


class DatabaseTime:
    """One per worker. Without `start()` it counts for this worker alone."""

    def __init__(
        self,
        connections: Connections,
        worker: UUID,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connections = connections
        self._worker = worker
        self._monotonic = monotonic
        self._minute = CurrentMinute(clock(), monotonic())
        self._is_counting = False
        self._forgot_at = 0  # the minute in which minutes before were forgotten
        self._sharing: asyncio.Task[None] | None = None
        self.refused = 0  # requests, for the metrics

    async def start(self) -> None:
        """Raises Unavailable: without the database's clock no minute begins."""
        await self.share()
        self._sharing = asyncio.create_task(self._share_for_ever(), name="database time")

    async def close(self) -> None:
        if self._sharing is not None:
            self._sharing.cancel()
            await asyncio.gather(self._sharing, return_exceptions=True)
            await self._try_share()

    def spending(self, account: Account, key_id: str) -> Spending:
        """For a request that may ask the database."""
        return Spending(self._minute, account, key_id)

    def used_ms(self, account: Account) -> int:
        """In this minute, by all workers, as far as they have told."""
        return self._minute.used_us(account, self._monotonic()) // 1000

    def key_used_ms(self, key_id: str) -> int:
        """Likewise, of a key."""
        return self._minute.key_used_us(key_id, self._monotonic()) // 1000

    @property
    def seconds_left(self) -> float:
        return self._minute.seconds_left(self._monotonic())

    @property
    def wait_seconds(self) -> float:
        """After which the next minute has begun for every worker."""
        return self.seconds_left + CLOCKS_APART_SECONDS

    def is_spent(self, account: Account, policy: Policy) -> bool:
        """Whether the account had its budget of this minute. Whoever asks keeps the workers telling."""
        self._is_counting = True
        return self.used_ms(account) >= policy.limit

    def is_key_spent(self, key_id: str, policy: Policy) -> bool:
        """Whether the key had its budget of this minute. Asked for each request; of one with room, no clock is read."""
        self._is_counting = True
        limit_us = policy.limit * 1000
        if not self._minute.key_seems_spent(key_id, limit_us):
            return False
        return self._minute.key_used_us(key_id, self._monotonic()) >= limit_us

    def refuse(self, policy: Policy) -> RateLimited:
        """What whoever has spent it is told."""
        self.refused += 1
        return used_up(policy, self.wait_seconds)

    async def standing(self, account: Account, key_id: str, policy: Policy) -> Standing:
        """As all workers have told by now, of the account or of its key. Raises Unavailable."""
        await self.share()
        used = self.key_used_ms(key_id) if policy.per_key else self.used_ms(account)
        ends = datetime.fromtimestamp(self._minute.ends_at, UTC)
        return Standing(policy, used, 0, max(0, policy.limit - used), ends)

    async def share(self) -> None:
        """Tell what was spent here, hear what was spent elsewhere and what time it is. Raises Unavailable."""
        self._is_counting = False
        minute = self._minute
        told = minute.untold(self._monotonic())
        number = minute.number
        async with self._connections.use() as connection:
            if told:
                await store.tell(connection, self._worker, number, told)
            others = await store.told_by_others(connection, self._worker, number)
            heard_at = self._monotonic()
            if told and self._forgot_at != number:
                self._forgot_at = number
                await store.forget(connection, number - 1)
        minute.note_told(number, told, others.used)
        minute.set_clock(others.clock, heard_at)

    async def _share_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SHARE_SECONDS)
            self._minute.roll(self._monotonic())  # also where no plan has a budget: a minute's accounts are forgotten
            if self._is_counting:
                await self._try_share()

    async def _try_share(self) -> None:
        try:
            await self.share()
        except (GsbError, asyncpg.PostgresError) as away:
            self._is_counting = True  # tried again, also when nobody asks for anything more
            log.warning("database time is counted by each worker alone: %s", away)


def used_up(policy: Policy, wait_seconds: float) -> RateLimited:
    whose = "this key" if policy.per_key else "this application"
    return RateLimited(
        f"The database has worked {policy.limit} ms of this minute for {whose}, which is all it may.",
        hint="Wait for Retry-After, and ask for what takes less time: fewer levels, narrower filters, declared keys. "
        "{ me { usage(by: [KEY]) { key databaseMs } } } says which key it goes to.",
        reason="database_time",
        retry_after_seconds=ceil(wait_seconds),
        policy=policy.name,
        limit=policy.limit,
    )
