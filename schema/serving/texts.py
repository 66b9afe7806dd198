"""The texts of one schema: its SDL, plain and compressed, and the answers to standard introspection queries.

Each is made once and outside the event loop; introspection also only once for all workers, since it is kept in the
database by the SDL's hash.
"""

import asyncio
import gzip
import hashlib
import logging
from collections import OrderedDict

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.sql import load
from publicgsb.schema.serving.rendering import RenderingError, render_introspection

_HERE = "publicgsb.schema.serving"
_FIND = load(_HERE, "sql/introspection_find.sql")
_KEEP = load(_HERE, "sql/introspection_keep.sql")

WAIT_SECONDS = 4.0  # below the deadline of a request: who waits longer is told to come again
KEPT_HERE = 4  # spellings in memory, 10 MB each at 1,400 datasets
_LEVEL = 6

log = logging.getLogger(__name__)


class SchemaTexts:
    """`store` is None for a slice: what one caller looks at is not worth a place in the database."""

    def __init__(self, sdl: str, store: Connections | None = None) -> None:
        self.sdl = sdl
        self.sha256 = hashlib.sha256(sdl.encode()).hexdigest()
        self._store = store
        self._compressed: bytes | None = None
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._making: dict[str, asyncio.Task[bytes]] = {}

    async def compressed(self) -> bytes:
        """The SDL as gzip, the same bytes each time."""
        if self._compressed is None:
            self._compressed = await asyncio.to_thread(gzip.compress, self.sdl.encode(), _LEVEL, mtime=0)
        return self._compressed

    async def introspection(self, query: str) -> bytes:
        """The JSON of `__schema` for a standard query. Raises Unavailable while it is being made for the first time."""
        found = self._kept.get(query)
        if found is not None:
            self._kept.move_to_end(query)
            return found
        making = self._making.get(query)
        if making is None:
            making = self._making[query] = asyncio.create_task(self._make(query), name="introspection")
            making.add_done_callback(lambda _: self._making.pop(query, None))
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await asyncio.shield(making)
        except (TimeoutError, RenderingError) as late:
            raise Unavailable(
                "The introspection of this schema is being made.", reason="introspection", retry_after_seconds=3
            ) from late

    async def _make(self, query: str) -> bytes:
        name = hashlib.sha256(query.encode()).hexdigest()
        found = await self._find(name)
        if found is None:
            found = await render_introspection(self.sdl, query)
            await self._keep(name, found)
        self._kept[query] = found
        if len(self._kept) > KEPT_HERE:
            self._kept.popitem(last=False)
        return found

    async def _find(self, name: str) -> bytes | None:
        if self._store is None:
            return None
        async with self._store.use() as connection:
            packed: bytes | None = await connection.fetchval(_FIND, self.sha256, name)
        return None if packed is None else await asyncio.to_thread(gzip.decompress, packed)

    async def _keep(self, name: str, body: bytes) -> None:
        if self._store is None:
            return
        packed = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
        async with self._store.use() as connection:
            await connection.execute(_KEEP, self.sha256, name, packed)
