"""Revoking many keys at once: one transaction, one event, one barrier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from publicgsb.apikeys import store
from publicgsb.apikeys.announcing import tell_keys
from publicgsb.apikeys.model import Actor, KeyState, Spread
from publicgsb.apikeys.selection import Selection
from publicgsb.apikeys.spread import spread_of, tell
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.ids import KeyId

NAMED_MAX = 100  # in the entry of the audit


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
            told = {**conditions, **_named(key_ids, now)}
            after = {"state": KeyState.REVOKED.value}
            await store.audit(connection, actor, "key.revoke_many", subject, after=after, reason=reason, **told)
            await tell_keys(connection, "key.revoked", key_ids, reason=reason)
        seq = await tell(connection, key_ids)
    return BulkRevocation(key_ids, await spread_of(connections, seq))


def _named(key_ids: Sequence[KeyId], now: datetime) -> dict[str, Any]:
    """What the audit says of them, however many: the first by name, and of all how many, when, and a hash.

    A key's row stays and says when it was revoked, so that all of them are found by `revoked_at`, and the hash of their
    ids, in order and one a line, says whether those are they.
    """
    return {
        "count": len(key_ids),
        "keys": " ".join(key_ids[:NAMED_MAX]),
        "revoked_at": now.astimezone(UTC).isoformat(),
        "sha256": sha256("\n".join(key_ids).encode()).hexdigest(),
    }
