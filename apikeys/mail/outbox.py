"""Outgoing mail as rows: posted in the transaction that asks for it, sent by the jobs process.

Without a mail server it waits here, where `gsb org outbox` shows it.
"""

from dataclasses import dataclass, field
from datetime import datetime

from publicgsb.apikeys.mail.letters import Letter
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.apikeys.mail"
_ADDRESS_LOCK = load(_HERE, "sql/address_lock.sql")
_POST = load(_HERE, "sql/post.sql")
_COUNT_TODAY = load(_HERE, "sql/count_today.sql")
_CLAIM = load(_HERE, "sql/claim.sql")
_SENT = load(_HERE, "sql/sent.sql")
_FAILED = load(_HERE, "sql/failed.sql")
_OUTBOX = load(_HERE, "sql/outbox.sql")
_FORGET = load(_HERE, "sql/forget.sql")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail that this process has to send now."""

    id: int
    to_address: str
    letter: Letter


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the operator sees it."""

    id: int
    to_address: str
    subject: str
    body: str = field(repr=False)
    created_at: datetime
    sent_at: datetime | None
    tries: int
    last_error: str | None


async def lock_address(connection: Connection, purpose: str, address: str) -> None:
    """Whoever counts what this address did waits for whoever counts it now, until the transaction ends."""
    await connection.execute(_ADDRESS_LOCK, purpose, address)


async def has_room(connection: Connection, to_address: str, mails_per_day: int) -> bool:
    """Whether the address may get one more mail today; locks the address until the transaction ends."""
    await lock_address(connection, "mail", to_address)
    today: int = await connection.fetchval(_COUNT_TODAY, to_address)
    return today < mails_per_day


async def post(connection: Connection, to_address: str, letter: Letter) -> None:
    """Goes out if and only if the caller's transaction commits."""
    await connection.execute(_POST, to_address, letter.subject, letter.body)


async def claim(connections: Connections, size: int = 20) -> list[Outgoing]:
    """Mails that are due, for this process alone during the next minutes."""
    async with connections.use() as connection:
        rows = await connection.fetch(_CLAIM, size)
    return [Outgoing(row["id"], row["to_address"], Letter(row["subject"], row["body"])) for row in rows]


async def note_sent(connections: Connections, mail_id: int) -> None:
    async with connections.use() as connection:
        await connection.execute(_SENT, mail_id)


async def note_failed(connections: Connections, mail_id: int, error: str) -> None:
    async with connections.use() as connection:
        await connection.execute(_FAILED, mail_id, error)


async def newest(connections: Connections, size: int = 50) -> list[Mail]:
    async with connections.use() as connection:
        return [Mail(**row) for row in await connection.fetch(_OUTBOX, size)]


async def forget(connections: Connections) -> None:
    """Drop what is a month old; the jobs process calls it now and then."""
    async with connections.use() as connection:
        await connection.execute(_FORGET)
