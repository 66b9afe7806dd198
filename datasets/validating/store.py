"""Validations in the database."""

import json
from typing import Any

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.jobs.model import Upload
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.validating.model import KEPT, WAITS, New, Validation, ValidationState
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.validating"
_INSERT = load(_HERE, "sql/insert.sql")
_SELECT = load(_HERE, "sql/select.sql")
_AGENCY_LOCK = load(_HERE, "sql/agency_lock.sql")
_KEPT = load(_HERE, "sql/kept.sql")
_FILE_SET = load(_HERE, "sql/file_set.sql")
_CLAIM = load(_HERE, "sql/claim.sql")
_LOCK = load(_HERE, "sql/lock.sql")
_ATTEMPT = load(_HERE, "sql/attempt.sql")
_JUDGED = load(_HERE, "sql/judged.sql")
_FAILED = load(_HERE, "sql/failed.sql")
_FORGET = load(_HERE, "sql/forget.sql")


async def lock_agency(connection: Connection, agency_id: int) -> None:
    await connection.execute(_AGENCY_LOCK, agency_id)


async def kept(connection: Connection, agency_id: int) -> tuple[int, int, float | None]:
    """How many of an agency hold a file, how many are kept, and in how many seconds the first of those is not."""
    row = await connection.fetchrow(_KEPT, agency_id, KEPT.total_seconds(), WAITS.total_seconds())
    assert row is not None
    return row["queued"], row["kept"], row["frees_seconds"]


async def insert(connection: Connection, validation_id: str, agency_id: int, new: New, actor: str) -> None:
    contract = None if new.contract is None else json.dumps(new.contract)
    file = (new.upload.path.name, new.upload.sha256, new.upload.size_bytes) if new.upload else (None, None, None)
    await connection.execute(_INSERT, validation_id, agency_id, new.dataset, new.mode.value, contract, actor, *file)


async def by_id(connection: Connection, validation_id: str) -> Validation | None:
    row = await connection.fetchrow(_SELECT, validation_id)
    if row is None:
        return None
    members = dict(row)
    for name in ("report", "review", "error"):
        members[name] = json.loads(members[name]) if members[name] else None
    members["contract"] = parse(json.loads(members["contract"])) if members["contract"] else None
    return Validation(**{**members, "state": ValidationState(members["state"]), "mode": Mode(members["mode"])})


async def set_file(connection: Connection, validation_id: str, mode: Mode, upload: Upload) -> bool:
    """False when it waits for none."""
    file = (upload.path.name, upload.sha256, upload.size_bytes)
    return await connection.fetchval(_FILE_SET, validation_id, mode.value, *file) is not None


async def claim(connection: Connection, pause_seconds: float) -> str | None:
    """The one that has waited longest."""
    validation_id: str | None = await connection.fetchval(_CLAIM, pause_seconds)
    return validation_id


async def try_lock(connection: Connection, validation_id: str) -> bool:
    """Whether it is ours to look at, until the session ends."""
    is_ours: bool = await connection.fetchval(_LOCK, validation_id)
    return is_ours


async def begin_attempt(connection: Connection, validation_id: str) -> int | None:
    """The number of the attempt; None when it has come to its end by now."""
    number: int | None = await connection.fetchval(_ATTEMPT, validation_id)
    return number


async def set_judged(
    connection: Connection,
    validation_id: str,
    state: ValidationState,
    report: dict[str, Any],
    review: dict[str, Any] | None,
) -> None:
    documents = (json.dumps(one, ensure_ascii=False) if one is not None else None for one in (report, review))
    await connection.execute(_JUDGED, validation_id, state.value, *documents)


async def set_failed(connection: Connection, validation_id: str, error: dict[str, Any]) -> None:
    await connection.execute(_FAILED, validation_id, json.dumps(error, ensure_ascii=False))


async def forget(connection: Connection, kept_seconds: float, waits_seconds: float) -> None:
    await connection.execute(_FORGET, kept_seconds, waits_seconds)
