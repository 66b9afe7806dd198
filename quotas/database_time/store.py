"""What workers tell each other of database time. Takes a connection, never a pool, and never commits."""

from dataclasses import dataclass
from uuid import UUID

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.database_time.minute import Sums

_HERE = "publicgsb.quotas.database_time"
_TOLD_ADD = load(_HERE, "sql/told_add.sql")
_TOLD_ADD_OF_KEYS = load(_HERE, "sql/told_add_of_keys.sql")
_TOLD_BY_OTHERS = load(_HERE, "sql/told_by_others.sql")
_TOLD_FORGET = load(_HERE, "sql/told_forget.sql")
_TOLD_FORGET_OF_KEYS = load(_HERE, "sql/told_forget_of_keys.sql")


@dataclass(frozen=True, slots=True)
class Told:
    """`used` by all other workers; `clock` is the server's, in seconds since 1970."""

    clock: float
    used: Sums


async def tell(connection: Connection, worker: UUID, minute: int, used: Sums) -> None:
    if used.accounts:
        organisations, applications = zip(*used.accounts, strict=True)
        spent = list(used.accounts.values())
        await connection.execute(_TOLD_ADD, worker, minute, organisations, applications, spent)
    if used.keys:
        await connection.execute(_TOLD_ADD_OF_KEYS, worker, minute, list(used.keys), list(used.keys.values()))


async def told_by_others(connection: Connection, worker: UUID, minute: int) -> Told:
    rows = await connection.fetch(_TOLD_BY_OTHERS, worker, minute)
    accounts = {
        (row["organisation_id"], row["application_id"]): row["used_us"]
        for row in rows
        if row["organisation_id"] is not None
    }
    keys = {row["key_id"]: row["used_us"] for row in rows if row["key_id"] is not None}
    return Told(rows[0]["clock"], Sums(accounts, keys))


async def forget(connection: Connection, before_minute: int) -> None:
    await connection.execute(_TOLD_FORGET, before_minute)
    await connection.execute(_TOLD_FORGET_OF_KEYS, before_minute)
