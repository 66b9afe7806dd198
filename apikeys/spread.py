"""How far a committed change has got: what revocations, suspensions and removals answer with."""

from publicgsb.apikeys.model import Spread
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import TimedOut, Unavailable
from publicgsb.platform.kernel.pulse import barrier


async def spread_of(connections: Connections, seq: int) -> Spread:
    """How far event `seq` has got. It is committed: a database that goes away does not undo it."""
    try:
        reached = await barrier(connections, seq)
    except (Unavailable, TimedOut):
        return Spread(is_everywhere=False, workers=0, took_ms=0)
    return Spread(reached.is_everywhere, reached.workers, reached.took_ms)
