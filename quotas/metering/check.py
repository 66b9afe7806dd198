"""Every minute: facts at most what was allotted, leases exactly what was allotted, and that at most the limit.

A breach is an incident: an error in the log, a row that stays open until an operator closes it, a figure at /metrics.
"""

import logging

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.kernel.pulse import Event, Pulse, announce
from publicgsb.quotas import store as quotas_store
from publicgsb.quotas.metering import store
from publicgsb.quotas.metering.store import Breach, Incident

log = logging.getLogger(__name__)


async def check(connections: Connections) -> list[Breach]:
    """What must not be and is, at this moment; changes nothing."""
    async with connections.transaction() as connection:
        await connection.execute("set transaction isolation level repeatable read, read only")
        return await store.breaches(connection)


async def check_and_alarm(connections: Connections) -> list[Breach]:
    """The same, noted as incidents; does nothing while another process is at it."""
    async with connections.transaction() as connection:
        if not await store.check_lock(connection):
            return []
        found = await check(connections)
        fresh = [breach for breach in found if await store.incident_note(connection, breach)]
        for breach in fresh:
            await quotas_store.audit(
                connection, "system", "incident", f"{breach.kind} {breach.subject}", breach.details
            )
        if fresh:
            await announce(connection, "incident", {})
    for breach in fresh:
        log.error("quota invariant broken: %s %s %s", breach.kind, breach.subject, dict(breach.details))
    return found


async def incidents(connections: Connections) -> list[Incident]:
    async with connections.use() as connection:
        return await store.incidents_open(connection)


async def close_incident(connections: Connections, incident_id: int, reason: str, *, actor: str) -> None:
    """Somebody has looked into it; if it still stands, the next check opens a new one. Raises NotFound."""
    async with connections.transaction() as connection:
        closed = await store.incident_close(connection, incident_id)
        if closed is None:
            raise NotFound(f"There is no open incident {incident_id}.", hint="`gsb usage check` lists them.")
        await quotas_store.audit(connection, actor, "incident_close", " ".join(closed), {"reason": reason})
        await announce(connection, "incident", {})


class OpenIncidents:
    """How many are open, for the metrics of a worker; build it before the pulse starts."""

    def __init__(self, connections: Connections, pulse: Pulse) -> None:
        self._connections = connections
        self.count = 0
        pulse.on("incident", self._changed)

    async def load(self) -> None:
        self.count = len(await incidents(self._connections))

    async def _changed(self, _: Event) -> None:
        await self.load()
