"""Escrow leases: a unit may be used only after it was durably set aside, so no crash can give it away twice.

A lease is valid as long as its worker is alive: the worker stops spending 20 s (monotonic) after the last
contact of its pulse, and not before 30 s without a heartbeat is it declared dead and what it held counted as
used.
"""

from uuid import UUID

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.pulse import Pulse, announce, barrier
from publicgsb.quotas import store
from publicgsb.quotas.model import Account, Policy
from publicgsb.quotas.store import Granted, Reclaimed

SPEND_SECONDS = 20.0
DEAD_AFTER_SECONDS = 30.0
RECALL_SECONDS = 1.5
IN_ADVANCE_SECONDS = 30.0


def lease_size(rate: float, minimum: int, limit: int) -> int:
    """Units to set aside for the next 30 s: 0.01 % to 0.1 % of the limit, never less than the request needs.

    The grant itself shrinks it further near the end of the period (half of the room, shared by all workers).
    """
    floor, ceiling = limit // 10_000, limit // 1_000
    return max(minimum, min(max(int(rate * IN_ADVANCE_SECONDS), floor), ceiling))


class Leases:
    """The leases of one worker; each is named by a random id that its holder keeps."""

    def __init__(self, connections: Connections, pulse: Pulse) -> None:
        self._connections = connections
        self._pulse = pulse

    @property
    def may_spend(self) -> bool:
        """False once the reclaimer may think that this worker is dead."""
        return self._pulse.seconds_since_contact < SPEND_SECONDS and not self._pulse.is_fenced

    async def grant(
        self, lease_id: UUID, account: Account, policy: Policy, *, used: int, want: int, minimum: int
    ) -> Granted | None:
        """Grow the lease; None when there is no room for `minimum`. Raises Unavailable when fenced."""
        boot_id = self._pulse.boot_id
        async with self._connections.use() as connection:
            for is_last in (False, True):
                granted = await store.lease_grant(
                    connection, lease_id, boot_id, account, policy, used=used, want=want, minimum=minimum
                )
                if granted is not None or is_last:
                    return granted
                if not await store.worker_is_alive(connection, boot_id):
                    raise worker_is_dead()
                if not await store.account_open(connection, account, policy):
                    return None
        return None

    async def settle(self, lease_id: UUID, used: int) -> None:
        async with self._connections.use() as connection:
            await store.lease_settle(connection, lease_id, used)

    async def recall(self, account: Account) -> bool:
        """Ask every worker for the idle rest of its lease; True when each live one has given it back."""
        organisation_id, application_id = account
        async with self._connections.transaction() as connection:
            seq = await announce(
                connection,
                "lease_recall",
                {"organisation_id": organisation_id, "application_id": application_id},
            )
        answered = await barrier(self._connections, seq, timeout_seconds=RECALL_SECONDS)
        return answered.is_everywhere

    async def standing(self, account: Account, policy: Policy) -> store.AccountStanding:
        async with self._connections.use() as connection:
            return await store.account_standing(connection, account, policy)


async def reclaim(connections: Connections, *, dead_after_seconds: float = DEAD_AFTER_SECONDS) -> Reclaimed:
    """Declare silent workers dead and count what they held as used; the jobs process calls it often."""
    async with connections.transaction() as connection:
        return await store.reclaim(connection, dead_after_seconds)


def worker_is_dead() -> Unavailable:
    return Unavailable("This worker has lost the database and may spend nothing.", reason="lease")
