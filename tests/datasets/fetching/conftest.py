"""A server on loopback that answers a GET with what a test tells it to, and a book of names."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from publicgsb.datasets.fetching.getting import get
from publicgsb.datasets.fetching.model import Got, Known, Rules
from publicgsb.platform.kernel.outward import NameUnknownError

RULES = Rules(bytes_max=1_000_000, http_is_allowed=True, private_is_allowed=True, seconds_max=30.0)


class Book:
    """Implements Resolver."""

    def __init__(self) -> None:
        self.addresses = {"data.test": ["127.0.0.1"], "other.test": ["127.0.0.1"], "inside.test": ["169.254.169.254"]}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        if host not in self.addresses:
            raise NameUnknownError
        return self.addresses[host]


@dataclass(slots=True)
class FileServer:
    """`answers` one after another, the last again and again; `heads` is what was asked."""

    answers: list[bytes] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    holds: bool = False  # the connection stays open and silent after the answer
    port: int = 0
    _server: asyncio.Server | None = None

    def url(self, path: str = "/rows.csv", host: str = "data.test") -> str:
        return f"http://{host}:{self.port}{path}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
            await writer.drain()
            if self.holds:
                await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever asked went away
        finally:
            writer.close()


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Word", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if status != 304:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    server = FileServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def fetch(book: Book, tmp_path: Path) -> Any:
    async def fetched(url: str, known: Known | None = None, rules: Rules = RULES) -> Got:
        return await get(url, known or Known(), rules, tmp_path, resolver=book)

    return fetched
