"""The pulse of a process: it hears of every event within moments, says how far it has read, and fences itself.

Key events, registry swaps and lease recalls all ride on it. NOTIFY brings the next event along, and the poll
every 250 ms makes it exact.
"""

import asyncio
import json
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import uuid4

import asyncpg

from publicgsb.platform.kernel.database import AWAY, Connection, Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.ids import BootId
from publicgsb.platform.kernel.sql import load

CHANNEL = "gsb_pulse"
BEAT_SECONDS = 0.25
FENCE_SECONDS = 2.0  # without contact for this long a process trusts nothing that it remembers
BARRIER_SECONDS = 4.0  # longer than it takes until a process that fell silent counts as told (workers_behind.sql)

_HERE = "publicgsb.platform.kernel"
_ANNOUNCE = load(_HERE, "pulse_sql/announce.sql")
_ENTER = load(_HERE, "pulse_sql/worker_enter.sql")
_BEAT = load(_HERE, "pulse_sql/worker_beat.sql")
_AFTER = load(_HERE, "pulse_sql/events_after.sql")
_BEHIND = load(_HERE, "pulse_sql/workers_behind.sql")
_PRUNE = load(_HERE, "pulse_sql/events_prune.sql")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    seq: int
    kind: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Barrier:
    """How far an event has got: `workers` alive, `behind` of them not yet told."""

    workers: int
    behind: int
    took_ms: int

    @property
    def is_everywhere(self) -> bool:
        return self.behind == 0


Handler: TypeAlias = Callable[[Event], Awaitable[None]]


async def announce(connection: Connection, kind: str, payload: dict[str, Any]) -> int:
    """Publish an event inside the caller's transaction; returns its number. It is heard after commit."""
    seq: int = await connection.fetchval(_ANNOUNCE, kind, json.dumps(payload), CHANNEL)
    return seq


async def barrier(connections: Connections, seq: int, *, timeout_seconds: float = BARRIER_SECONDS) -> Barrier:
    """Wait until every live process has acknowledged event `seq`, at most `timeout_seconds`."""
    began = time.monotonic()
    while True:
        async with connections.use() as connection:
            row = await connection.fetchrow(_BEHIND, seq)
        assert row is not None
        took = time.monotonic() - began
        if row["behind"] == 0 or took >= timeout_seconds:
            return Barrier(workers=row["alive"], behind=row["behind"], took_ms=round(took * 1000))
        await asyncio.sleep(0.01)


async def prune(connections: Connections) -> None:
    """Drop events of the past that everybody has seen; the jobs process calls it now and then."""
    async with connections.use() as connection:
        await connection.execute(_PRUNE)


