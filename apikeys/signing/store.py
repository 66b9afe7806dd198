"""Signing keys in the database; every statement, and rows to values."""

from datetime import datetime

import asyncpg

from publicgsb.apikeys.rows import value_of
from publicgsb.apikeys.signing.model import SigningKey
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.apikeys.signing"
_KEYS = load(_HERE, "sql/keys.sql")
_LOCK = load(_HERE, "sql/lock.sql")
_INSERT = load(_HERE, "sql/insert.sql")
_SUCCEED = load(_HERE, "sql/succeed.sql")
_DISTRUST = load(_HERE, "sql/distrust.sql")
_ERASE = load(_HERE, "sql/erase.sql")


async def keys(connection: Connection) -> tuple[SigningKey, ...]:
    """All that ever were, newest first."""
    return tuple(map(_key, await connection.fetch(_KEYS)))


async def lock(connection: Connection) -> None:
    """Until the end of the transaction nobody else changes signing keys."""
    await connection.execute(_LOCK)


async def insert(connection: Connection, key: SigningKey) -> None:
    await connection.execute(_INSERT, key.kid, key.public_key, key.sealed_key, key.published_at, key.active_from)


async def succeed(connection: Connection, active_until: datetime, retired_from: datetime) -> None:
    await connection.execute(_SUCCEED, active_until, retired_from)


async def distrust(connection: Connection, now: datetime) -> tuple[str, ...]:
    """The names of the keys that counted until now."""
    return tuple(row["kid"] for row in await connection.fetch(_DISTRUST, now))


async def erase(connection: Connection, now: datetime) -> tuple[str, ...]:
    """The names of the keys whose private halves went."""
    return tuple(row["kid"] for row in await connection.fetch(_ERASE, now))


def _key(row: asyncpg.Record) -> SigningKey:
    return value_of(SigningKey, row)
