"""The outbox: what happened is written where it happened, in the same transaction, and told to webhooks and by mail
later, by the jobs process. What is rolled back is never told; what is committed is told at least once.
"""

import json
from collections.abc import Mapping
from typing import Any

from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.sql import load

KEEP_DAYS = 30  # how far back messages can be asked for again
PRUNE_MAX = 10_000  # messages that one transaction of the pruning removes

_HERE = "publicgsb.platform.kernel"
_PUBLISH = load(_HERE, "outbox_sql/publish.sql")
_PRUNE = load(_HERE, "outbox_sql/prune.sql")


async def publish(
    connection: Connection,
    kind: str,
    payload: Mapping[str, Any],
    *,
    organisation_id: int | None = None,
    agency_id: int | None = None,
) -> int:
    """Write a message inside the caller's transaction; returns its number in the outbox.

    `kind` is written `thing.happened`, e.g. `grant.validated`; `payload` is JSON of at most 64 KiB, holds no secret and
    is sent as it stands. With an organisation or agency (or both) only their webhooks hear of it, with neither
    whoever asks for the kind.
    """
    text = json.dumps(payload, ensure_ascii=False)
    number: int = await connection.fetchval(_PUBLISH, kind, text, organisation_id, agency_id)
    return number


async def prune(connections: Connections) -> None:
    """Drop messages past `KEEP_DAYS`; the jobs process calls it now and then."""
    removed = f"DELETE {PRUNE_MAX}"
    while removed == f"DELETE {PRUNE_MAX}":
        async with connections.use() as connection:
            removed = await connection.execute(_PRUNE, KEEP_DAYS, PRUNE_MAX)
