"""Sources in the database."""

import asyncpg

from publicgsb.datasets.fetching.model import Known, Source
from publicgsb.datasets.releases.modes import Mode
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.fetching"
_SET = load(_HERE, "sql/source_set.sql")
_DROP = load(_HERE, "sql/source_drop.sql")
_CLAIM = load(_HERE, "sql/source_claim.sql")
_SOURCES = load(_HERE, "sql/sources.sql")
_CHECKED = load(_HERE, "sql/source_checked.sql")
_FAILED = load(_HERE, "sql/source_failed.sql")


async def put(connection: Connection, dataset_id: int, url: str, mode: Mode, every_seconds: int) -> None:
    await connection.execute(_SET, dataset_id, url, mode.value, every_seconds)


async def drop(connection: Connection, dataset_id: int) -> bool:
    return await connection.fetchval(_DROP, dataset_id) is not None


async def claim(connection: Connection, seconds: float) -> Source | None:
    row = await connection.fetchrow(_CLAIM, seconds)
    return None if row is None else _source(row)


async def sources(connection: Connection) -> list[Source]:
    return [_source(row) for row in await connection.fetch(_SOURCES)]


async def checked(connection: Connection, source: Source, known: Known, sha256: str | None, job_id: str | None) -> None:
    await connection.execute(
        _CHECKED, source.dataset_id, known.etag, known.last_modified, sha256, float(source.every_seconds), job_id
    )


async def failed(connection: Connection, source: Source, error: str, *, takes_number: bool) -> None:
    await connection.execute(_FAILED, source.dataset_id, error, source.retry_seconds(), int(takes_number))


def _source(row: asyncpg.Record) -> Source:
    members = dict(row)
    known = Known(members.pop("etag"), members.pop("last_modified"))
    return Source(**{**members, "mode": Mode(members["mode"]), "known": known})
