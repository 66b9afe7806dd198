"""A proxy on a unix socket that delays some of what passes it and cuts some lines, before or after a call was heard."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from types import TracebackType

CHUNK = 65_536


class BadLine:
    """Use as an async context manager. While it `is_bad` each write, either way, is delayed or cut with the probability
    given.
    """

    def __init__(
        self,
        folder: Path,
        target: Path,
        *,
        seed: int,
        delayed: float = 0.2,
        delay_seconds: tuple[float, float] = (0.2, 0.8),
        cut: float = 0.01,
    ) -> None:
        self.url = f"unix://{folder / 'proxy.sock'}"
        self.is_bad = False
        self._path = folder / "proxy.sock"
        self._target = target
        self._choose = random.Random(seed)
        self._delayed = delayed
        self._delay_seconds = delay_seconds
        self._cut = cut
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "BadLine":
        self._server = await asyncio.start_unix_server(self._accept, self._path)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(self._carry_both(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _carry_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._target)
        both = [
            asyncio.create_task(self._carry(reader, there_writer)),
            asyncio.create_task(self._carry(there_reader, writer)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            for end in (writer, there_writer):
                end.close()
                with suppress(OSError):
                    await end.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.is_bad and self._choose.random() < self._delayed:
                    await asyncio.sleep(self._choose.uniform(*self._delay_seconds))
                if self.is_bad and self._choose.random() < self._cut:
                    return
                writer.write(data)
                await writer.drain()
