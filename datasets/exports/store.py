"""Files of releases in the database: which are made, which are due, and which objects are named."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from publicgsb.datasets.exports.model import FileFormat, Made, Part, Whole
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.exports"
_DUE = load(_HERE, "sql/due.sql")
_LET_GO = load(_HERE, "sql/let_go.sql")
_EXPORT_LOCK = load(_HERE, "sql/export_lock.sql")
_MAKING_LOCK = load(_HERE, "sql/making_lock.sql")
_SWEEPING_LOCK = load(_HERE, "sql/sweeping_lock.sql")
_STILL_PUBLISHED = load(_HERE, "sql/still_published.sql")
_MADE = load(_HERE, "sql/export_made.sql")
_FAILED = load(_HERE, "sql/export_failed.sql")
_PART = load(_HERE, "sql/part_insert.sql")
_MADE_OF = load(_HERE, "sql/made_of.sql")
_FORGETTABLE = load(_HERE, "sql/forgettable.sql")
_FORGET = load(_HERE, "sql/forget.sql")
_NAMED = load(_HERE, "sql/named.sql")
_LOST = load(_HERE, "sql/lost.sql")


@dataclass(frozen=True, slots=True)
class Due:
    release_id: int
    agency: str
    dataset: str
    seq: int

    @property
    def name(self) -> str:
        return f"{self.agency}/{self.dataset}"


async def due(connection: Connection, most: int) -> list[Due]:
    return [Due(row["id"], row["agency"], row["dataset"], row["seq"]) for row in await connection.fetch(_DUE, most)]


async def hold_making(connection: Connection) -> None:
    """Until the session ends: no sweep runs."""
    await connection.execute(_MAKING_LOCK)


async def let_go(connection: Connection) -> None:
    await connection.execute(_LET_GO)


async def try_export(connection: Connection, release_id: int) -> bool:
    """Whether the files of this release are ours to make, until the session ends."""
    is_ours: bool = await connection.fetchval(_EXPORT_LOCK, release_id)
    return is_ours


async def hold_sweeping(connection: Connection) -> None:
    """Until the transaction ends: nobody makes files. Waits as long as the connection's lock_timeout says."""
    await connection.execute(_SWEEPING_LOCK)


async def is_still_published(connection: Connection, release_id: int) -> bool:
    return await connection.fetchval(_STILL_PUBLISHED, release_id) is not None


async def set_made(connection: Connection, release_id: int, parts: Sequence[Part], csv: Whole) -> bool:
    """False when they were made before; nothing is changed then."""
    made_at = await connection.fetchval(_MADE, release_id, csv.bytes, csv.sha256, csv.sha256_with_bom)
    if made_at is None:
        return False
    await connection.executemany(
        _PART,
        [(release_id, one.format.value, one.number, one.rows, one.bytes, one.sha256, one.head_bytes) for one in parts],
    )
    return True


async def set_failed(connection: Connection, release_id: int, why: str) -> None:
    await connection.execute(_FAILED, release_id, why)


async def made_of(connection: Connection, release_ids: Collection[int]) -> Mapping[int, Made]:
    return {row["release_id"]: _made(row) for row in await connection.fetch(_MADE_OF, list(release_ids))}


async def forgettable(connection: Connection, grace_seconds: float) -> list[int]:
    return [row["release_id"] for row in await connection.fetch(_FORGETTABLE, grace_seconds)]


async def forget(connection: Connection, release_ids: Sequence[int]) -> None:
    await connection.execute(_FORGET, list(release_ids))


async def named(connection: Connection, sha256s: Sequence[str]) -> set[str]:
    return {row["sha256"] for row in await connection.fetch(_NAMED, list(sha256s))}


async def forget_lost(connection: Connection, there: Sequence[str]) -> list[int]:
    """The releases whose files are to be made again, because an object of theirs is not `there`."""
    return [row["release_id"] for row in await connection.fetch(_LOST, list(there))]


def _made(row: asyncpg.Record) -> Made:
    order = list(FileFormat)
    parts = [Part(FileFormat(kind), *rest) for kind, *rest in json.loads(row["parts"])]
    parts.sort(key=lambda part: (order.index(part.format), part.number))
    csv = Whole(row["csv_bytes"], row["csv_sha256"], row["csv_bom_sha256"])
    return Made(row["release_id"], row["made_at"], tuple(parts), csv)
