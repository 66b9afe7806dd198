"""Who holds this key? Answered from memory in microseconds, never from one that a revocation has overtaken.

A process remembers the keys it met and judges them by its own clock. What it remembers is dropped by `key`
events of the pulse, and trusted only while the pulse is fresh: a process cut off from the database for two
seconds asks again.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from hmac import compare_digest
from typing import TypeVar

from publicgsb.apikeys import records
from publicgsb.apikeys.data_tokens import DataTokens, record_of
from publicgsb.apikeys.format import digest, id_of, parse
from publicgsb.apikeys.model import KeyRecord, KeyState, OrganisationState, judge
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.used_keys import UsedKeys
from publicgsb.apikeys.verifying import looks_like_token
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unauthenticated
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.kernel.pulse import Event, Pulse

RECORDS_MAX = 100_000
UNKNOWN_MAX = 10_000
UNKNOWN_SECONDS = 5.0

_Value = TypeVar("_Value")

# Stands for every id that does not exist. Its digest is drawn, and of no text; it can be used at no time.
_NOBODY = KeyRecord(
    caller=Caller(key_id="", kind=KeyKind.LIVE, organisation_id=0, application_id=0, plan=""),
    digest=secrets.token_bytes(32),
    state=KeyState.REVOKED,
    expires_at=None,
    retire_at=None,
    organisation_state=OrganisationState.ACTIVE,
    usable_until=0.0,
)


class KeyRing:
    """Build it before the pulse starts, so that it hears of every event.

    `start()` and `stop()` only write `last_used_at`; authentication works without.

    The digest is compared on every request: remembering verified texts instead would save next to nothing
    and keep every key of every caller readable in this process's memory.
    """

    def __init__(
        self,
        connections: Connections,
        pulse: Pulse,
        pepper: bytes | Peppers,
        *,
        tokens: DataTokens | None = None,
        clock: Callable[[], float] = time.time,
        records_max: int = RECORDS_MAX,
        unknown_max: int = UNKNOWN_MAX,
    ) -> None:
        self._connections = connections
        self._pulse = pulse
        self._peppers = Peppers.of(pepper)
        self._pepper = self._peppers.present
        self._tokens = tokens
        self._clock = clock
        self._records_max = records_max
        self._unknown_max = unknown_max
        self._records: dict[KeyId, KeyRecord] = {}
        self._unknown: dict[KeyId, float] = {}
        self._loading: dict[KeyId, asyncio.Task[KeyRecord | None]] = {}
        self._uses = UsedKeys(connections, self._peppers.version, clock)
        self._used = self._uses.lately
        pulse.on("key", self._heard)
        pulse.on_contact_lost(self.forget_all)

    def cached(self, token: str) -> Caller | None:
        """The caller when memory can tell, else None: then `authenticate` decides. No I/O, about 3 µs."""
        record = self.proved(token)
        return None if record is None else record.caller

    def proved(self, token: str) -> KeyRecord | None:
        """What is remembered of the key, when this is its text or a token of it, and it may be used now.

        The shape is not looked at: what has the digest of a key is that key. A digest of another pepper than the
        present one is compared by `authenticate` alone, which renews it.
        """
        if token.startswith("eyJ"):  # asked of all: ids that are not remembered would take longer else
            return self._proved_before(token)
        record = self._records.get(id_of(token), _NOBODY)
        # An id that is not remembered costs one HMAC as well: the time of a refusal tells it from no wrong secret.
        if not compare_digest(digest(self._pepper, token), record.digest) or not self.may_use(record):
            return None
        return record

    def _proved_before(self, token: str) -> KeyRecord | None:
        if self._tokens is None or not looks_like_token(token):
            return None
        record = self._tokens.remembered(token)
        return record if record is not None and self.may_use(record) else None

    def may_use(self, record: KeyRecord) -> bool:
        """Whether what was proved before still stands: nothing was heard of the key, and it has not expired."""
        key_id = KeyId(record.caller.key_id)
        known = self._records.get(key_id)
        if known is not record and (known is None or known is not record.parent):
            return False
        if not self._pulse.is_fresh or record.usable_until <= self._clock():
            return False
        self._used.add(key_id)
        return True

    async def authenticate(self, token: str) -> Caller:
        """The caller; raises Unauthenticated (`missing`, `malformed`, `truncated`, `unknown`, `expired`,
        `revoked`, `suspended`), or Unavailable when the database has to be asked and does not answer.
        """
        if not token:
            raise Unauthenticated("The request carries no key.", reason="missing")
        if self._tokens is not None and looks_like_token(token):
            return await self._authenticate_token(token, self._tokens)
        key_id = parse(token).key_id
        record = await self._record(key_id)
        # An unknown id takes the same steps as a wrong secret, one HMAC and one comparison of the same length, and
        # gets the same answer: neither tells which ids exist.
        pepper = self._peppers.find(record.pepper_version)
        proved = compare_digest(digest(pepper or self._pepper, token), record.digest)
        if pepper is None or not proved:
            raise Unauthenticated(
                "This key is not known here.",
                reason="unknown",
                hint="Check that it belongs to this service; POST /api/v1/register gives a new one.",
            )
        caller = judge(record, self._clock())
        if record.pepper_version != self._peppers.version:
            self._renew_digest(record, token)
        self._used.add(key_id)
        return caller

    async def _authenticate_token(self, text: str, tokens: DataTokens) -> Caller:
        """The caller of the token's key, narrowed. A token that is not remembered is verified before its key is looked
        at, so that nobody can have keys loaded by tokens of their own making.
        """
        found = self._proved_before(text)
        if found is not None:
            return found.caller
        claims = tokens.read(text)
        if await tokens.caught_up():  # asked for rightly signed tokens only: forgers cost no query
            claims = tokens.read(text)
        record = await self._record(claims.key_id)
        if record is _NOBODY:
            raise Unauthenticated("The key of this token is gone.", reason="unknown")
        judge(record, self._clock(), "The key of this token")
        self._used.add(claims.key_id)
        if self._records.get(claims.key_id) is record:
            return tokens.remember(text, claims, record).caller
        return record_of(claims, record).caller

    async def standing(self, key_id: KeyId) -> Caller:
        """Who a key belongs to as it stands now, for what was signed here in its name earlier. Raises like
        `authenticate`: what a key has signed ends with it.
        """
        record = await self._record(key_id)
        if record is _NOBODY:
            raise Unauthenticated("The key that this was made for is gone.", reason="unknown")
        caller = judge(record, self._clock())
        self._used.add(key_id)
        return caller

    def forget_all(self) -> None:
        """Ask the database again for every key; loads under way are not remembered either."""
        self._records.clear()
        self._unknown.clear()
        self._loading.clear()
        if self._tokens is not None:
            self._tokens.forget_all()

    async def start(self) -> None:
        """Begin to write `last_used_at`, once a minute and off the request path."""
        await self._uses.start()

    async def stop(self) -> None:
        await self._uses.stop()

    async def note_use(self) -> None:
        """Write the hour of last use of the keys used since, and the digests that were renewed."""
        await self._uses.write()

    def _renew_digest(self, record: KeyRecord, token: str) -> None:
        """From now on this process knows the key by the present pepper; the database hears of it off the request."""
        key_id, renewed = KeyId(record.caller.key_id), digest(self._pepper, token)
        if self._records.get(key_id) is record:
            self._records[key_id] = replace(record, digest=renewed, pepper_version=self._peppers.version)
        self._uses.note_digest(key_id, record.digest, renewed)

    async def _record(self, key_id: KeyId) -> KeyRecord:
        """What is known of the id; of one that does not exist, a record that no text proves."""
        if not self._pulse.is_fresh:
            # Nothing remembered may be used, nor a load that began before: this request asks for itself.
            return await self._load(key_id) or _NOBODY
        record = self._records.get(key_id, _NOBODY)
        if (self._unknown.get(key_id, 0.0) > self._clock()) or record is not _NOBODY:
            return record
        loading = self._loading.get(key_id)
        if loading is None:
            loading = asyncio.create_task(self._load_and_remember(key_id))
            loading.add_done_callback(_take_exception)
            self._loading[key_id] = loading
        # Shielded: a caller who leaves must not cancel the load that others wait for.
        return await asyncio.shield(loading) or _NOBODY

    async def _load(self, key_id: KeyId) -> KeyRecord | None:
        async with self._connections.use() as connection:
            return await records.key_record(connection, key_id)

    async def _load_and_remember(self, key_id: KeyId) -> KeyRecord | None:
        """Remember what was loaded, unless an event for this key came meanwhile and dropped this load.

        What an event tells of was committed before the event was heard. So a load that began earlier may
        carry the state before it, and must not be put back after the event has removed it.
        """
        task = asyncio.current_task()
        try:
            record = await self._load(key_id)
            if self._loading.get(key_id) is task:
                self._remember(key_id, record)
            return record
        finally:
            if self._loading.get(key_id) is task:
                del self._loading[key_id]

    def _remember(self, key_id: KeyId, record: KeyRecord | None) -> None:
        if record is None:
            _put(self._unknown, key_id, self._clock() + UNKNOWN_SECONDS, self._unknown_max)
        else:
            _put(self._records, key_id, record, self._records_max)

    async def _heard(self, event: Event) -> None:
        for key_id in event.payload["key_ids"]:
            self._records.pop(key_id, None)
            self._unknown.pop(key_id, None)
            self._loading.pop(key_id, None)


def _put(remembered: dict[KeyId, _Value], key_id: KeyId, value: _Value, size_max: int) -> None:
    """Remembers one more; a full memory drops its oldest: dictionaries keep the order of insertion."""
    remembered.pop(key_id, None)
    if len(remembered) >= size_max:
        del remembered[next(iter(remembered))]
    remembered[key_id] = value


def _take_exception(task: asyncio.Task[KeyRecord | None]) -> None:
    """A load whose callers have all left fails in silence; the next caller tries again."""
    if not task.cancelled():
        task.exception()
