"""The texts of one schema: its SDL and the answers to standard introspection queries, kept packed.

At 1,400 datasets the SDL is 10 MB and an introspection 27 MB, packed 0.4 and 0.6. Each is made once and outside the
event loop; introspection also only once for all workers, since it is kept in the database by the SDL's hash.
"""

import asyncio
import gzip
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.schema.serving"
_FIND = load(_HERE, "sql/introspection_find.sql")
_KEEP = load(_HERE, "sql/introspection_keep.sql")

WAIT_SECONDS = 4.0  # below the deadline of a request: who waits longer is told to come again
KEPT_HERE = 4  # spellings in memory
_LEVEL = 6
_HEADER_BYTES = 10  # of gzip, with nothing optional in it


class SchemaTexts:
    """`introspect` writes the JSON of `__schema` for a standard query, in pieces and for half a second of CPU.

    `store` is None for a slice: what one caller looks at is not worth a place in the database.
    """

    def __init__(
        self, sdl: Iterable[bytes], introspect: Callable[[str], Iterable[bytes]], store: Connections | None = None
    ) -> None:
        digest = hashlib.sha256()
        self.compressed = _pack(_passing(sdl, digest.update))  # the same bytes each time
        self.sha256 = digest.hexdigest()
        self._introspect = introspect
        self._store = store
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._making: dict[str, asyncio.Task[bytes]] = {}
        self._one_at_a_time = asyncio.Lock()

    @property
    def sdl(self) -> str:
        return gzip.decompress(self.compressed).decode()

    async def plain(self) -> bytes:
        """The SDL for a reader who takes nothing packed."""
        return await asyncio.to_thread(gzip.decompress, self.compressed)

    async def introspection(self, query: str) -> bytes:
        """The JSON of `__schema` for a standard query. Raises Unavailable while it is being made for the first time."""
        packed = self._kept.get(query)
        if packed is None:
            packed = await self._made(query)
        else:
            self._kept.move_to_end(query)
        return await asyncio.to_thread(_unpack, packed)

    async def _made(self, query: str) -> bytes:
        """Whoever asks meanwhile waits for the same; it goes on when nobody waits any more."""
        making = self._making.get(query)
        if making is None:
            making = self._making[query] = asyncio.create_task(self._make(query), name="introspection")
            making.add_done_callback(lambda _: self._making.pop(query, None))
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await asyncio.shield(making)
        except TimeoutError as late:
            raise Unavailable(
                "The introspection of this schema is being made.",
                reason="introspection",
                hint="Ask again after Retry-After, or read a slice: /schema.graphql?datasets=agency/dataset.",
                retry_after_seconds=3,
            ) from late

    async def _make(self, query: str) -> bytes:
        name = hashlib.sha256(query.encode()).hexdigest()
        async with self._one_at_a_time:
            packed = await self._find(name)
            if packed is None:
                packed = await asyncio.to_thread(_pack, self._introspect(query))
                await self._keep(name, packed)
        self._kept[query] = packed
        if len(self._kept) > KEPT_HERE:
            self._kept.popitem(last=False)
        return packed

    async def _find(self, name: str) -> bytes | None:
        if self._store is None:
            return None
        async with self._store.use() as connection:
            packed: bytes | None = await connection.fetchval(_FIND, self.sha256, name)
        return packed

    async def _keep(self, name: str, packed: bytes) -> None:
        if self._store is None:
            return
        async with self._store.use() as connection:
            await connection.execute(_KEEP, self.sha256, name, packed)


def _passing(pieces: Iterable[bytes], heard: Callable[[bytes], object]) -> Iterator[bytes]:
    for piece in pieces:
        heard(piece)
        yield piece


def _pack(pieces: Iterable[bytes]) -> bytes:
    """As gzip, piece by piece: the whole is never in memory."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join((*(packer.compress(piece) for piece in pieces), packer.flush()))


def _unpack(packed: bytes) -> bytes:
    """What `_pack` made, into room of the size that its last bytes tell; no check sum: 27 MB take long enough."""
    size = int.from_bytes(packed[-4:], "little")
    return zlib.decompress(packed[_HEADER_BYTES:-8], -zlib.MAX_WBITS, size)
