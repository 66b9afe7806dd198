"""Requests for files in the database."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from publicgsb.datasets.exports.model import FileFormat, Part
from publicgsb.datasets.exports.requested.model import ExportRequest, RequestState
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.exports.requested"
_INSERT = load(_HERE, "sql/request_insert.sql")
_ACCOUNT_LOCK = load(_HERE, "sql/account_lock.sql")
_WAITING = load(_HERE, "sql/waiting.sql")
_KEPT = load(_HERE, "sql/kept.sql")
_SELECT = load(_HERE, "sql/request_select.sql")
_DUE = load(_HERE, "sql/due.sql")
_LOCK = load(_HERE, "sql/request_lock.sql")
_ATTEMPT = load(_HERE, "sql/request_attempt.sql")
_MADE = load(_HERE, "sql/request_made.sql")
_FAILED = load(_HERE, "sql/request_failed.sql")
_FORGET = load(_HERE, "sql/forget.sql")


async def lock_account(connection: Connection, account: tuple[int, int]) -> None:
    await connection.execute(_ACCOUNT_LOCK, *account)


async def waiting(connection: Connection, account: tuple[int, int]) -> int:
    count: int = await connection.fetchval(_WAITING, *account)
    return count


async def kept(
    connection: Connection, account: tuple[int, int], kept_seconds: float
) -> tuple[int, int, datetime | None]:
    """How many requests an account has, the bytes of their files, and when the first of them was finished."""
    row = await connection.fetchrow(_KEPT, *account, kept_seconds)
    assert row is not None
    return row["requests"], row["bytes"], row["first_finished_at"]


async def insert(
    connection: Connection,
    request_id: str,
    caller: Caller,
    idempotency_key: str,
    dataset_id: int,
    release_id: int,
    format_: FileFormat,
    fields: Sequence[str],
    conditions: dict[str, Any],
) -> bool:
    """False when the account has used the idempotency key before."""
    inserted = await connection.fetchval(
        _INSERT,
        request_id,
        *caller.account,
        caller.key_id,
        idempotency_key,
        dataset_id,
        release_id,
        format_.value,
        list(fields),
        json.dumps(conditions, ensure_ascii=False),
    )
    return inserted is not None


async def by_id(connection: Connection, request_id: str) -> ExportRequest | None:
    row = await connection.fetchrow(_SELECT, request_id, None, None, None)
    return _request(row) if row else None


async def by_idempotency_key(
    connection: Connection, account: tuple[int, int], idempotency_key: str
) -> ExportRequest | None:
    row = await connection.fetchrow(_SELECT, None, *account, idempotency_key)
    return _request(row) if row else None


async def due(connection: Connection, most: int) -> list[str]:
    return [row["id"] for row in await connection.fetch(_DUE, most)]


async def try_lock(connection: Connection, request_id: str) -> bool:
    """Whether it is ours to make, until the session ends."""
    is_ours: bool = await connection.fetchval(_LOCK, request_id)
    return is_ours


async def begin_attempt(connection: Connection, request_id: str, pause_seconds: float) -> int | None:
    """The number of the attempt; None when the request is finished by now."""
    number: int | None = await connection.fetchval(_ATTEMPT, request_id, pause_seconds)
    return number


async def set_made(connection: Connection, request_id: str, parts: Sequence[Part]) -> None:
    told = [[one.format.value, one.number, one.rows, one.bytes, one.sha256, one.head_bytes] for one in parts]
    await connection.execute(_MADE, request_id, json.dumps(told))


async def set_failed(connection: Connection, request_id: str, why: str) -> None:
    await connection.execute(_FAILED, request_id, why)


async def forget(connection: Connection, kept_seconds: float) -> None:
    await connection.execute(_FORGET, kept_seconds)


def _request(row: asyncpg.Record) -> ExportRequest:
    return ExportRequest(
        id=row["id"],
        account=(row["organisation_id"], row["application_id"]),
        key_id=row["key_id"],
        agency=row["agency"],
        dataset=row["dataset"],
        seq=row["seq"],
        release_id=row["release_id"],
        format=FileFormat(row["format"]),
        fields=tuple(row["fields"]),
        conditions=json.loads(row["conditions"]),
        state=RequestState(row["state"]),
        attempts=row["attempts"],
        parts=tuple(Part(FileFormat(kind), *rest) for kind, *rest in json.loads(row["parts"])),
        error=row["error"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
    )
