"""Reading the audit: lists of entries, the head to be kept elsewhere, and the check of the whole chain.

The check recomputes every hash here, not in the database that is being checked.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import asyncpg

from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.sql import load

PROBLEMS_MAX = 1000
_BATCH = 1000
_NOTHING = bytes(32)  # what the first link follows

_HERE = "publicgsb.platform.server"
_ENTRIES = load(_HERE, "audit_sql/entries.sql")
_CHAIN = load(_HERE, "audit_sql/chain.sql")
_HEAD = load(_HERE, "audit_sql/head.sql")


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list: `action` may be a whole one or its noun (`key` finds key.create), `before_id` turns the page."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One change; `seq` and `hash` are its place in the chain. `person_name` is today's name of the actor, if any."""

    id: int
    seq: int | None
    hash: str | None
    at: datetime
    actor: str
    person_name: str | None
    action: str
    subject: str
    before: Any
    after: Any
    reason: str | None
    details: Any


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain. Kept where the database's owner cannot write, it proves everything up to it."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class Flaw(StrEnum):
    """What can be wrong with the chain."""

    CHANGED = "changed"  # the entry is not what was linked
    REMOVED = "removed"  # a link without its entry, or a number without a link
    ADDED = "added"  # an entry that no link names
    REORDERED = "reordered"  # a link that does not follow the one before it: moved, or rewritten
    CUT = "cut"  # the chain ends elsewhere than its head says
    ANCHOR = "anchor"  # the chain is not the one whose head was kept


@dataclass(frozen=True, slots=True)
class Problem:
    flaw: Flaw
    seq: int | None
    entry: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` holds at most 1,000; none means that nothing was changed, removed, added or reordered."""

    entries: int
    head: Head
    problems: tuple[Problem, ...]


def parse_head(text: str) -> Head:
    """A head as `gsb audit head` prints it: number, colon, 64 hexadecimal digits."""
    seq, _, digits = text.strip().partition(":")
    if not seq.isdecimal() or len(digits) != 64 or any(digit not in "0123456789abcdef" for digit in digits):
        raise InvalidRequest(
            "This is not the head of an audit.", reason="settings", hint="Give it as `gsb audit head` printed it."
        )
    return Head(int(seq), digits)


async def entries(connections: Connections, filters: Filters) -> list[Entry]:
    """Newest first."""
    async with connections.use() as connection:
        rows = await connection.fetch(
            _ENTRIES,
            filters.actor,
            filters.action,
            filters.subject,
            filters.since,
            filters.until,
            filters.before_id,
            filters.limit,
        )
    return [_entry(row) for row in rows]


async def head(connections: Connections) -> Head:
    async with connections.use() as connection:
        return await _head(connection)


async def verify(connections: Connections, anchors: Iterable[Head] = ()) -> Verdict:
    """Walk the whole chain in one snapshot, in memory of one batch; `anchors` are heads that were kept elsewhere."""
    async with connections.use() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        walk = _Walk({anchor.seq: anchor for anchor in anchors})
        async for row in _chain(connection):
            walk.meet(row)
        return walk.end(await _head(connection))


class _Walk:
    """What has been seen of the chain so far."""

    def __init__(self, anchors: Mapping[int, Head]) -> None:
        self._anchors = anchors
        self._seq = 0
        self._hash = _NOTHING
        self._entries = 0
        self._problems: list[Problem] = []

    def meet(self, row: asyncpg.Record) -> None:
        self._entries += row["id"] is not None
        if row["seq"] is None:
            self._tell(Flaw.ADDED, None, row["id"], f"Entry {row['id']} was written past the chain.")
            return
        seq, link = row["seq"], row["hash"]
        if seq != self._seq + 1:
            last = f" to {seq - 1}" if seq - 1 > self._seq + 1 else ""
            self._tell(Flaw.REMOVED, self._seq + 1, None, f"Number {self._seq + 1}{last} of the chain is gone.")
        elif link != _follow(self._hash, seq, row["digest"]):
            sentence = f"Number {seq} does not follow number {seq - 1}: one of them was moved or rewritten."
            self._tell(Flaw.REORDERED, seq, row["audit_id"], sentence)
        if row["id"] is None:
            self._tell(Flaw.REMOVED, seq, row["audit_id"], f"Entry {row['audit_id']}, number {seq}, was removed.")
        elif digest_of(row) != row["digest"]:
            self._tell(Flaw.CHANGED, seq, row["id"], f"Entry {row['id']}, number {seq}, was changed.")
        anchor = self._anchors.get(seq)
        if anchor is not None and anchor.hash != link.hex():
            self._tell(Flaw.ANCHOR, seq, row["audit_id"], f"Number {seq} is not the one whose hash was kept.")
        self._seq, self._hash = seq, link

    def end(self, at: Head) -> Verdict:
        if (self._seq, self._hash.hex()) != (at.seq, at.hash):
            sentence = f"The chain ends at {self._seq} and its head says {at.seq}: its end was cut or rewritten."
            self._tell(Flaw.CUT, self._seq, None, sentence)
        for seq in sorted(self._anchors):
            if seq > self._seq:
                self._tell(Flaw.ANCHOR, seq, None, f"The kept head is number {seq}, and the chain ends at {self._seq}.")
        return Verdict(self._entries, at, tuple(self._problems))

    def _tell(self, flaw: Flaw, seq: int | None, entry: int | None, sentence: str) -> None:
        if len(self._problems) < PROBLEMS_MAX:
            self._problems.append(Problem(flaw, seq, entry, sentence))


def digest_of(row: Mapping[str, Any] | asyncpg.Record) -> bytes:
    """What gsb.audit_digest computes; `before`, `after` and `details` are texts of jsonb."""
    parts = (
        str(row["id"]),
        row["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        *(row[name] for name in ("actor", "action", "subject", "before", "after", "reason", "details")),
    )
    return hashlib.sha256(b"".join(map(_length_and_text, parts))).digest()


def _length_and_text(part: str | None) -> bytes:
    if part is None:
        return b"-"
    text = part.encode()
    return b"%d:%s" % (len(text), text)


def _follow(before: bytes, seq: int, digest: bytes) -> bytes:
    return hashlib.sha256(before + str(seq).encode() + digest).digest()


async def _chain(connection: Connection) -> AsyncIterator[asyncpg.Record]:
    async for row in connection.cursor(_CHAIN, prefetch=_BATCH):
        yield row


async def _head(connection: Connection) -> Head:
    row = await connection.fetchrow(_HEAD)
    if row is None:
        return Head(0, "")
    return Head(row["seq"], row["hash"].hex())


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(
        id=row["id"],
        seq=row["seq"],
        hash=row["hash"].hex() if row["hash"] else None,
        at=row["at"],
        actor=row["actor"],
        person_name=row["person_name"],
        action=row["action"],
        subject=row["subject"],
        before=_value(row["before"]),
        after=_value(row["after"]),
        reason=row["reason"],
        details=_value(row["details"]),
    )


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
