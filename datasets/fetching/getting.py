"""One GET of a file: from the very address that was checked, at each redirect anew, bounded in time and bytes.

Of an answer that is no file nothing is told but its status: a source is no window into a network.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urljoin

import httptools

from publicgsb.datasets.fetching.model import Got, Known, Rules
from publicgsb.datasets.jobs.service import receive
from publicgsb.platform.kernel.errors import InvalidRequest, Unavailable
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

_CONNECT_SECONDS = 10.0
_READ_BYTES = 64 * 1024
_HEAD_BYTES_MAX = 64 * 1024
_VALIDATOR_MAX = 512
_REDIRECTS = {301, 302, 303, 307, 308}
_RETRY_SECONDS = 300


async def get(
    url: str,
    known: Known,
    rules: Rules,
    state_dir: Path,
    *,
    resolver: Resolver = system_resolver,
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
) -> Got:
    """The file in the upload folder. InvalidRequest for what is not fetched, Unavailable for what may come up again."""
    try:
        async with asyncio.timeout(rules.seconds_max):
            for _ in range(rules.redirects_max + 1):
                target = parse_target(
                    url, http_is_allowed=rules.http_is_allowed, private_is_allowed=rules.private_is_allowed
                )
                async with _Exchange(target, rules, resolver, tls) as exchange:
                    status = await exchange.ask(known)
                    if status in _REDIRECTS and (location := exchange.header("location")):
                        url = _next_url(url, location)
                        continue
                    if status == 304 and known != Known():
                        return Got(None, known)
                    if status != 200:
                        raise _refused(f"The source answered with status {status}.", "status")
                    found = Known(exchange.validator("etag"), exchange.validator("last-modified"))
                    upload = await receive(state_dir, exchange.body(), rules.bytes_max)
                    return Got(upload, found)
    except AddressRefusedError:
        raise _refused("The host of the source has an address that is not called.", "address") from None
    except NameUnknownError:
        raise _away("The host of the source is unknown.", "name") from None
    except ssl.SSLError:
        raise _away("The source has no valid certificate for its name.", "tls") from None
    except TimeoutError:
        raise _away("The source took too long.", "timeout") from None
    except (httptools.HttpParserError, httptools.HttpParserUpgrade, EOFError):
        raise _away("The answer of the source was cut off, or is no HTTP.", "not_http") from None
    except OSError:
        raise _away("The source cannot be reached.", "connection") from None
    raise _refused("The source redirects too often.", "redirects")


def _next_url(url: str, location: str) -> str:
    """Never from https to http: what was asked for in private must not come back in the open."""
    try:
        following = urljoin(url, location)
    except ValueError:
        raise _refused("The source redirects to what is no address.", "redirects") from None
    if url.startswith("https:") and not following.startswith("https:"):
        raise _refused("The source redirects from https to another scheme.", "redirects")
    return following


class _Exchange:
    """One connection and one answer."""

    def __init__(self, target: Target, rules: Rules, resolver: Resolver, tls: Callable[[], ssl.SSLContext]) -> None:
        self._target, self._rules, self._resolver, self._tls = target, rules, resolver, tls
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []
        self._has_head = self._is_complete = False
        self._parser = httptools.HttpResponseParser(self)
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> "_Exchange":
        private_is_allowed = self._rules.private_is_allowed
        addresses = await resolve(self._target, self._resolver, private_is_allowed=private_is_allowed)
        self._reader, self._writer = await connect(self._target, addresses, self._tls, _CONNECT_SECONDS)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()  # nothing more is said or heard; a polite end could be drawn out

    async def ask(self, known: Known) -> int:
        """The status, once the head of the answer is there."""
        lines = [
            f"GET {self._target.path} HTTP/1.1",
            f"Host: {self._target.authority}",
            "User-Agent: publicgsb-sources/1",
            "Accept: */*",
            "Accept-Encoding: identity",
            "Connection: close",
        ]
        if known.etag:
            lines.append(f"If-None-Match: {known.etag}")
        if known.last_modified:
            lines.append(f"If-Modified-Since: {known.last_modified}")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        await self._writer.drain()
        received = 0
        while not self._has_head:
            received += await self._more()
            if received > _HEAD_BYTES_MAX and not self._has_head:
                raise EOFError
        return self._parser.get_status_code()

    def header(self, name: str) -> str:
        return self._headers.get(name, "")

    def validator(self, name: str) -> str | None:
        """As it can be sent back; one that is too long or holds odd characters is not kept."""
        value = self.header(name)
        return value if 0 < len(value) <= _VALIDATOR_MAX and value.isprintable() and value.isascii() else None

    async def body(self) -> AsyncIterator[bytes]:
        """Whole, or EOFError: an answer that does not say how long it is could end anywhere."""
        if "content-length" not in self._headers and "transfer-encoding" not in self._headers:
            raise EOFError
        idle = 0  # bytes that brought nothing of the file: sizes of chunks, and what may be written beside them
        while True:
            pieces, self._pieces = self._pieces, []
            idle = 0 if pieces else idle
            for piece in pieces:
                yield piece
            if self._is_complete:
                return
            if idle > _HEAD_BYTES_MAX:
                raise EOFError
            try:
                idle += await self._more()
            except OSError:  # TimeoutError is one too; who writes the file would take it for the disk's
                raise _away("The answer of the source was cut off.", "connection") from None

    async def _more(self) -> int:
        async with asyncio.timeout(self._rules.silence_seconds_max):
            data = await self._reader.read(_READ_BYTES)
        if not data:
            raise EOFError
        self._parser.feed_data(data)
        return len(data)

    # What httptools calls while it parses.

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._has_head:
            return  # what follows a body says nothing of it
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._has_head = self._parser.get_status_code() >= 200  # below: a hint on the way to the answer

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        self._is_complete = self._has_head


def _refused(message: str, reason: str) -> InvalidRequest:
    return InvalidRequest(message, hint="Look at the address of the source.", reason=reason)


def _away(message: str, reason: str) -> Unavailable:
    return Unavailable(message, reason=reason, retry_after_seconds=_RETRY_SECONDS)
