"""The end of one key, the same whoever ends it: its owner, an operator, whoever found it, or the end of its person."""

from datetime import datetime

from publicgsb.apikeys import store
from publicgsb.apikeys.announcing import tell_keys
from publicgsb.apikeys.lines import working_successors
from publicgsb.apikeys.model import Actor, Key
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.ids import KeyId


async def end_key(connection: Connection, key: Key, reason: str, actor: Actor, now: datetime) -> Key:
    """Revoked, written down and announced to whom it belongs. The caller tells the workers, and waits for them."""
    ended = await store.revoke_key(connection, key.id, reason, now)
    await store.audit(
        connection, actor, "key.revoke", f"key:{key.id}", before=key.standing, after=ended.standing, reason=reason
    )
    await tell_keys(connection, "key.revoked", [key.id], reason=reason)
    return ended


async def end_successors(
    connection: Connection, key: Key, reason: str, actor: Actor, now: datetime
) -> tuple[KeyId, ...]:
    """An agency's key can replace itself, so what it was replaced by ends with it: their ids. Lock the agency first."""
    successors = await working_successors(connection, key, now)
    for one in successors:
        await end_key(connection, one, f"it came after key {key.id}, which was revoked: {reason}", actor, now)
    return tuple(one.id for one in successors)
