"""A replaced key that nobody uses any more ends before its overlap does: what is not needed should not work."""

from datetime import datetime, timedelta

from publicgsb.apikeys import store
from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.spread import tell
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.kernel.sql import load

_RETIRE_SILENT = load("publicgsb.apikeys.upkeep", "sql/retire_silent.sql")
_JOBS = Actor("jobs", None)


async def retire_silent(connections: Connections, silence: timedelta, now: datetime) -> tuple[KeyId, ...]:
    """Ends the replaced keys that were silent for `silence`, at least since they were replaced; their ids in order."""
    async with connections.transaction() as connection:
        rows = await connection.fetch(_RETIRE_SILENT, now, silence)
        key_ids = tuple(sorted(KeyId(row["id"]) for row in rows))
        for key_id in key_ids:
            await store.audit(connection, _JOBS, "key.retire", f"key:{key_id}", reason="silent")
        if key_ids:
            await tell(connection, key_ids)
    return key_ids
