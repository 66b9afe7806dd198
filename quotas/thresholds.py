"""Thresholds: an organisation hears when 80, 95 and 100 % of a period's points or bytes are used or set aside.

Found in the ledger by the jobs process, never on the way of a request. Each share is said once per account, policy,
period and limit: a raised limit has shares of its own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.outbox import publish
from publicgsb.platform.kernel.sql import load

PERCENTS = (80, 95, 100)
KIND = "quota.threshold"
_BATCH = 200

_REACH = load("publicgsb.quotas", "sql/thresholds_reach.sql")


@dataclass(frozen=True, slots=True)
class Reached:
    """`used` was spent, `reserved` is set aside for workers; together they are at least `percent` of `limit`."""

    organisation_id: int
    application_id: int
    policy: str
    percent: int
    limit: int
    used: int
    reserved: int
    period_start: datetime
    period_end: datetime


async def raise_thresholds(connections: Connections) -> tuple[Reached, ...]:
    """Say every share that was newly reached, into the outbox; what is returned is committed."""
    said: list[Reached] = []
    is_full = True
    while is_full:
        async with connections.transaction() as connection:
            batch = await _reach(connection)
            for reached in batch:
                await publish(connection, KIND, _payload(reached), organisation_id=reached.organisation_id)
        said += batch
        is_full = len(batch) == _BATCH
    return tuple(said)


async def _reach(connection: Connection) -> list[Reached]:
    return [
        Reached(
            organisation_id=row["organisation_id"],
            application_id=row["application_id"],
            policy=row["policy"],
            percent=row["percent"],
            limit=row["lim"],
            used=row["used"],
            reserved=row["allotted"] - row["used"],
            period_start=row["period_start"],
            period_end=row["period_end"],
        )
        for row in await connection.fetch(_REACH, PERCENTS, _BATCH)
    ]


def _payload(reached: Reached) -> dict[str, str | int]:
    return {
        "application": reached.application_id,
        "policy": reached.policy,
        "percent": reached.percent,
        "limit": reached.limit,
        "used": reached.used,
        "reserved": reached.reserved,
        "periodStart": _moment(reached.period_start),
        "resetsAt": _moment(reached.period_end),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
