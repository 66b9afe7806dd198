"""The schema's own history: for each version of it, what was added, deprecated, changed and removed.

Whoever serves a schema records it: a release from any process bumps the schema version, but only a program that builds
the schema knows its text, and a new program may change the static part without any release. One worker does it, under
an advisory lock, and compares the texts in a process of its own (rendering.py).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from publicgsb.platform.kernel.database import AWAY, Connection, Connections
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.kernel.sql import load
from publicgsb.schema.serving.rendering import RenderingError, render_changes
from publicgsb.schema.serving.texts import SchemaTexts
from publicgsb.schema.types.changes import Change, ChangeKind

_HERE = "publicgsb.schema.serving"
_LATEST = load(_HERE, "sql/history_latest.sql")
_ADD = load(_HERE, "sql/history_add.sql")
_LIST = load(_HERE, "sql/history_list.sql")

_LOCK = 0x67736206
SETTLE_SECONDS = 2.0  # changes in quick succession become one entry
RETRY_SECONDS = 5.0
RECORD_SECONDS = 120.0  # for either half in the database: a line that went dead would be waited for
ENTRIES_MAX = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """The schema that this process answers by."""

    schema_version: int
    texts: SchemaTexts


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    schema_version: int
    sdl_sha256: str
    recorded_at: datetime
    changes: tuple[Change, ...]
    is_first: bool


class SchemaHistory:
    """`start()` records what is served; `changed()` tells it of another schema."""

    def __init__(
        self, connections: Connections, served: Callable[[], Served], settle_seconds: float = SETTLE_SECONDS
    ) -> None:
        self._connections = connections
        self._served = served
        self._settle_seconds = settle_seconds
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._news.set()
        self._task = asyncio.create_task(self._follow(), name="schema history")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def changed(self) -> None:
        self._news.set()

    async def entries(self, limit: int = ENTRIES_MAX) -> list[Entry]:
        """Newest first."""
        async with self._connections.use() as connection:
            rows = await connection.fetch(_LIST, limit)
        return [_entry(row) for row in rows]

    async def _follow(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await record(self._connections, self._served())
            except (GsbError, *AWAY, RenderingError, TimeoutError) as failure:
                log.warning("the schema's history is behind: %s", failure)
                self._news.set()
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(self._settle_seconds)


async def record(connections: Connections, served: Served) -> bool:
    """True when this call recorded the schema, False when it was known already."""
    connection = await connections.connect()  # its own: comparing takes longer than a shared one may be held
    try:
        return await _record(connection, served)
    finally:
        connection.terminate()  # not close(), which waits for a server that may be gone


async def _record(connection: Connection, served: Served) -> bool:
    async with asyncio.timeout(RECORD_SECONDS):
        await connection.execute("set statement_timeout = 0")
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        before = await connection.fetchrow(_LATEST)
    texts = served.texts
    changes: bytes = b"[]"
    if before is not None:
        if before["sdl_sha256"] == texts.sha256 or before["schema_version"] > served.schema_version:
            return False
        changes = await render_changes(before["sdl_gzip"], texts.compressed)
    async with asyncio.timeout(RECORD_SECONDS):
        done: str = await connection.execute(
            _ADD, served.schema_version, texts.sha256, texts.compressed, changes.decode()
        )
    return done.endswith(" 1")


def _entry(row: asyncpg.Record) -> Entry:
    found: Sequence[dict[str, Any]] = orjson.loads(row["changes"])
    return Entry(
        id=row["id"],
        schema_version=row["schema_version"],
        sdl_sha256=row["sdl_sha256"],
        recorded_at=row["recorded_at"],
        changes=tuple(
            Change(ChangeKind(one["kind"]), one["path"], one["text"], bool(one["isBreaking"])) for one in found
        ),
        is_first=row["id"] == 1,
    )
