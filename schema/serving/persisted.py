"""Documents asked by their hash: kept per application in PostgreSQL, with a worker's own memory in front.

In PostgreSQL and not beside the rate windows: a flood of documents must not be able to fill the store that quotas
stand on, and a client that ships hashes only cannot send the text again (docs/decisions/0006).
"""

import logging
import time
from collections import OrderedDict
from contextlib import suppress
from sys import getsizeof
from typing import NamedTuple

import asyncpg

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest
from publicgsb.platform.kernel.sql import load
from publicgsb.schema.planning.refusal import unknown_document
from publicgsb.schema.serving.ask import Ask
from publicgsb.schema.serving.document_id import sha256_of

DOCUMENTS_MAX = 200  # per application
BYTES_MAX = 256 * 1024  # per application
UNUSED_DAYS = 90
REMEMBERED_BYTES_MAX = 16 * 1024 * 1024  # per worker
OVERHEAD_BYTES = 400  # of a remembered text beside itself: a flood is of short ones (measured)

_FIND = load("publicgsb.schema.serving", "sql/persisted_find.sql")
_LOCK = load("publicgsb.schema.serving", "sql/persisted_lock.sql")
_ADD = load("publicgsb.schema.serving", "sql/persisted_add.sql")
_FORGET = load("publicgsb.schema.serving", "sql/persisted_forget.sql")

log = logging.getLogger(__name__)


class _Name(NamedTuple):
    application_id: int
    sha256: str


class PersistedDocuments:
    """A hash is always computed here before a text is kept under it, so nobody can give a hash another text."""

    def __init__(self, connections: Connections, remembered_bytes_max: int = REMEMBERED_BYTES_MAX) -> None:
        self._connections = connections
        self._remembered: OrderedDict[_Name, str] = OrderedDict()
        self._looked_up: dict[_Name, int] = {}  # on which day, so that what is in use is marked as used each day
        self._bytes = 0
        self._bytes_max = remembered_bytes_max

    async def resolve(self, application_id: int, ask: Ask) -> Ask:
        """The ask with its text. Raises InvalidRequest where hash and text differ, RefusedDocument for unknown ones."""
        assert ask.sha256 is not None
        name = _Name(application_id, ask.sha256)
        if ask.query:
            if self._remembered.get(name) != ask.query and sha256_of(ask.query) != ask.sha256:
                raise InvalidRequest(
                    "The hash is not the SHA-256 of the document.",
                    reason="persisted_query_mismatch",
                    hint="Hash the UTF-8 bytes of the very text that is sent.",
                )
            return ask
        source = self._remembered.get(name)
        if source is None:
            source = await self._find(name)
            self._remember(name, source)
        else:
            self._remembered.move_to_end(name)
            if self._looked_up[name] != _today():
                await self._mark(name)
        return ask._replace(query=source)

    def is_new(self, application_id: int, ask: Ask) -> bool:
        """Whether this worker has not seen the application name this document yet: then it is worth `keep`."""
        return ask.sha256 is not None and _Name(application_id, ask.sha256) not in self._remembered

    async def keep(self, application_id: int, ask: Ask) -> None:
        """For a document that passed every check. Never fails the request: at worst its text is asked for again."""
        assert ask.sha256 is not None
        if "\0" in ask.query:  # may stand in a string, and no text column holds it
            return
        try:
            async with self._connections.transaction() as connection:
                await connection.execute(_LOCK, application_id)
                await connection.execute(
                    _ADD, application_id, bytes.fromhex(ask.sha256), ask.query, DOCUMENTS_MAX, BYTES_MAX
                )
        except (GsbError, asyncpg.PostgresError) as error:
            log.warning("a document could not be kept: %s", type(error).__name__)
            return
        self._remember(_Name(application_id, ask.sha256), ask.query)

    async def _find(self, name: _Name) -> str:
        async with self._connections.use() as connection:
            source: str | None = await connection.fetchval(_FIND, name.application_id, bytes.fromhex(name.sha256))
        if source is None:
            raise unknown_document()
        return source

    async def _mark(self, name: _Name) -> None:
        self._looked_up[name] = _today()
        with suppress(GsbError):  # away, or made room for others meanwhile: what is remembered answers
            await self._find(name)

    def _remember(self, name: _Name, source: str) -> None:
        self._looked_up[name] = _today()
        if name in self._remembered:
            return
        self._remembered[name] = source
        self._bytes += _bytes_of(source)
        while self._bytes > self._bytes_max:
            forgotten, dropped = self._remembered.popitem(last=False)
            del self._looked_up[forgotten]
            self._bytes -= _bytes_of(dropped)


def _bytes_of(source: str) -> int:
    return OVERHEAD_BYTES + getsizeof(source)


def _today() -> int:
    return int(time.time()) // 86_400


async def forget_unused(connections: Connections) -> None:
    """For the jobs process, now and then: what applications have left behind does not stay for ever."""
    async with connections.use() as connection:
        await connection.execute(_FORGET, UNUSED_DAYS)
