"""Where a release stands, seen from outside: its copy file, what the database does for it, the folder of its files."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

import asyncpg

from publicgsb.platform.kernel.database import Connection

POLL_SECONDS = 0.001
PATIENCE_SECONDS = 60.0

# The newest word on a release under way: what its session asked for last, and the last release that was published.
_ASKED = """
select
  (select max(id) from gsb.release) as newest,
  (
    select lower(query) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
      and query ~* '^(copy "?released|create (unique )?index|analyze "?released)'
    limit 1
  ) as query
"""


class Stage(StrEnum):
    """In order. The privacy gate judges while the file is read and when its last row has been."""

    READING = "reading and gate"
    COPY = "COPY"
    INDEXES = "indexes"
    SWAP = "links and swap"
    PUBLISHED = "published, before its files"
    FILES = "files"


class Watch:
    """Follows one release after the other; `entered` is when each stage of the latest was seen to begin."""

    def __init__(self, connection: Connection, state_dir: Path) -> None:
        self._connection = connection
        self._state_dir = state_dir
        self.stage: Stage | None = None
        self.entered: dict[Stage, float] = {}
        self._newest = 0

    async def begin(self) -> None:
        """Of a release that is about to begin."""
        self.stage, self.entered = None, {}
        self._newest = await self._connection.fetchval("select max(id) from gsb.release")

    async def until(self, wanted: Stage, is_over: Callable[[], Awaitable[bool]]) -> bool:
        """Whether this stage, or a later one, has begun; False when `is_over` says that it will not any more."""
        order = list(Stage)
        looked_at = deadline = time.monotonic()
        deadline += PATIENCE_SECONDS
        while self.stage is None or order.index(self.stage) < order.index(wanted):
            await self.look()
            now = time.monotonic()
            if now > deadline:
                return False
            if now - looked_at > 0.1:
                looked_at = now
                if await is_over():
                    return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    async def look(self) -> None:
        """Stages follow one another: what was seen once is not gone back from."""
        order = list(Stage)
        found = await self._find()
        if found is not None and (self.stage is None or order.index(found) > order.index(self.stage)):
            self.stage = found
            self.entered[found] = time.monotonic()

    async def _find(self) -> Stage | None:
        if any((self._state_dir / "making").glob("*")):
            return Stage.FILES
        asked = await self._connection.fetchrow(_ASKED)
        assert asked is not None
        if asked["newest"] > self._newest:
            return Stage.PUBLISHED
        for word, stage in (("copy", Stage.COPY), ("create", Stage.INDEXES), ("analyze", Stage.SWAP)):
            if (asked["query"] or "").startswith(word):
                return stage
        sizes = [path.stat().st_size for path in (self._state_dir / "loading").glob("*.copy")]
        return Stage.READING if any(sizes) else None


@asynccontextmanager
async def watching(database_url: str, state_dir: Path) -> AsyncIterator[Watch]:
    connection = await asyncpg.connect(database_url, server_settings={"application_name": "watch"})
    try:
        yield Watch(connection, state_dir)
    finally:
        await connection.close()
