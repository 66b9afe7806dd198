"""How far a change of keys has got when its call returns."""

import logging
from collections.abc import Iterable

from publicgsb.apikeys.model import Spread
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import TimedOut, Unavailable
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.kernel.pulse import announce, barrier

log = logging.getLogger(__name__)


async def tell(connection: Connection, key_ids: Iterable[KeyId]) -> int:
    """Says in the transaction of a change which keys it is about; the number of the event."""
    return await announce(connection, "key", {"key_ids": list(key_ids)})


async def spread_of(connections: Connections, seq: int) -> Spread:
    """How far event `seq` has got. It is committed: a database that goes away does not undo it."""
    try:
        reached = await barrier(connections, seq)
    except (Unavailable, TimedOut) as away:
        log.warning("how far event %d has got is not known: %s", seq, away.code)
        return Spread(is_everywhere=False, workers=0, took_ms=0)
    return Spread(reached.is_everywhere, reached.workers, reached.took_ms, reached.behind)
