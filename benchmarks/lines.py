"""Connections that ask one request after another, cheap enough to leave the cores to the server."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import cast

from benchmarks.mixture import Mixture

_LEAVES_EVERY = 400  # requests of a connection, about: then it goes without waiting for its answer
_KEPT_BYTES = 4_096  # of an answer that are looked at


@dataclass(slots=True)
class Seen:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)  # why it was 5xx
    left: int = 0  # requests whose answer we did not wait for
    closed: int = 0  # requests that met a connection which the server was closing; they are asked again
    lost: int = 0  # answers that broke off

    @property
    def count(self) -> int:
        return sum(self.statuses.values()) + self.left + self.lost


class Line(asyncio.Protocol):
    """Asks the next request as soon as the last one is answered, until `requests` have been asked."""

    def __init__(self, mixture: Mixture, requests: int, seen: Seen) -> None:
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.ended = 0  # answered, or left by us
        self._mixture = mixture
        self._requests = requests
        self._seen = seen
        self._transport: asyncio.Transport | None = None
        self._is_head = self._has_left = False
        self._status = 0
        self._missing = -1  # bytes of the body that are to come; -1 before it begins
        self._begun = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none of its classes
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._begun += data
            end = self._begun.find(b"\r\n\r\n")
            if end < 0:
                return
            head, data, self._begun = self._begun[:end], self._begun[end + 4 :], b""
            self._read_head(head)
        self._missing -= len(data)
        if len(self._begun) < _KEPT_BYTES:
            self._begun += data
        if self._missing <= 0:
            self._answered()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            if self._missing >= 0:
                self._seen.lost += 1
                self.ended += 1
            elif not self._has_left:
                self._seen.closed += 1
            self.done.set_result(False)

    def _read_head(self, head: bytes) -> None:
        self._status, self._missing = int(head[9:12]), 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b": ")
            if name == b"content-length":
                self._missing = int(value)
            elif name == b"etag":
                self._mixture.tag = value
        if self._is_head or self._status == 304:
            self._missing = 0

    def _answered(self) -> None:
        self._seen.statuses[self._status] += 1
        self.ended += 1
        body, self._begun, self._missing = self._begun, b"", -1
        if self._status >= 500:
            self._seen.failures[_reason(body)] += 1
        _, found, after = body.partition(b'"endCursor":"')
        if found:
            self._mixture.cursor = after.partition(b'"')[0].decode()
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        if self.ended == self._requests:
            self.done.set_result(True)
            self._transport.close()
            return
        request = self._mixture.next()
        self._is_head = request.startswith(b"HEAD")
        self._transport.write(request)
        if self._mixture.chance() < 1 / _LEAVES_EVERY:
            self._has_left = True
            self._seen.left += 1
            self.ended += 1
            self._transport.abort()


async def ask(port: int, mixture: Mixture, requests: int, seen: Seen) -> None:
    """Over one connection at a time; one that ends is followed by the next."""
    loop = asyncio.get_running_loop()
    while requests > 0:
        _, line = await loop.create_connection(lambda: Line(mixture, requests, seen), "127.0.0.1", port)  # noqa: B023
        await line.done
        requests -= line.ended


def _reason(body: bytes) -> str:
    """The code and reason of a refusal, as both endpoints write them."""
    try:
        told = json.loads(body)
        error = told["errors"][0]["extensions"] if "errors" in told else told
        return f"{error.get('code')} {error.get('details', {}).get('reason') or error.get('reason', '')}".strip()
    except (ValueError, KeyError, IndexError, AttributeError):
        return body[:80].decode(errors="replace")
