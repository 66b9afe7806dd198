"""Warnings before a key ends: 30, 7 and 1 days ahead, each written once, whatever dies in between."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from publicgsb.apikeys.rows import value_of
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.kernel.sql import load

_WARN_EXPIRING = load("publicgsb.apikeys.upkeep", "sql/warn_expiring.sql")


@dataclass(frozen=True, slots=True)
class Expiring:
    """A key that ends within `days`, and the person who asked for it. One of the two ids is there."""

    key_id: KeyId
    label: str
    hint: str
    expires_at: datetime
    days: int
    email: str = field(repr=False)
    organisation_id: int | None
    agency_id: int | None


Write: TypeAlias = Callable[[Connection, Expiring], Awaitable[None]]


async def warn_expiring(connections: Connections, write: Write, now: datetime) -> int:
    """Writes a warning for each active key that has come nearer to its end; how many.

    `write` gets the connection of the transaction in which the warning is noted: what it puts into an outbox by it is
    there if and only if the note is. A jobs process that was away for weeks writes the nearest warning alone.
    """
    async with connections.transaction() as connection:
        rows = await connection.fetch(_WARN_EXPIRING, now)
        for row in rows:
            await write(connection, value_of(Expiring, row, key_id=KeyId(row["id"])))
    return len(rows)
