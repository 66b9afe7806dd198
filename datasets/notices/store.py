"""Notices in the database."""

from collections.abc import Sequence
from datetime import date

from publicgsb.datasets.notices.model import Notice
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.notices"
_NOTICES = load(_HERE, "sql/notices.sql")
_INSERT = load(_HERE, "sql/notice_insert.sql")
_OVERRIDE = load(_HERE, "sql/notice_override.sql")
_END = load(_HERE, "sql/notice_end.sql")
_TOLD = load(_HERE, "sql/told_insert.sql")
_REMIND = load(_HERE, "sql/told_remind.sql")
_OVERRIDDEN = load(_HERE, "sql/override_insert.sql")
_DROP_NEXT = load(_HERE, "sql/next_contract_drop.sql")


async def open_notices(connection: Connection, dataset_id: int | None = None) -> list[Notice]:
    """Of one dataset (then at most one), or of all."""
    return [
        Notice(**{**dict(row), "breaks": tuple(row["breaks"]), "touched": tuple(row["touched"])})
        for row in await connection.fetch(_NOTICES, dataset_id)
    ]


async def open_notice(connection: Connection, dataset_id: int) -> Notice | None:
    return next(iter(await open_notices(connection, dataset_id)), None)


async def insert(
    connection: Connection,
    dataset_id: int,
    successor_id: int,
    major: int,
    breaks: Sequence[str],
    touched: Sequence[str],
    actor: str,
    earliest_on: date,
    beside_days: int,
    announced_by: int | None,
    contract_by: int | None,
) -> int:
    """`contract_by`: who declared it, where that has to be another person than who announces it."""
    id_: int = await connection.fetchval(
        *(_INSERT, dataset_id, successor_id, major, list(breaks), list(touched), actor, earliest_on, beside_days),
        *(announced_by, contract_by),
    )
    return id_


async def set_override(connection: Connection, notice_id: int, earliest_on: date, actor: str, reason: str) -> None:
    await connection.execute(_OVERRIDE, notice_id, earliest_on, actor, reason)


async def end(connection: Connection, dataset_id: int) -> None:
    await connection.execute(_END, dataset_id)


async def note_told(connection: Connection, notice_id: int, organisation_id: int) -> bool:
    """False: it had been told before."""
    return await connection.fetchval(_TOLD, notice_id, organisation_id) is not None


async def note_reminded(connection: Connection, notice_id: int, organisation_id: int) -> bool:
    """False: it had been reminded before, or was never told."""
    return await connection.fetchval(_REMIND, notice_id, organisation_id) is not None


async def allow(connection: Connection, contract_id: int, actor: str, reason: str) -> None:
    await connection.execute(_OVERRIDDEN, contract_id, actor, reason)


async def drop_next_contract(connection: Connection, dataset_id: int) -> None:
    await connection.execute(_DROP_NEXT, dataset_id)
