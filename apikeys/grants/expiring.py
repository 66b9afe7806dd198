"""Grants that end soon are told of 30, 7 and 1 days before; reopening renews them. Their end itself needs no event."""

from collections.abc import Callable
from datetime import datetime

from publicgsb.apikeys import store as keys_store
from publicgsb.apikeys.grants.model import WARNING_DAYS, warning_due
from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.moments import utc_now
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.outbox import publish
from publicgsb.platform.kernel.sql import load

BATCH = 500
CLOCK = Actor("clock", None)

_ENDING = load("publicgsb.apikeys.grants", "sql/ending.sql")
_WARNED = load("publicgsb.apikeys.grants", "sql/warned.sql")


async def warn_of_ends(connections: Connections, now: Callable[[], datetime] = utc_now) -> int:
    """Tells of each grant that is due, once per warning whoever runs this; how many. Call it again for more than BATCH.

    A process that was away for days tells the nearest warning only.
    """
    async with connections.transaction() as connection:
        at = now()
        rows = await connection.fetch(_ENDING, at, max(WARNING_DAYS), BATCH, list(WARNING_DAYS))
        for row in rows:
            days = warning_due(row["ends_at"], at, row["warned_days"])
            assert days is not None, "ending.sql finds what is due"
            await connection.execute(_WARNED, row["id"], days)
            await keys_store.audit(
                connection,
                CLOCK,
                "grant.expiring",
                f"grant_request:{row['request_id']}",
                organisation=row["organisation_id"],
                dataset=f"{row['agency']}/{row['dataset']}",
                until=row["ends_at"].isoformat(timespec="seconds"),
                days=days,
            )
            await publish(
                connection,
                "grant.expiring",
                {
                    "request": row["request_id"],
                    "dataset": f"{row['agency']}/{row['dataset']}",
                    "until": row["ends_at"].isoformat(timespec="seconds"),
                    "days": days,
                },
                organisation_id=row["organisation_id"],
            )
    return len(rows)
