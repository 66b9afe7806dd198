"""A line to PostgreSQL on which some acknowledgements of commits are lost, and the connection with them.

The server has committed, and whoever waits for the answer never learns it: the connection breaks instead. Messages
are those of the protocol, version 3: a type, a length, a body. A commit is a CommandComplete that wrote something,
followed by ReadyForQuery in the state idle, which PostgreSQL sends after the transaction has ended and only then.
"""

import asyncio
import random
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

_WRITES = (b"INSERT", b"UPDATE", b"DELETE", b"COMMIT")
_HEAD = struct.Struct("!cI")


class LosingLine:
    """While it `is_losing`, the answer to a commit is lost with the probability given."""

    def __init__(self, *, seed: int, probability: float) -> None:
        self.is_losing = False
        self.lost = 0
        self._choose = random.Random(seed)
        self._probability = probability
        self._lines: set[asyncio.Task[None]] = set()

    def accept(self, socket: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(self._carry(socket, reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _carry(self, socket: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(socket)
        both = [
            asyncio.create_task(_pass_on(reader, there_writer)),
            asyncio.create_task(self._answers(there_reader, writer)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            for end in (writer, there_writer):
                end.transport.abort()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = b""  # of a command that wrote, until it is known whether that was a commit
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readexactly(_HEAD.size)
                kind, length = _HEAD.unpack(head)
                body = await reader.readexactly(length - 4)
                if kind == b"Z" and held:
                    if body == b"I" and self.is_losing and self._choose.random() < self._probability:
                        self.lost += 1
                        return
                    writer.write(held)
                    held = b""
                if kind == b"C" and body.startswith(_WRITES):
                    held += head + body
                    continue
                writer.write(head + body)
                await writer.drain()

    async def close(self) -> None:
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)


@asynccontextmanager
async def losing_line(url: str, *, seed: int, probability: float) -> AsyncIterator[tuple[LosingLine, str]]:
    """A line to the server on a unix socket behind `url`, and the URL that leads through it."""
    parts = urlsplit(url)
    socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    line = LosingLine(seed=seed, probability=probability)
    server = await asyncio.start_server(lambda *ends: line.accept(socket, *ends), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield line, f"postgresql://{parts.username}:{parts.password}@127.0.0.1:{port}{parts.path}?sslmode=disable"
    finally:
        server.close()
        await line.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
