"""The guard of endpoints that take no key: slowapi on function routes, per client address, one limit over all workers.

Why only there and only so: slowapi is synchronous (a Redis pause would stall the event loop), it does not see
mounted apps, and its middleware breaks streams. So it is given a storage of ours that decides from memory; what that
needs is fetched before it is asked (quotas/edge/leases.py). The data endpoint never meets it.
"""

import functools
import ipaddress
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, TypeAlias

from limits import RateLimitItem, parse_many
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from starlette.requests import Request
from starlette.responses import Response

from publicgsb.platform.kernel.addresses import client_address
from publicgsb.platform.kernel.errors import RateLimited
from publicgsb.quotas.edge import storage
from publicgsb.quotas.edge.counts import Addresses
from publicgsb.quotas.edge.leases import Leases, Limit

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def client_ip(request: Request, trusted_proxies: int) -> str:
    """The address that the outermost trusted proxy saw; an IPv6 client is its /64, which is what one customer gets."""
    address = client_address(request.scope, trusted_proxies)
    if address is None:
        return "unknown"  # all who cannot be told apart share one limit
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Guard:
    """`guard.limit("10/hour")(endpoint)` gives an endpoint that raises RateLimited, rendered like any other error.

    `secret` hides the addresses from the store and from slowapi's own log lines.
    """

    def __init__(self, leases: Leases, *, secret: bytes, trusted_proxies: int = 0) -> None:
        self.leases = leases
        self._addresses = Addresses(secret)
        self._trusted_proxies = trusted_proxies
        self._guarded: set[str] = set()
        options: dict[str, Any] = {"leases": leases}
        self._limiter = _QuietLimiter(
            key_func=_named,
            storage_uri=storage.URI,
            storage_options=options,
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
        items = parse_many(limit)

        def decorate(endpoint: Endpoint) -> Endpoint:
            name = f"{endpoint.__module__}.{endpoint.__qualname__}"
            if name in self._guarded:
                raise ValueError(f"{name} is limited already: slowapi would count every request twice")
            self._guarded.add(name)

            # slowapi counts by this name, and closures of two modules or factories often share theirs.
            async def guarded(request: Request) -> Response:
                return await endpoint(request)

            guarded.__name__ = name
            scope = f"{guarded.__module__}.{name}"
            counted = self._limiter.limit(limit)(guarded)

            @functools.wraps(endpoint)
            async def limited(request: Request) -> Response:
                request.state.view_rate_limit = None  # slowapi reads it unset on some paths
                who = request.state.guarded_as = self._name_of(request)
                for item in items:
                    await self.leases.ready(item.key_for(who, scope), Limit(item.amount, item.get_expiry()))
                try:
                    response: Response = await counted(request)
                except RateLimitExceeded as exceeded:
                    assert exceeded.limit is not None
                    item = exceeded.limit.limit
                    raise _too_often(item, self.leases.seconds_left(item.key_for(who, scope))) from None
                return response

            return limited

        return decorate

    def _name_of(self, request: Request) -> str:
        return self._addresses.name(client_ip(request, self._trusted_proxies))


class _QuietLimiter(Limiter):
    """slowapi without its own view of the environment: RATELIMIT_ENABLED=false must not open the door."""

    def get_app_config(self, key: str, default_value: Any = None) -> Any:
        return default_value


def _named(request: Request) -> str:
    """For slowapi, which asks again for what the guard has just found out."""
    name: str = request.state.guarded_as
    return name


def _too_often(item: RateLimitItem, seconds_left: int) -> RateLimited:
    return RateLimited(
        f"This address may do that {item.amount} times in {item.get_expiry()} seconds.",
        hint="Wait for Retry-After. With a key, the limits of its plan apply instead.",
        reason="address",
        retry_after_seconds=seconds_left,
        limit=item.amount,
    )
