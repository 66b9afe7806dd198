"""What apikeys tells by the outbox, each in the transaction that did it: keys to whom they belong. Never a secret."""

import json
from collections.abc import Iterable

from publicgsb.apikeys.model import Organisation
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.kernel.outbox import publish
from publicgsb.platform.kernel.sql import load

_TELL_KEYS = load("publicgsb.apikeys", "sql/tell_keys.sql")


async def tell_keys(connection: Connection, kind: str, key_ids: Iterable[KeyId], **more: str | int | None) -> None:
    """One message per key, however many: `key.rotated`, `key.revoked`, `key.expiring`; `more` is part of each."""
    await connection.execute(_TELL_KEYS, kind, list(key_ids), json.dumps(more, ensure_ascii=False))


async def tell_organisation(connection: Connection, kind: str, organisation: Organisation) -> None:
    """`organisation.approved`, `organisation.suspended` or `organisation.resumed`, to the organisation itself."""
    told = {"plan": organisation.plan, "state": organisation.state, "reason": organisation.suspended_reason}
    await publish(connection, kind, told, organisation_id=organisation.id)
