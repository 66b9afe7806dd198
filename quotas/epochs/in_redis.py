"""Windows and slots in Redis or Valkey: one script call takes of all of them, from data that are the right ones."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.epochs.words import SLOT_TTL_MS, epoch_key
from publicgsb.quotas.redis_client import TROUBLE, RedisClient, answer

EPOCH_TTL_MS = 86_400_000  # longer than any window; an organisation that was idle for so long begins a new epoch

_GRANT = load("publicgsb.quotas", "lua/grant.lua")
_OPEN = load("publicgsb.quotas", "lua/open.lua")
_HISTORY = load("publicgsb.quotas", "lua/history.lua")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """What an epoch begins with: units of a window by age; or, without width, slots of a worker."""

    key: str
    width_ms: int | None
    age_ms: int
    units: int
    worker: str


class InRedis:
    """Epochs name their server by the history of data that it writes, and each call reads it: data of another history
    are not this one's data, even under the same address (a replica that was behind when it took over).
    `is_away` after a call that failed, until a probe is content; meanwhile nobody waits for a time-out.
    """

    def __init__(self, redis: "RedisClient") -> None:
        # A client that repeats a call by itself would give the same units back twice.
        redis.set_retry(Retry(NoBackoff(), 0))
        self._redis = redis
        self._grant = redis.register_script(_GRANT)
        self._open = redis.register_script(_OPEN)
        self._history = redis.register_script(_HISTORY)
        self.is_away = False

    async def servers_of(self, organisation_ids: Sequence[int]) -> dict[str, list[int]]:
        """By history, those whose keys it holds. Raises Unavailable when one of them is not told."""
        found: dict[str, list[int]] = {}
        try:
            if not isinstance(self._redis, RedisCluster):
                return {await self._history_of(organisation_ids[0]): list(organisation_ids)}
            for one in organisation_ids:  # each has its node, and its slot may be moving
                found.setdefault(await self._history_of(one), []).append(one)
        except TROUBLE as away:
            raise await self._gone() from away
        return found

    async def grant(self, keys: Sequence[str], arguments: Sequence[int | str], given_back: Sequence[int]) -> list[int]:
        """The script's reply. Raises Unavailable."""
        try:
            try:
                reply: list[int] = await self._grant(keys=keys, args=[*arguments, *given_back])
            except RedisConnectionError:
                # A connection that died while idle. The first call may have arrived: what it took is used by nobody,
                # and units are never given back twice.
                reply = await self._grant(keys=keys, args=arguments)
        except TROUBLE as away:
            raise await self._gone() from away
        if reply[0] == -3:
            await self._leave_connections()
        return reply

    async def open(self, organisation_id: int, epoch: int, entries: Sequence[Entry]) -> int:
        """Begin an epoch here with `entries`: 0, or the one that the server knows already. Raises Unavailable."""
        keys = [epoch_key(organisation_id), *dict.fromkeys(entry.key for entry in entries)]
        place = {key: number for number, key in enumerate(keys, start=1)}
        arguments: list[int | str] = [epoch, EPOCH_TTL_MS, SLOT_TTL_MS]
        for entry in entries:
            what = entry.age_ms if entry.width_ms else entry.worker
            arguments += [place[entry.key], entry.width_ms or 0, what, entry.units]
        try:
            return int(await self._open(keys=keys, args=arguments))
        except TROUBLE as away:
            raise await self._gone() from away

    async def probe(self, slow_seconds: float) -> bool:
        """Whether all of it answers, soon enough, and may be written to."""
        began = time.monotonic()
        try:
            await answer(self._redis)
            await self._history_of(0)
        except TROUBLE:
            await self._leave_connections()
            return False
        return time.monotonic() - began < slow_seconds

    async def _history_of(self, organisation_id: int) -> str:
        reply: bytes | str = await self._history(keys=[epoch_key(organisation_id)])
        return reply.decode() if isinstance(reply, bytes) else reply

    async def _gone(self) -> Unavailable:
        if not self.is_away:
            log.warning("Redis does not answer; windows are kept in PostgreSQL meanwhile")
        self.is_away = True
        await self._leave_connections()
        return Unavailable("The rate windows cannot be read at the moment.", reason="windows")

    async def _leave_connections(self) -> None:
        """Idle ones may lead to a server that another one has replaced; in a cluster such a server says so itself."""
        if isinstance(self._redis, Redis):
            await self._redis.connection_pool.disconnect(inuse_connections=False)
