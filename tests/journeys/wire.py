"""A loopback line to an engine that a test can cut, mend or let go silent, while the engine itself runs on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Wire:
    """Listens on a port of its own and passes every byte on; the port stays the same when it is mended."""

    def __init__(self, dial: Callable[[], Awaitable[Stream]]) -> None:
        self._dial = dial
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._silent: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """As when the engine is killed: every connection breaks, and no new one is accepted."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    def silence(self) -> None:
        """As when a machine on the way dies: what is connected hears nothing any more, and new lines work."""
        for pump in self._pumps:
            self._silent.add(pump)

    def hold(self) -> None:
        """As when the engine is overwhelmed: what is sent waits, and nothing is lost, until `let_go`."""
        self._flowing.clear()

    def let_go(self) -> None:
        self._flowing.set()

    async def close(self) -> None:
        self.let_go()
        self.cut()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            far_reader, far_writer = await self._dial()
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(far_writer)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            pump = asyncio.create_task(self._pump(source, target))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        assert this is not None
        try:
            while data := await source.read(65_536):
                await self._flowing.wait()
                if this not in self._silent:
                    target.write(data)
                    await target.drain()
        except OSError:
            pass  # cut
        finally:
            if this not in self._silent:
                target.close()


@asynccontextmanager
async def wired_database(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the database of `url`, and the URL that leads through it.

    It asks for no TLS, which the test's server has not: asyncpg leaves a future behind whose failure nobody reads where
    the wire is cut while it waits for the server's answer to that.
    """
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    if folder:
        wire = Wire(lambda: asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432"))
    else:
        wire = Wire(lambda: asyncio.open_connection(parts.hostname, parts.port or 5432))
    await wire.mend()
    user = f"{parts.username or ''}:{parts.password or ''}@"
    try:
        yield wire, f"postgresql://{user}127.0.0.1:{wire.port}{parts.path}?sslmode=disable"
    finally:
        await wire.close()


@asynccontextmanager
async def wired_redis(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the logical database of `url`, and the URL that leads through it."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        wire = Wire(lambda: asyncio.open_unix_connection(unquote(parts.path)))
        number = parse_qs(parts.query).get("db", ["0"])[0]
    else:
        wire = Wire(lambda: asyncio.open_connection(parts.hostname, parts.port or 6379))
        number = parts.path.strip("/") or "0"
    password = f":{parts.password}@" if parts.password else ""
    await wire.mend()
    try:
        yield wire, f"redis://{password}127.0.0.1:{wire.port}/{number}"
    finally:
        await wire.close()
