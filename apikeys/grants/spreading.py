"""A change of an organisation's rights reaches every process by the way of a revoked key."""

from publicgsb.apikeys import store as keys_store
from publicgsb.apikeys.model import Spread
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import TimedOut, Unavailable
from publicgsb.platform.kernel.ids import OrganisationId
from publicgsb.platform.kernel.pulse import announce, barrier


async def forget_keys(connection: Connection, organisation_id: OrganisationId) -> int:
    """Announces that every key of the organisation is to be read anew; returns the event's number.

    The organisation's row must be locked: a key that appeared meanwhile would be read with the rights from before.
    """
    keys = await keys_store.keys_of_organisation(connection, organisation_id)
    return await announce(connection, "key", {"key_ids": [key.id for key in keys]})


async def reached(connections: Connections, seq: int) -> Spread:
    """How far event `seq` has got. It is committed: a database that goes away does not undo it."""
    try:
        got = await barrier(connections, seq)
    except (Unavailable, TimedOut):
        return Spread(is_everywhere=False, workers=0, took_ms=0)
    return Spread(got.is_everywhere, got.workers, got.took_ms)
