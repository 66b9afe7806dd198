"""Requests for drafts in the database."""

import json
from typing import Any

from publicgsb.datasets.drafting.requested.model import KEPT, DraftRequest, DraftState
from publicgsb.datasets.jobs.model import Upload
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.drafting.requested"
_INSERT = load(_HERE, "sql/request_insert.sql")
_SELECT = load(_HERE, "sql/request_select.sql")
_AGENCY_LOCK = load(_HERE, "sql/agency_lock.sql")
_KEPT = load(_HERE, "sql/kept.sql")
_CLAIM = load(_HERE, "sql/request_claim.sql")
_LOCK = load(_HERE, "sql/request_lock.sql")
_ATTEMPT = load(_HERE, "sql/request_attempt.sql")
_MADE = load(_HERE, "sql/request_made.sql")
_FAILED = load(_HERE, "sql/request_failed.sql")
_FORGET = load(_HERE, "sql/forget.sql")


async def lock_agency(connection: Connection, agency_id: int) -> None:
    await connection.execute(_AGENCY_LOCK, agency_id)


async def kept(connection: Connection, agency_id: int) -> tuple[int, int, float | None]:
    """How many of an agency wait, how many are kept, and in how many seconds the first of those is not."""
    row = await connection.fetchrow(_KEPT, agency_id, KEPT.total_seconds())
    assert row is not None
    return row["waiting"], row["kept"], row["frees_seconds"]


async def insert(
    connection: Connection, request_id: str, agency_id: int, dataset: str, actor: str, upload: Upload
) -> None:
    await connection.execute(
        _INSERT, request_id, agency_id, dataset, actor, upload.path.name, upload.sha256, upload.size_bytes
    )


async def by_id(connection: Connection, request_id: str) -> DraftRequest | None:
    row = await connection.fetchrow(_SELECT, request_id)
    if row is None:
        return None
    members = dict(row)
    for name in ("proposal", "error"):
        members[name] = json.loads(members[name]) if members[name] else None
    return DraftRequest(**{**members, "state": DraftState(members["state"])})


async def claim(connection: Connection, pause_seconds: float) -> str | None:
    """The request that has waited longest."""
    request_id: str | None = await connection.fetchval(_CLAIM, pause_seconds)
    return request_id


async def try_lock(connection: Connection, request_id: str) -> bool:
    """Whether it is ours to make, until the session ends."""
    is_ours: bool = await connection.fetchval(_LOCK, request_id)
    return is_ours


async def begin_attempt(connection: Connection, request_id: str) -> int | None:
    """The number of the attempt; None when the request has come to its end by now."""
    number: int | None = await connection.fetchval(_ATTEMPT, request_id)
    return number


async def set_made(connection: Connection, request_id: str, proposal: dict[str, Any], yaml: str) -> None:
    await connection.execute(_MADE, request_id, json.dumps(proposal, ensure_ascii=True), yaml)


async def set_failed(connection: Connection, request_id: str, error: dict[str, Any]) -> None:
    await connection.execute(_FAILED, request_id, json.dumps(error, ensure_ascii=False))


async def forget(connection: Connection, kept_seconds: float) -> None:
    await connection.execute(_FORGET, kept_seconds)