class Pulse:
    """Start it before anything that remembers; register handlers before `start()`.

    Handlers run in event order, and an event counts as seen only after its handlers returned. `on_contact_lost`
    handlers hear that events may have been missed for longer than the fence, so caches must be dropped.
    """

    def __init__(self, connections: Connections, kind: str) -> None:
        self.boot_id = BootId(uuid4())
        self._connections = connections
        self._kind = kind
        self._handlers: dict[str, list[Handler]] = {}
        self._lost: list[Callable[[], None]] = []
        self._reborn: list[Callable[[], Awaitable[None]]] = []
        self._seen = 0
        self._registry_seen = 0
        self._contact = 0.0
        self._contact_since = 0.0
        self._wake = asyncio.Event()
        self._told: list[Event | None] = []  # by NOTIFY since the last beat; None: of one that did not fit
        self._line: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self.is_fenced = False

    def on(self, kind: str, handler: Handler) -> None:
        self._handlers.setdefault(kind, []).append(handler)

    def on_contact_lost(self, handler: Callable[[], None]) -> None:
        self._lost.append(handler)

    def on_reborn(self, handler: Callable[[], Awaitable[None]]) -> None:
        """Hear that this process lives on under a new boot id, and that what the old one held is lost."""
        self._reborn.append(handler)

    @property
    def seconds_in_contact(self) -> float:
        """For how long contact has lasted without a gap that would have fenced."""
        return time.monotonic() - self._contact_since if self.is_fresh else 0.0

    @property
    def seconds_since_contact(self) -> float:
        return time.monotonic() - self._contact

    @property
    def is_fresh(self) -> bool:
        """True while what this process remembers may be trusted without asking the database."""
        return time.monotonic() - self._contact < FENCE_SECONDS and not self.is_fenced

    def acknowledge_registry(self, version: int) -> None:
        self._registry_seen = max(self._registry_seen, version)

    def wake(self) -> None:
        """Beat now: what was acknowledged is told without waiting for the next beat."""
        self._wake.set()

    async def start(self) -> None:
        connection = await self._listen()
        self._seen = await self._enter(connection, None)
        self._contact = self._contact_since = time.monotonic()
        self._task = asyncio.create_task(self._run(), name="pulse")

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._hang_up()
        try:
            async with self._connections.use() as connection:
                await connection.execute("delete from gsb.worker where boot_id = $1", self.boot_id)
        except Unavailable:
            log.info("left without a goodbye: the database is away")

    async def _enter(self, connection: Connection, seen: int | None) -> int:
        entered: int = await connection.fetchval(
            _ENTER, self.boot_id, self._kind, os.getpid(), socket.gethostname(), seen
        )
        return entered

    async def _listen(self) -> Connection:
        """The connection of our own that hears NOTIFY; a new one when there is none."""
        if self._line is None:
            self._line = await self._connections.connect()
            await self._line.add_listener(CHANNEL, self._heard)
        return self._line

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.terminate()
            self._line = None
            self._told.clear()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._told.append(_told_event(str(payload)))
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._try_beat()
            with suppress(TimeoutError):
                # Not wait_for: on Python 3.11 it swallows a cancel that comes in the tick of the wake-up.
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._wake.wait()

    async def _try_beat(self) -> None:
        try:
            await self._beat(await self._listen())
        except (*AWAY, Unavailable, asyncpg.PostgresError, TimeoutError) as error:
            log.warning("pulse lost: %s", type(error).__name__)
            self._hang_up()
        except Exception:
            # A handler failed: what it should have dropped may still be remembered, so contact is not renewed
            # and the fence closes unless the next try succeeds.
            log.exception("pulse handler failed; trying again")

    async def _beat(self, connection: Connection) -> None:
        self._wake.clear()
        asked = time.monotonic()
        told, self._told = self._told, []
        if asked - self._contact < FENCE_SECONDS:
            await self._follow_told(told)  # before the beat that acknowledges them
        newest = await self._acknowledge(connection)
        if asked - self._contact >= FENCE_SECONDS:
            self._contact_since = asked
            for forget in self._lost:
                forget()
        if newest is None:
            newest = await self._be_reborn(connection)
        while newest is not None and newest > self._seen:
            await self._follow(connection)
            newest = await self._acknowledge(connection)
        self._contact = asked

    async def _follow(self, connection: Connection) -> None:
        async with asyncio.timeout(FENCE_SECONDS):
            events = await connection.fetch(_AFTER, self._seen)
        for row in events:
            await self._handle(Event(row["seq"], row["kind"], json.loads(row["payload"])))

    async def _follow_told(self, told: Sequence[Event | None]) -> None:
        """What follows on the last one seen needs not be asked for; at a gap the beat finds that there is more."""
        for event in told:
            if event is None or event.seq > self._seen + 1:
                return
            if event.seq == self._seen + 1:
                await self._handle(event)

    async def _handle(self, event: Event) -> None:
        for handler in self._handlers.get(event.kind, ()):
            await handler(event)
        self._seen = event.seq

    async def _be_reborn(self, connection: Connection) -> int | None:
        """Declared dead while away: what was set aside for the old boot id is forfeited, so begin under a new one."""
        log.warning("this process was declared dead and begins again")
        self.is_fenced = True
        self.boot_id = BootId(uuid4())
        await self._enter(connection, self._seen)
        for begin_again in self._reborn:
            await begin_again()
        self.is_fenced = False
        return await self._acknowledge(connection)

    async def _acknowledge(self, connection: Connection) -> int | None:
        """A line that went dead without a word answers nothing, so it is given up when the fence closes."""
        async with asyncio.timeout(FENCE_SECONDS):
            newest: int | None = await connection.fetchval(_BEAT, self.boot_id, self._seen, self._registry_seen)
        return newest


def _told_event(payload: str) -> Event | None:
    """None for what brings no event along: one that did not fit, or a bare hint from anybody else."""
    try:
        told = json.loads(payload)
        return Event(told["seq"], told["kind"], told["payload"]) if told["kind"] is not None else None
    except (ValueError, TypeError, KeyError):
        return None
