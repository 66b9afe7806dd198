"""Strict sliding windows and slots of concurrency: one call takes of all of them, from Redis or from PostgreSQL.

Which of the two holds an organisation's windows is the matter of its epoch (quotas/epochs). A call whose outcome is
unknown took units that nobody uses; a reply that arrives after its epoch ended is thrown away.
"""

import time
from collections.abc import Sequence

from redis.asyncio import Redis

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.quotas.epochs import store
from publicgsb.quotas.epochs.in_redis import EPOCH_TTL_MS, InRedis, connect
from publicgsb.quotas.epochs.service import Epochs, Organisation
from publicgsb.quotas.epochs.tally import Tally
from publicgsb.quotas.epochs.words import (
    HELD,
    HORIZON_MS,
    MARK,
    NO_SLOTS,
    SLOT_TTL_MS,
    Slots,
    Verdict,
    WindowGrant,
    WindowState,
    read_reply,
    shape_of,
    takes_ahead,
    window_key,
)
from publicgsb.quotas.model import Account, Plan

__all__ = [
    "HORIZON_MS", "Slots", "Verdict", "WindowGrant", "WindowState", "Windows", "connect", "takes_ahead", "window_key",
]  # fmt: skip


class Windows:
    """The windows and slots of all accounts, as one worker sees them. Build it before the pulse starts."""

    def __init__(self, connections: Connections, redis: "Redis", pulse: Pulse) -> None:
        self._connections = connections
        self._redis = InRedis(redis)
        self._worker = str(pulse.boot_id)
        self.epochs = Epochs(connections, pulse, self._redis)

    async def start(self) -> None:
        await self.epochs.start()

    async def close(self) -> None:
        await self.epochs.close()

    async def opened(self, account: Account) -> None:
        """Wait, after Verdict.HELD, until it is worth asking again; raises Unavailable when that takes too long."""
        await self.epochs.opened(self.epochs.of(account[0]))

    async def grant(
        self,
        account: Account,
        plan: Plan,
        *,
        want: int,
        minimum: int,
        slots: Slots = NO_SLOTS,
        unused: Sequence[tuple[int, int]] = (),
    ) -> WindowGrant:
        """Take `minimum` to `want` units of every window, or none of any; give back `unused` (mark, units).

        Verdict.HELD while no epoch is open. Raises Unavailable when PostgreSQL holds the windows and is away.
        want = minimum = 0 looks and gives back only.
        """
        if minimum < 0 or want < minimum:
            raise ValueError("units must not be negative, and want not less than minimum")
        organisation = self.epochs.of(account[0])
        tally = self._tally(organisation, account, plan)
        epoch = organisation.epoch
        given_back = [(mark % MARK, units) for mark, units in unused if mark // MARK == epoch]
        for moment, units in given_back:
            tally.give_back(moment, units)
        if not organisation.is_open:
            return HELD
        sent_at = tally.used_at
        reply = await self._ask(organisation, tally, want, minimum, slots, given_back)
        if organisation.epoch != epoch or not organisation.is_open:
            return HELD  # what this brought is not in what was told of the epoch that ended
        grant = read_reply(reply, plan, sent_at=sent_at, epoch=epoch)
        if grant is HELD:
            self.epochs.lost(organisation, epoch)
            return HELD
        tally.held = slots.running + grant.slots
        if grant.granted:
            tally.charge(grant.granted_ms, grant.granted, time.monotonic())
        return grant

    async def _ask(
        self,
        organisation: Organisation,
        tally: Tally,
        want: int,
        minimum: int,
        slots: Slots,
        given_back: list[tuple[int, int]],
    ) -> list[int]:
        """The reply of the store of the epoch; [-3] when the epoch is not there, or its store does not answer."""
        shape, server, epoch = tally.shape, organisation.server, organisation.epoch
        if server is None:
            async with self._connections.use() as connection:
                return await store.window_grant(
                    connection, organisation.id, epoch, shape, self._worker,
                    want=want, minimum=minimum, slots=slots, given_back=given_back,
                )  # fmt: skip
        if self._redis.is_away:
            return [Verdict.HELD.value]
        arguments: list[int | str] = [epoch, EPOCH_TTL_MS, want, minimum, *shape.redis_arguments, shape.slot_limit]
        arguments += [self._worker, slots.running, slots.want, slots.minimum, SLOT_TTL_MS]
        try:
            flat = [number for pair in given_back for number in pair]
            return await self._redis.grant(server, shape.redis_keys, arguments, flat)
        except Unavailable:
            return [Verdict.HELD.value]

    def _tally(self, organisation: Organisation, account: Account, plan: Plan) -> Tally:
        # An account has one plan at a time. A capacity, whose account is of no organisation, has what all share and the
        # floors of organisations side by side: each tells what was admitted of its own windows.
        key = account[1] if account[0] > 0 else plan.name
        tally = organisation.tallies.get(key)
        if tally is None:
            tally = organisation.tallies[key] = Tally(shape_of(account, plan))
        elif tally.shape.plan is not plan:
            tally.bind(shape_of(account, plan))
        tally.used_at = time.monotonic()
        return tally
