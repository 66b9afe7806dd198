"""The end of one key, the same whoever ends it: its owner, an operator, whoever found it, or the end of its person."""

from datetime import datetime

from publicgsb.apikeys import store
from publicgsb.apikeys.announcing import tell_keys
from publicgsb.apikeys.model import Actor, Key
from publicgsb.platform.kernel.database import Connection


async def end_key(connection: Connection, key: Key, reason: str, actor: Actor, now: datetime) -> Key:
    """Revoked, written down and announced to whom it belongs. The caller tells the workers, and waits for them."""
    ended = await store.revoke_key(connection, key.id, reason, now)
    await store.audit(
        connection, actor, "key.revoke", f"key:{key.id}", before=key.standing, after=ended.standing, reason=reason
    )
    await tell_keys(connection, "key.revoked", [key.id], reason=reason)
    return ended
