"""One HEAD, as a harvester sends it: no key, no redirect followed, and nothing told but the status."""

import asyncio
import ssl
from collections.abc import Callable

import httptools

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.outward import (
    AddressRefusedError,
    NameUnknownError,
    Resolver,
    Target,
    connect,
    parse_target,
    resolve,
    system_resolver,
)

SECONDS = 10.0
_CONNECT_SECONDS = 5.0
_HEAD_BYTES_MAX = 64 * 1024


async def head_status(
    url: str,
    *,
    resolver: Resolver = system_resolver,
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    seconds: float = SECONDS,
) -> int | None:
    """None when no answer came. For addresses of our own making alone: the operator's base URL may be a private one."""
    try:
        async with asyncio.timeout(seconds):
            target = parse_target(url, http_is_allowed=True, private_is_allowed=True)
            addresses = await resolve(target, resolver, private_is_allowed=True)
            reader, writer = await connect(target, addresses, tls, _CONNECT_SECONDS)
            try:
                writer.write(_request(target))
                await writer.drain()
                return await _status(reader)
            finally:
                writer.transport.abort()
    except (OSError, InvalidRequest, AddressRefusedError, NameUnknownError, httptools.HttpParserError):
        return None  # TimeoutError and the errors of TLS are OSErrors


def _request(target: Target) -> bytes:
    lines = (
        f"HEAD {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        "User-Agent: publicgsb-quality/1",
        "Accept: */*",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class _Answer:
    """What httptools calls."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.status: int | None = None

    def on_headers_complete(self) -> None:
        status = self.parser.get_status_code()
        if self.status is None and status >= 200:  # below: a hint on the way to the answer
            self.status = status


async def _status(reader: asyncio.StreamReader) -> int | None:
    answer, received = _Answer(), 0
    while answer.status is None:
        data = await reader.read(4096)
        received += len(data)
        if not data or received > _HEAD_BYTES_MAX:
            return None
        answer.parser.feed_data(data)
    return answer.status
