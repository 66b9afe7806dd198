"""A receiver of webhooks on loopback, which answers what a test tells it to."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

Answer: TypeAlias = bytes | Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = orjson.loads(self.body)
        return parsed

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(slots=True)
class Receiver:
    """`answers` are given one after another, then 204; `requests` is everything that was heard, pings too."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[Heard] = field(default_factory=list)
    heard: "asyncio.Queue[Heard]" = field(default_factory=asyncio.Queue)
    port: int = 0
    _server: asyncio.Server | None = None

    @property
    def messages(self) -> list[Heard]:
        return [heard for heard in self.requests if heard.json["type"] != "webhook.ping"]

    def url(self, path: str = "/hook", host: str = "hooks.test", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    async def start(self, **options: Any) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, **options)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            heard = Heard(request.split()[1], headers, await reader.readexactly(int(headers["content-length"])))
            self.requests.append(heard)
            self.heard.put_nowait(heard)
            answer = self.answers.pop(0) if self.answers else status(204)
            writer.write(answer if isinstance(answer, bytes) else await answer())
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever asked went away
        finally:
            writer.close()


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    length = () if code == 204 else (f"Content-Length: {len(body)}",)
    return ("\r\n".join([f"HTTP/1.1 {code} Word", *headers, *length]) + "\r\n\r\n").encode() + body
