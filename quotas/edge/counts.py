"""The counts of the guard that all workers share: one hash for each address and limit in Redis or Valkey.

The store may be wiped or away at any moment, and nobody waits for it longer than its client does; what then happens is
decided in quotas/edge/leases.py.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Protocol

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.ids import BootId
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.redis_client import TROUBLE, RedisClient

ADDRESSES_MAX = 2**20  # counted apart for each limit: a flood of more shares counts, and the store stays bounded

_EDGE = load("publicgsb.quotas", "lua/edge.lua")


@dataclass(frozen=True, slots=True)
class Granted:
    """`units` of a window that ends `left_ms` after the server answered; 0 units: none are left."""

    units: int
    left_ms: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Up to `want` units, by a worker that has `taken` some in a window which it believes ends in `left_ms`."""

    limit: int
    window_seconds: int
    taken: int
    left_ms: int
    want: int


class Counts(Protocol):
    """What a lease is refilled from; raises Unavailable while it is away."""

    async def take(self, key: str, asked: Asked) -> Granted: ...


class SharedCounts:
    """Implements Counts for one worker."""

    def __init__(self, redis: "RedisClient", boot_id: BootId) -> None:
        self._worker = str(boot_id)
        self._script = redis.register_script(_EDGE)

    async def take(self, key: str, asked: Asked) -> Granted:
        """A call that fails may have taken units: they are lost to their window."""
        arguments: list[str | int | float | bytes] = [
            asked.limit, asked.window_seconds * 1000, self._worker, asked.taken, asked.left_ms, asked.want
        ]  # fmt: skip
        try:
            units, left = await self._script(keys=[f"edge:{{{key}}}"], args=arguments)
        except TROUBLE as away:
            raise Unavailable("The counts of addresses cannot be read at the moment.", reason="edge") from away
        return Granted(units, left)


class Addresses:
    """Names for addresses that tell nothing of them: they stand in the store and in slowapi's log lines."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def name(self, address: str) -> str:
        """One of ADDRESSES_MAX names, the same in every worker with the same secret."""
        found = hmac.digest(self._secret, address.encode(), hashlib.sha256)
        return f"{int.from_bytes(found[:8]) % ADDRESSES_MAX:05x}"
