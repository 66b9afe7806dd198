"""Windows and slots in Redis or Valkey: one script call takes of all of them, and which server answered is known."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.epochs.words import SLOT_TTL_MS, epoch_key

EPOCH_TTL_MS = 86_400_000  # longer than any window; an organisation that was idle for so long begins a new epoch

_GRANT = load("publicgsb.quotas", "lua/grant.lua")
_OPEN = load("publicgsb.quotas", "lua/open.lua")
_TROUBLE = (RedisError, OSError, TimeoutError)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """What an epoch begins with: units of a window by age; or, without width, slots of a worker."""

    key: str
    width_ms: int | None
    age_ms: int
    units: int
    worker: str


def connect(url: str, *, timeout_seconds: float) -> "Redis":
    """A client with short timeouts and no retry of its own: what may be repeated is decided here."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )


class InRedis:
    """`server` is the run id behind the newest connection: data of another server is not this one's data, even under
    the same address (a replica that was behind when it took over). `is_away` after a call that failed, until a probe
    is content; meanwhile nobody waits for a time-out.
    """

    def __init__(self, redis: "Redis") -> None:
        # A client that repeats a call by itself would give the same units back twice.
        redis.set_retry(Retry(NoBackoff(), 0))
        redis.connection_pool.connection_kwargs["redis_connect_func"] = self._connected
        self._redis = redis
        self._grant = redis.register_script(_GRANT)
        self._open = redis.register_script(_OPEN)
        self._changes = 0
        self.server: str | None = None
        self.is_away = False

    async def _connected(self, connection: Any) -> None:
        """Runs on every new connection before its first command."""
        await connection.on_connect()
        await connection.send_command("INFO", "server", check_health=False)
        self._meet(_run_id(await connection.read_response()))

    def _meet(self, server: str) -> None:
        if self.server not in (None, server):
            log.warning("another Redis server answers now")
            self._changes += 1
        self.server = server

    async def identify(self) -> str:
        """The server's run id; raises Unavailable when nobody says it."""
        if self.server is None:
            try:
                # Also over a connection that was there before this object.
                self._meet(_run_id(await self._redis.info("server")))
            except _TROUBLE as away:
                raise self._gone() from away
        assert self.server is not None
        return self.server

    async def grant(
        self, server: str, keys: Sequence[str], arguments: Sequence[int | str], given_back: Sequence[int]
    ) -> list[int]:
        """The script's reply; [-3] when another server than `server` may have given it. Raises Unavailable."""
        changes = self._changes
        try:
            try:
                reply: list[int] = await self._grant(keys=keys, args=[*arguments, *given_back])
            except RedisConnectionError:
                # A connection that died while idle. The first call may have arrived: what it took is used by nobody,
                # and units are never given back twice.
                reply = await self._grant(keys=keys, args=arguments)
        except _TROUBLE as away:
            raise self._gone() from away
        if self.server != server or self._changes != changes or reply[0] == -3:
            await self._redis.connection_pool.disconnect(inuse_connections=False)  # to a server that was left, maybe
            return [-3]
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
        except _TROUBLE as away:
            raise self._gone() from away

    async def probe(self, slow_seconds: float) -> bool:
        """Whether the server answers, and soon enough."""
        began = time.monotonic()
        try:
            await self._redis.ping()
        except _TROUBLE:
            return False
        return time.monotonic() - began < slow_seconds

    def _gone(self) -> Unavailable:
        if not self.is_away:
            log.warning("Redis does not answer; windows are kept in PostgreSQL meanwhile")
        self.is_away = True
        return Unavailable("The rate windows cannot be read at the moment.", reason="windows")


def _run_id(info: Any) -> str:
    """Of the reply to INFO server, as bytes, as text or taken apart by the client."""
    if isinstance(info, dict):
        return str(info["run_id"])
    text = info.decode() if isinstance(info, bytes) else str(info)
    return next(line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("run_id:"))
