"""Strict sliding windows and slots of concurrency in Redis or Valkey: one script call takes of all of them.

The store may be wiped or absent at any moment: without it nothing is granted (503), and it comes back by
itself. A call that failed may have charged; it counts as charged.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.ids import BootId
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.model import Account, Plan, Policy

HORIZON_MS = 100  # a granted unit may be used this long; windows are kept longer by as much
SLOT_TTL_MS = 30_000  # a slot of a worker that died comes back after this; no request lasts as long
PAUSE_SECONDS = 0.1  # after a failure nobody else waits for the timeout

_GRANT = load("publicgsb.quotas", "lua/grant.lua")


class Verdict(Enum):
    GRANTED = 1
    NO_ROOM = 0
    NEVER_FITS = -1
    NO_SLOT = -2


@dataclass(frozen=True, slots=True)
class Slots:
    """What a worker runs now and wants to run besides; `minimum` 0 only tells the count."""

    running: int
    want: int
    minimum: int


@dataclass(frozen=True, slots=True)
class WindowState:
    """What is left of a window now, and when its oldest units expire (0: it is empty)."""

    remaining: int
    reset_ms: int


@dataclass(frozen=True, slots=True)
class WindowGrant:
    """`granted` units and `slots`, usable until HORIZON_MS after the call was *sent*; or why none."""

    verdict: Verdict
    granted: int
    slots: int
    granted_ms: int  # the server's clock: names the sub-bucket when units are given back
    wait_ms: int
    policy: Policy | None  # the one that refused
    slots_used: int  # by all workers
    states: tuple[WindowState, ...]


def connect(url: str, *, timeout_seconds: float) -> "Redis":
    """A client with short timeouts and no retry of its own: what may be repeated is decided here."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )


def window_key(account: Account, policy: Policy) -> str:
    """The hash tag keeps all keys of an organisation on one node of a cluster."""
    return f"{{o:{account[0]}}}:w:{policy.name}:{policy.window_seconds}:{account[1]}"


def slots_key(account: Account, policy: Policy) -> str:
    return f"{{o:{account[0]}}}:c:{policy.name}:{account[1]}"


class Windows:
    """The windows and slots of all accounts, as one worker sees them."""

    def __init__(self, redis: "Redis", boot_id: BootId) -> None:
        # A client that repeats a call by itself would give the same units back twice.
        redis.set_retry(Retry(NoBackoff(), 0))
        self._worker = str(boot_id)
        self._script = redis.register_script(_GRANT)
        self._paused_until = 0.0

    async def grant(
        self,
        account: Account,
        plan: Plan,
        *,
        want: int,
        minimum: int,
        slots: Slots = Slots(0, 0, 0),
        unused: Sequence[tuple[int, int]] = (),
    ) -> WindowGrant:
        """Take `minimum` to `want` units of every window, or none of any; give back `unused` (granted_ms, units).

        Raises Unavailable while the store is away. want = minimum = 0 looks and gives back only.
        """
        if minimum < 0 or want < minimum:
            raise ValueError("units must not be negative, and want not less than minimum")
        windows = plan.windows
        keys = [window_key(account, policy) for policy in windows]
        arguments: list[int | str] = [want, minimum, HORIZON_MS, len(windows)]
        for policy in windows:
            assert policy.window_seconds is not None
            arguments += [policy.limit, policy.window_seconds * 1000]
        limit = plan.concurrency
        if limit is not None:
            keys.append(slots_key(account, limit))
        arguments += [limit.limit if limit else 0, self._worker]
        arguments += [slots.running, slots.want, slots.minimum, SLOT_TTL_MS]
        given_back = [number for pair in unused for number in pair]
        reply = await self._call(keys, arguments, given_back)
        return _read(reply, plan)

    async def _call(self, keys: list[str], arguments: list[int | str], given_back: list[int]) -> list[int]:
        if time.monotonic() < self._paused_until:
            raise _away()
        try:
            try:
                reply: list[int] = await self._script(keys=keys, args=[*arguments, *given_back])
            except RedisConnectionError:
                # A connection that died while idle. The first call may have arrived: it counts as charged,
                # and units are never given back twice.
                reply = await self._script(keys=keys, args=arguments)
        except (RedisError, OSError, TimeoutError) as away:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            raise _away() from away
        return reply


def _read(reply: list[int], plan: Plan) -> WindowGrant:
    verdict = Verdict(reply[0])
    index = reply[5]
    policy = plan.concurrency if verdict is Verdict.NO_SLOT else plan.windows[index - 1] if index else None
    states = tuple(WindowState(reply[i], reply[i + 1]) for i in range(7, len(reply), 2))
    return WindowGrant(verdict, reply[1], reply[2], reply[3], reply[4], policy, reply[6], states)


def _away() -> Unavailable:
    return Unavailable("The rate windows cannot be read at the moment.", reason="windows")
