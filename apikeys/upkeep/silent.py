"""A replaced key that nobody uses any more ends before its overlap does: what is not needed should not work."""

from datetime import datetime, timedelta

from publicgsb.apikeys import store
from publicgsb.apikeys.announcing import tell_keys
from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.moments import told
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
        for row in rows:
            await store.audit(
                connection,
                _JOBS,
                "key.retire",
                f"key:{row['id']}",
                before={"retire_at": told(row["retire_at_before"])},
                after={"retire_at": told(row["retire_at"])},
                reason="silent",
            )
        key_ids = tuple(sorted(KeyId(row["id"]) for row in rows))
        if key_ids:
            await tell_keys(connection, "key.revoked", key_ids, reason="replaced, and nobody used it any more")
            await tell(connection, key_ids)
    return key_ids
