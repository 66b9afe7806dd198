"""One POST to a receiver: to the very address that was checked, no redirects, bounded in time and bytes.

Of the answer nothing leaves this file but the status and Retry-After: whatever else a receiver says is shown to nobody,
so a webhook is no window into a network.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httptools

from publicgsb.apikeys.webhooks.model import Outcome
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.outward import (
    Address,
    AddressRefusedError,
    NameUnknownError,
    Resolver,
    Target,
    connect,
    parse_target,
    resolve,
    system_resolver,
)

ANSWER_BYTES_MAX = 64 * 1024
_CONNECT_SECONDS = 5.0
_READ_BYTES = 16 * 1024
_RETRY_AFTER_MAX = 10**7  # seconds; more digits say nothing


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator allows receivers to be, and how long one may take."""

    http_is_allowed: bool = False
    private_is_allowed: bool = False
    attempt_seconds: float = 15.0


class Sender:
    """`resolver` and `tls` are parameters, so that tests bring a resolver and an authority of their own."""

    def __init__(
        self,
        rules: Rules,
        *,
        resolver: Resolver = system_resolver,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._rules = rules
        self._resolver = resolver
        self._tls = tls
        self._context: ssl.SSLContext | None = None

    def target(self, url: str) -> Target:
        """The parts of a URL that is allowed here; raises InvalidRequest."""
        rules = self._rules
        return parse_target(url, http_is_allowed=rules.http_is_allowed, private_is_allowed=rules.private_is_allowed)

    async def check(self, target: Target) -> None:
        """Raises InvalidRequest when the name resolves to an address that is not called; unknown names may come up."""
        with suppress(NameUnknownError, TimeoutError):
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    await self._resolve(target)
            except AddressRefusedError:
                raise InvalidRequest(
                    "The host of this URL has an address that is private, loopback, link-local or reserved.",
                    hint="Use a host whose every address is public.",
                    reason="address",
                ) from None

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """One attempt; whatever goes wrong is an outcome, never an exception."""
        answer = _Answer()
        try:
            target = self.target(url)
            async with asyncio.timeout(self._rules.attempt_seconds):
                await self._exchange(target, headers, body, answer)
        except InvalidRequest:
            return Outcome(None, "url_refused")  # the operator allows less than when it was registered
        except AddressRefusedError:
            return Outcome(None, "address_refused")
        except NameUnknownError:
            return Outcome(None, "name_unknown")
        except ssl.SSLError:
            return answer.outcome("tls")
        except TimeoutError:
            return answer.outcome("timeout")
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return answer.outcome("not_http")
        except (OSError, EOFError):
            return answer.outcome("connection")
        return answer.outcome("not_http")

    async def _resolve(self, target: Target) -> tuple[Address, ...]:
        return await resolve(target, self._resolver, private_is_allowed=self._rules.private_is_allowed)

    async def _exchange(self, target: Target, headers: Mapping[str, str], body: bytes, answer: "_Answer") -> None:
        reader, writer = await connect(target, await self._resolve(target), self._tls_context, _CONNECT_SECONDS)
        try:
            writer.write(_head(target, headers, len(body)) + body)
            await writer.drain()
            parser = httptools.HttpResponseParser(answer)
            answer.parser = parser
            received = 0
            while not answer.is_complete and received < ANSWER_BYTES_MAX:
                data = await reader.read(min(_READ_BYTES, ANSWER_BYTES_MAX - received))
                if not data:
                    break
                received += len(data)
                parser.feed_data(data)
        finally:
            answer.parser = None
            writer.transport.abort()  # nothing more is said or heard; a polite end could be drawn out

    def _tls_context(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = self._tls()
        return self._context


class _Answer:
    """What httptools tells while it parses; only status and Retry-After are kept."""

    def __init__(self) -> None:
        self.parser: httptools.HttpResponseParser | None = None
        self.status: int | None = None
        self.retry_after: timedelta | None = None
        self.is_complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self.retry_after = parse_retry_after(value.decode("latin-1"), datetime.now(UTC))

    def on_headers_complete(self) -> None:
        assert self.parser is not None
        status = self.parser.get_status_code()
        self.status = status if status >= 200 else None  # a hint on the way to the answer

    def on_message_complete(self) -> None:
        self.is_complete = self.status is not None

    def outcome(self, error: str) -> Outcome:
        """The status once it is known, whatever happened to the rest of the answer."""
        if self.status is None:
            return Outcome(None, error)
        if 200 <= self.status < 300:
            return Outcome(self.status, None)
        return Outcome(self.status, "redirect" if 300 <= self.status < 400 else "status", self.retry_after)


def parse_retry_after(text: str, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110, 10.2.3); None for anything else and for the past."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= len(str(_RETRY_AFTER_MAX)):
        return timedelta(seconds=min(int(text), _RETRY_AFTER_MAX))
    try:
        at = parsedate_to_datetime(text[:64])
        pause = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return pause if pause > timedelta(0) else None


def _head(target: Target, headers: Mapping[str, str], length: int) -> bytes:
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        "User-Agent: publicgsb-webhooks/1",
        "Content-Type: application/json",
        f"Content-Length: {length}",
        "Accept: */*",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")
