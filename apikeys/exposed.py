"""Keys that somebody found in the open: whoever holds the whole key may end it, and learns nothing by it.

What is found and what is not takes the same way: one transaction, one event of the pulse, one barrier, one answer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import TypeAlias

import asyncpg

from publicgsb.apikeys import store
from publicgsb.apikeys.ending import end_key, end_successors
from publicgsb.apikeys.format import digest, id_of, is_well_formed
from publicgsb.apikeys.model import Actor, Key, Spread
from publicgsb.apikeys.moments import utc_now
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.spread import spread_of
from publicgsb.apikeys.spread import tell as tell_workers
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.kernel.sql import load

KEYS_MAX = 1_000  # of one call
REASON = "exposed: somebody showed us the whole key"
NOTICE_SECONDS = 30.0

_EXPOSED_KEYS = load("publicgsb.apikeys", "sql/exposed_keys.sql")
_NO_DIGEST = b"\0" * 32

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExposedKey:
    """A key that was ended because it was exposed, and whom to tell."""

    id: KeyId
    label: str
    hint: str
    person_name: str
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a call ended; `spread` says how far that had got when it returned. Never told to whoever called."""

    keys: tuple[ExposedKey, ...]
    spread: Spread


Notify: TypeAlias = Callable[[ExposedKey], Awaitable[None]]  # tells the owner by mail


class ExposedKeys:
    """`notify` writes to the owner of each key; without one the audit alone tells of it."""

    def __init__(
        self,
        connections: Connections,
        pepper: bytes | Peppers,
        *,
        notify: Notify | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connections = connections
        self._peppers = Peppers.of(pepper)
        self._notify = notify
        self._now = now

    async def revoke(self, texts: Sequence[str]) -> Ended:
        """End those of `texts` that are whole keys of ours and not revoked yet, as any revocation does.

        What stands around one in a file (spaces, the end of its line) comes along with it, and nobody is told so.
        """
        whole = {text for text in map(str.strip, texts) if is_well_formed(text)}
        async with self._connections.transaction() as connection:
            ended, successors = await self._end(connection, whole)
            seq = await tell_workers(connection, [*(key.id for key in ended), *successors])
        return Ended(ended, await spread_of(self._connections, seq))

    async def tell(self, ended: Ended) -> None:
        """Write to the owners; what fails is logged without an address, and the keys stay revoked all the same."""
        if not ended.spread.is_everywhere:
            log.warning("a revocation of exposed keys is not everywhere yet", extra={"keys": len(ended.keys)})
        if self._notify is None:
            return
        for key in ended.keys:
            try:
                async with asyncio.timeout(NOTICE_SECONDS):
                    await self._notify(key)
            except Exception as failure:
                log.warning("no mail about exposed key %s: %s", key.id, type(failure).__name__)

    async def _end(self, connection: Connection, whole: set[str]) -> tuple[tuple[ExposedKey, ...], tuple[KeyId, ...]]:
        """Of several texts with one id at most one is the key; each of them costs one HMAC, known or not.

        And the ids of what ended with an agency's key that still worked. One that was replaced long ago takes nothing
        with it: an old secret would otherwise be a way to end the present one.
        """
        now = self._now()
        ids = sorted({id_of(text) for text in whole})
        await store.lock_agencies_of(connection, ids)
        rows = {row["id"]: row for row in await connection.fetch(_EXPOSED_KEYS, ids)}
        proved = {id_of(text) for text in whole if self._is_proved(text, rows.get(id_of(text)))}
        ended = [row for key_id, row in rows.items() if key_id in proved]
        keys = [store.key_of(row) for row in ended]
        for key in keys:
            await end_key(connection, key, REASON, _holder(key), now)
        successors: list[KeyId] = []
        for key in keys:
            if key.works_at(now):
                successors += await end_successors(connection, key, REASON, _holder(key), now)
        exposed = (
            ExposedKey(KeyId(row["id"]), row["label"], row["hint"], row["person_name"], row["email"]) for row in ended
        )
        return tuple(exposed), tuple(successors)

    def _is_proved(self, text: str, row: asyncpg.Record | None) -> bool:
        pepper = self._peppers.find(row["pepper_version"] if row else self._peppers.version) or self._peppers.present
        return compare_digest(digest(pepper, text), row["digest"] if row else _NO_DIGEST)


def _holder(key: Key) -> Actor:
    return Actor(f"holder:{key.id}", None)
