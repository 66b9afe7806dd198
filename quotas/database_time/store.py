"""What workers tell each other of database time. Takes a connection, never a pool, and never commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.model import Account

_HERE = "publicgsb.quotas.database_time"
_TOLD_ADD = load(_HERE, "sql/told_add.sql")
_TOLD_BY_OTHERS = load(_HERE, "sql/told_by_others.sql")
_TOLD_FORGET = load(_HERE, "sql/told_forget.sql")


@dataclass(frozen=True, slots=True)
class Told:
    """`used_us` by account, of all other workers; `clock` is the server's, in seconds since 1970."""

    clock: float
    used_us: Mapping[Account, int]


async def tell(connection: Connection, worker: UUID, minute: int, used_us: Mapping[Account, int]) -> None:
    await connection.execute(
        _TOLD_ADD,
        worker,
        minute,
        [organisation_id for organisation_id, _ in used_us],
        [application_id for _, application_id in used_us],
        list(used_us.values()),
    )


async def told_by_others(connection: Connection, worker: UUID, minute: int) -> Told:
    rows = await connection.fetch(_TOLD_BY_OTHERS, worker, minute)
    return Told(
        rows[0]["clock"],
        {
            (row["organisation_id"], row["application_id"]): row["used_us"]
            for row in rows
            if row["organisation_id"] is not None
        },
    )


async def forget(connection: Connection, before_minute: int) -> None:
    await connection.execute(_TOLD_FORGET, before_minute)
