"""One request, how a try of it can break, and what is read from the head of its answer. Nothing here waits."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from publicgsb_sdk.errors import ConnectionFailed
from publicgsb_sdk.retry import Break

CONNECT_SECONDS_MAX = 10.0
ERROR_BODY_BYTES_MAX = 1 << 20
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Call:
    """One request; a safe one changes nothing on the server, so it may be sent again."""

    method: str
    path: str
    body: bytes | None = None
    accept: str = "application/json"
    is_safe: bool = True
    prefer: str | None = None
    more: Mapping[str, str] | None = None  # headers of this request alone

    def headers(self, common: Mapping[str, str]) -> dict[str, str]:
        """The headers of every call, and this one's own."""
        headers = {**common, "accept": self.accept}
        if self.prefer is not None:
            headers["prefer"] = self.prefer
        if self.body is not None:
            headers["content-type"] = "application/json"
        return headers | dict(self.more or {})


def timeout(seconds: float) -> httpx2.Timeout:
    """How long one try may wait for each step; a connection is made soon or not at all."""
    least = max(0.001, seconds)
    return httpx2.Timeout(least, connect=min(least, CONNECT_SECONDS_MAX))


def lowered(headers: httpx2.Headers) -> dict[str, str]:
    """Headers under lower-case names."""
    return {name.lower(): value for name, value in headers.items()}


def how(broken: httpx2.HTTPError) -> Break:
    """What a broken try means for the next one."""
    if isinstance(broken, NOT_SENT):
        return Break.NOT_SENT
    return Break.TIMED_OUT if isinstance(broken, httpx2.TimeoutException) else Break.CUT


def connection_failed(base_url: str, broken: Exception) -> ConnectionFailed:
    """The error of this package for one of the transport below."""
    meaning = how(broken) if isinstance(broken, httpx2.HTTPError) else Break.CUT
    failed = ConnectionFailed(
        f"No answer from {base_url}: {meaning.value} ({type(broken).__name__}: {broken}).",
        hint="Is the address right and reachable from here, proxy settings included?",
    )
    failed.__cause__ = broken
    return failed


def forced(header: str | None) -> bool | None:
    """The server's own word on whether to try again, where it gives one."""
    return {"true": True, "false": False}.get((header or "").strip().lower())
