"""Revoking many keys at once: one transaction, one event, one barrier."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from publicgsb.apikeys import store
from publicgsb.apikeys.announcing import tell_keys
from publicgsb.apikeys.model import Actor, KeyState, Spread
from publicgsb.apikeys.selection import Selection
from publicgsb.apikeys.spread import spread_of, tell
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.ids import KeyId


@dataclass(frozen=True, slots=True)
class BulkRevocation:
    """The keys that worked until now and work no more, in order."""

    key_ids: tuple[KeyId, ...]
    spread: Spread


async def revoke_many(
    connections: Connections, selection: Selection, reason: str, actor: Actor, now: datetime
) -> BulkRevocation:
    """No process accepts any of them once this returns with `spread.is_everywhere`.

    A key whose creation has not returned when this is called counts as issued after it. An actor of an organisation
    reaches its keys only. Raises InvalidRequest (`selection`) without any condition.
    """
    conditions = selection.told()
    if not conditions:
        raise InvalidRequest("Say which keys; none was named.", reason="selection")
    async with connections.transaction() as connection:
        await store.lock_keys(connection)
        key_ids = await store.revoke_keys(connection, selection, actor.organisation_id, reason, now)
        if key_ids:
            subject = f"organisation:{actor.organisation_id}" if actor.organisation_id else "keys"
            told: dict[str, Any] = {**conditions, "count": len(key_ids), "keys": " ".join(key_ids)}
            after = {"state": KeyState.REVOKED.value}
            await store.audit(connection, actor, "key.revoke_many", subject, after=after, reason=reason, **told)
            await tell_keys(connection, "key.revoked", key_ids, reason=reason)
        seq = await tell(connection, key_ids)
    return BulkRevocation(key_ids, await spread_of(connections, seq))
