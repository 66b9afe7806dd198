"""A primary and its replica, behind an address that leads to one of them, as a name or a balancer does."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType

import redis

from tests.ports import free_port
from tests.redis_server import OwnRedis, cut_off

CHUNK = 65_536
_READY_SECONDS = 60.0


class OwnPair:
    """Use as an async context manager. `first` is the primary to begin with, and `url` leads to it."""

    def __init__(self, folder: Path) -> None:
        self.first = OwnRedis(folder, name="first", port=free_port())
        self.second = OwnRedis(folder, name="second", port=free_port())
        self.url = f"unix://{folder / 'front.sock'}"
        self._front = folder / "front.sock"
        self._leads_to = self.first
        self._lines: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._running = ExitStack()

    async def __aenter__(self) -> "OwnPair":
        for one in (self.first, self.second):
            self._running.enter_context(one)
        await self.follow(self.second, self.first)
        self._server = await asyncio.start_unix_server(self._accept, self._front)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        await self.cut_lines()
        self._running.close()

    def lead_to(self, server: OwnRedis) -> None:
        """New lines only."""
        self._leads_to = server

    async def cut_lines(self) -> None:
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    def hold_back(self) -> None:
        """What `first` is told from now on does not reach `second`."""
        with redis.Redis.from_url(self.first.url) as primary, redis.Redis.from_url(self.second.url) as replica:
            cut_off(primary, replica)

    async def follow(self, replica: OwnRedis, primary: OwnRedis) -> None:
        """All data of `replica` are those of `primary` when this returns."""
        with redis.Redis.from_url(replica.url) as client:
            client.config_set("masteruser", "")
            client.config_set("masterauth", "")
            client.replicaof("127.0.0.1", primary.port)
            await _until(lambda: client.info("replication").get("master_link_status") == "up")

    def promote(self, server: OwnRedis) -> None:
        with redis.Redis.from_url(server.url) as client:
            client.replicaof("NO", "ONE")

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(self._carry_both(reader, writer, self._leads_to.socket))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _carry_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Path) -> None:
        ends = [writer]
        try:
            there_reader, there_writer = await asyncio.open_unix_connection(target)
            ends.append(there_writer)
            both = [
                asyncio.create_task(_carry(reader, there_writer)),
                asyncio.create_task(_carry(there_reader, writer)),
            ]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in both:
                    one.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        except OSError:
            pass  # nobody listens there: the line ends, as it does when a server is gone
        finally:
            for end in ends:
                end.close()
                with suppress(OSError):
                    await end.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()


async def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)
