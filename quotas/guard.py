"""The guard of endpoints that take no key: slowapi on function routes, per client address, without any I/O.

Why only there and only so: slowapi is synchronous (a Redis pause would stall the event loop), it does not see
mounted apps, and its middleware breaks streams. So it counts in memory, per worker, with the limit divided by
the number of workers; the data endpoint never meets it.
"""

import functools
import ipaddress
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, TypeAlias

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from starlette.requests import Request
from starlette.responses import Response

from publicgsb.platform.kernel.addresses import client_address
from publicgsb.platform.kernel.errors import RateLimited

COUNTS_MAX = 20_000  # of addresses and endpoints, per worker: slowapi walks them all in a thread, again and again

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def client_ip(request: Request, trusted_proxies: int) -> str:
    """The address that the outermost trusted proxy saw; an IPv6 client is its /64, which is what one customer gets."""
    address = client_address(request.scope, trusted_proxies)
    if address is None:
        return "unknown"  # all who cannot be told apart share one limit
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def per_worker(limit: str, workers: int) -> str:
    """The share of one worker: rounded down so that all together stay within `limit`, and at least 1."""
    shares = [_share(item, workers) for item in parse_many(limit)]
    return ";".join(shares)


class Guard:
    """`guard.limit("10/hour")(endpoint)` gives an endpoint that raises RateLimited, rendered like any other error."""

    def __init__(self, *, trusted_proxies: int = 0, workers: int = 1, counts_max: int = COUNTS_MAX) -> None:
        self._workers = workers
        self._counts_max = counts_max
        self._guarded: set[str] = set()
        self._limiter = _QuietLimiter(
            key_func=functools.partial(_client_of, trusted_proxies=trusted_proxies),
            storage_uri="memory://",
            strategy="fixed-window",
            headers_enabled=False,
            swallow_errors=False,
            key_style="endpoint",
            # slowapi reads a file named .env in the current folder unless it is given another one: this is
            # empty.
            config_filename=str(files("publicgsb.quotas") / "py.typed"),
        )

    def limit(self, limit: str) -> Callable[[Endpoint], Endpoint]:
        """Limit one endpoint function; each function has its own count."""

        def decorate(endpoint: Endpoint) -> Endpoint:
            name = f"{endpoint.__module__}.{endpoint.__qualname__}"
            if name in self._guarded:
                raise ValueError(f"{name} is limited already: slowapi would count every request twice")
            self._guarded.add(name)

            # slowapi counts by this name, and closures of two modules or factories often share theirs.
            async def guarded(request: Request) -> Response:
                return await endpoint(request)

            guarded.__name__ = name
            counted = self._limiter.limit(per_worker(limit, self._workers))(guarded)

            @functools.wraps(endpoint)
            async def limited(request: Request) -> Response:
                self._make_room()
                request.state.view_rate_limit = None  # slowapi reads it unset on some paths
                try:
                    response: Response = await counted(request)
                except RateLimitExceeded as exceeded:
                    raise _too_often(exceeded) from None
                return response

            return limited

        return decorate

    def _make_room(self) -> None:
        """With too many counts all begin anew: whoever has so many addresses gains nothing by it."""
        storage = self._limiter.limiter.storage
        if isinstance(storage, MemoryStorage) and len(storage.storage) >= self._counts_max:
            storage.reset()


class _QuietLimiter(Limiter):
    """slowapi without its own view of the environment: RATELIMIT_ENABLED=false must not open the door."""

    def get_app_config(self, key: str, default_value: Any = None) -> Any:
        return default_value


def _client_of(request: Request, trusted_proxies: int) -> str:
    return client_ip(request, trusted_proxies)


def _share(item: RateLimitItem, workers: int) -> str:
    return f"{max(1, item.amount // workers)} per {item.multiples} {item.GRANULARITY.name}"


def _too_often(exceeded: RateLimitExceeded) -> RateLimited:
    assert exceeded.limit is not None
    item = exceeded.limit.limit
    return RateLimited(
        f"This address may do that {item.amount} times in {item.get_expiry()} seconds.",
        hint="Wait for Retry-After. With a key, the limits of its plan apply instead.",
        reason="address",
        retry_after_seconds=item.get_expiry(),
        limit=item.amount,
    )
