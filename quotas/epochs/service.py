"""The epochs of all organisations, as one worker knows them; it begins the next one when windows were lost.

The row in gsb.window_epoch is the one authority: it names the store that holds the windows of an epoch. A new epoch is
announced on the pulse; every worker then stops granting from the old one and tells what it admitted, and only when
all have is the epoch filled, opened and announced again. Nobody needs a clock for that.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import GsbError, Unavailable
from publicgsb.platform.kernel.pulse import Event, Pulse, announce
from publicgsb.quotas.epochs import store
from publicgsb.quotas.epochs.in_redis import InRedis
from publicgsb.quotas.epochs.store import Epoch
from publicgsb.quotas.epochs.tally import Tally
from publicgsb.quotas.leases import SPEND_SECONDS

BEGUN, OPENED = "windows_begun", "windows_opened"

HOLD_SECONDS_MAX = 3.0  # a request waits so long for an epoch to open
ASK_AGAIN_SECONDS = 0.25  # whoever waits looks whether the worker that began the epoch still lives
SILENT_SECONDS = 2.5  # a worker that is silent for longer grants nothing from a store that refuses the old epoch
GONE_SECONDS = SPEND_SECONDS + 2.0  # ... and after so long it spends nothing at all
PROBE_SECONDS = 0.25
PROBES_GOOD = 8  # in a row, before windows go back to Redis
PROBE_SLOW_SECONDS = 0.1
FORGET_SECONDS = 10.0
TOLD_PAUSE_SECONDS, TOLD_PAUSE_SECONDS_MAX = 0.005, 0.1  # between two looks whether all have told

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Organisation:
    """What this worker knows of one organisation's epoch, and what it admitted of its accounts."""

    id: int
    epoch: int = 0  # 0: not known yet
    server: str | None = None
    is_open: bool = False
    bad_epoch: int = 0  # the latest one whose data was found missing
    tallies: dict[int | str, Tally] = field(default_factory=dict)  # by application; of a capacity by its plans
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def follow(self, epoch: Epoch) -> None:
        """Newer knowledge wins; an epoch is opened once and never again."""
        if epoch.number > self.epoch:
            self.epoch, self.server, self.is_open = epoch.number, epoch.server, False
            self.opened.clear()
            for tally in self.tallies.values():
                tally.begin_epoch()
        if epoch.number == self.epoch and epoch.is_open and epoch.number > self.bad_epoch:
            self.is_open = True
            self.opened.set()

    def distrust(self, epoch: int) -> None:
        self.bad_epoch = max(self.bad_epoch, epoch)
        if self.epoch == epoch:
            self.is_open = False
            self.opened.clear()


class Epochs:
    """Build it before the pulse starts, so that no event is missed."""

    def __init__(self, connections: Connections, pulse: Pulse, redis: InRedis) -> None:
        self._connections = connections
        self._pulse = pulse
        self._redis = redis
        self._organisations: dict[int, Organisation] = {}
        self._wanted: set[Organisation] = set()
        self._moving: set[Organisation] = set()
        self._moves: set[asyncio.Task[None]] = set()
        self._prober: asyncio.Task[None] | None = None
        self._at_least = 1  # Redis knows all epochs below
        self._is_closing = False
        self.begun = 0  # epochs that this worker began
        pulse.on(BEGUN, self._heard_begun)
        pulse.on(OPENED, self._heard_opened)

    async def start(self) -> None:
        self._prober = asyncio.create_task(self._probe_for_ever(), name="windows")

    async def close(self) -> None:
        """Tell what was admitted, for whoever must know it while it still counts."""
        self._is_closing = True  # a client that gives up a call in the same moment may swallow the cancel
        tasks = [*self._moves, *([self._prober] if self._prober else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        now = time.monotonic()
        told = [
            (one.id, 0, seed)
            for one in self._organisations.values()
            for tally in one.tallies.values()
            for seed in tally.seeds(now)
            if seed.width_ms is not None
        ]
        if told:
            try:
                async with self._connections.transaction() as connection:
                    await store.seeds_add(connection, str(self._pulse.boot_id), told)
                    await store.seeds_forget(connection)
                for one in self._organisations.values():
                    one.tallies.clear()  # told once is enough
            except GsbError as away:
                log.warning("what was admitted could not be left behind: %s", away.message)

    @property
    def newest(self) -> int:
        """The highest number of an epoch that this worker knows; 0: none yet."""
        return max((one.epoch for one in self._organisations.values()), default=0)

    def granting(self, *, from_redis: bool) -> int:
        """How many organisations' windows this worker takes from Redis, or else from PostgreSQL."""
        known = self._organisations.values()
        return sum(one.is_open and (one.server is not None) is from_redis for one in known)

    def of(self, organisation_id: int) -> Organisation:
        organisation = self._organisations.get(organisation_id)
        if organisation is None:
            # Known before its row is read: a newer epoch that is announced meanwhile must not be missed.
            organisation = self._organisations[organisation_id] = Organisation(organisation_id)
        return organisation

    def lost(self, organisation: Organisation, epoch: int) -> None:
        """The data of this epoch was found missing, or its store away: see that another one begins."""
        organisation.distrust(epoch)
        self._want(organisation)

    async def opened(self, organisation: Organisation) -> None:
        """Wait for an epoch that grants; raises Unavailable when none is open in time."""
        give_up_at = time.monotonic() + HOLD_SECONDS_MAX
        while not organisation.is_open:
            self._want(organisation)
            try:
                async with asyncio.timeout(ASK_AGAIN_SECONDS):
                    await organisation.opened.wait()
            except TimeoutError:
                if time.monotonic() >= give_up_at:
                    raise Unavailable("The rate windows are being restored.", reason="windows") from None

    def _forget_idle(self, now: float) -> None:
        """Organisations of which nothing that was admitted counts any more."""
        for one in list(self._organisations.values()):
            one.tallies = {key: tally for key, tally in one.tallies.items() if not tally.is_over(now)}
            if not one.tallies and one not in self._moving and one.is_open:
                del self._organisations[one.id]

    # --- what others announce

    async def _heard_begun(self, event: Event) -> None:
        """Stop granting at once; the event counts as heard only when what was admitted is told."""
        now = time.monotonic()
        told = []
        for organisation, epoch in self._named(event):
            organisation.follow(Epoch(organisation.id, epoch, event.payload["server"], False))
            told += [
                (organisation.id, epoch, seed) for tally in organisation.tallies.values() for seed in tally.seeds(now)
            ]
        if told:
            async with self._connections.use() as connection:
                await store.seeds_add(connection, str(self._pulse.boot_id), told)

    async def _heard_opened(self, event: Event) -> None:
        for organisation, epoch in self._named(event):
            organisation.follow(Epoch(organisation.id, epoch, event.payload["server"], True))

    def _named(self, event: Event) -> Iterable[tuple[Organisation, int]]:
        for organisation_id, epoch in event.payload["epochs"]:
            if (known := self._organisations.get(organisation_id)) is not None:
                yield known, epoch

    # --- beginning an epoch

    def _want(self, organisation: Organisation) -> None:
        """Organisations that are in need together move together."""
        if organisation in self._moving or organisation in self._wanted or self._is_closing:
            return
        if not self._wanted:
            move = asyncio.create_task(self._move_wanted(), name="windows move")
            self._moves.add(move)
            move.add_done_callback(self._moves.discard)
        self._wanted.add(organisation)

    async def _move_wanted(self) -> None:
        await asyncio.sleep(0)  # whoever is in need in the same turn comes along
        moving, self._wanted = self._wanted, set()
        self._moving |= moving
        try:
            await self._move(moving)
        except GsbError as away:
            log.warning("no epoch of the windows could begin: %s", away.message)
        except Exception:
            log.exception("no epoch of the windows could begin")
        else:
            self._moving -= moving
            for one in moving:
                if 0 < one.epoch == one.bad_epoch:  # it could not be opened; where it goes next is known now
                    self._want(one)
        finally:
            self._moving -= moving

    async def _move(self, organisations: set[Organisation]) -> None:
        by_id = {one.id: one for one in organisations}
        async with self._connections.use() as connection:
            rows = {row.organisation_id: row for row in await store.epochs_now(connection, list(by_id))}
        for row in rows.values():
            by_id[row.organisation_id].follow(row)
        expected = {one.id: one.epoch for one in organisations if not one.is_open}
        if expected:
            bad = {one.id for one in organisations if one.epoch == one.bad_epoch}
            await self._begin(expected, bad, rows, await self._best_server(), is_return=False)

    async def _best_server(self) -> str | None:
        """Redis as long as it answers: who finds it away moves to PostgreSQL."""
        if self._redis.is_away:
            return None
        try:
            return await self._redis.identify()
        except Unavailable:
            return None

    async def _begin(
        self,
        expected: dict[int, int],
        bad: set[int],
        rows: dict[int, Epoch],
        server: str | None,
        *,
        is_return: bool,
    ) -> None:
        async with self._connections.transaction() as connection:
            begun = await store.epochs_begin(
                connection, self._pulse.boot_id, server, expected, bad, is_return=is_return, at_least=self._at_least
            )
            if not begun:
                return  # somebody else is at it
            payload = {"server": server, "epochs": list(begun.items())}
            seq = await announce(connection, BEGUN, payload)
        self.begun += len(begun)
        for organisation_id, epoch in begun.items():
            self.of(organisation_id).follow(Epoch(organisation_id, epoch, server, False))
        before = {one: rows.get(one) for one in begun}
        # PostgreSQL refused the old epoch in the moment in which the new one began, and its windows are complete.
        # Before the first epoch nobody was granted anything.
        at_once = {one: epoch for one, epoch in begun.items() if (was := before[one]) is None or _was_here(was)}
        if at_once:
            await self._open(at_once, server, {one for one in at_once if before[one] is not None})
        told = {one: epoch for one, epoch in begun.items() if one not in at_once}
        if told:
            refuses_old = all(was is not None and was.is_open and was.server == server for was in map(before.get, told))
            await self._all_have_told(seq, SILENT_SECONDS if refuses_old else GONE_SECONDS)
            await self._open(told, server, set())

    async def _all_have_told(self, seq: int, silent_seconds: float) -> None:
        """Until every worker that may still grant from the old epoch has heard of the new one."""
        self._pulse.wake()
        pause = TOLD_PAUSE_SECONDS
        while not self._is_closing:
            async with self._connections.use() as connection:
                if not await store.workers_silent(connection, seq, silent_seconds):
                    return
            await asyncio.sleep(pause)
            pause = min(pause * 1.2, TOLD_PAUSE_SECONDS_MAX)  # some milliseconds as a rule, 22 s after a kill -9
        raise Unavailable("This worker ends; another one will begin the epoch.", reason="windows")

    async def _open(self, epochs: dict[int, int], server: str | None, from_windows: set[int]) -> None:
        """Fill the epochs, from the windows kept here or from what workers told, and let them be granted from."""
        if server is None:
            async with self._connections.transaction() as connection:
                await store.units_clear(connection, list(epochs))
                await store.units_fill(connection, epochs)
                opened = await self._announce_open(connection, epochs, None)
        else:
            filled = await self._fill_redis(epochs, from_windows)
            async with self._connections.transaction() as connection:
                opened = await self._announce_open(connection, filled, server)
                await store.units_clear(connection, list(opened))
        for organisation_id, epoch in epochs.items():
            if organisation_id in opened:
                self.of(organisation_id).follow(Epoch(organisation_id, epoch, server, True))
            else:
                self.of(organisation_id).distrust(epoch)

    async def _fill_redis(self, epochs: dict[int, int], from_windows: set[int]) -> dict[int, int]:
        """Those that Redis took. Each is tried once: in doubt the epoch is never opened, and another one begins."""
        filled: dict[int, int] = {}
        for organisation_id, epoch in epochs.items():
            async with self._connections.use() as connection:
                entries = await store.entries(
                    connection, organisation_id, epoch, are_from_windows=organisation_id in from_windows
                )
            try:
                if known := await self._redis.open(organisation_id, epoch, entries):
                    self._at_least = max(self._at_least, known + 1)  # this database is older than what Redis holds
                else:
                    filled[organisation_id] = epoch
            except Unavailable:
                break
        return filled

    async def _announce_open(
        self, connection: Connection, epochs: dict[int, int], server: str | None
    ) -> dict[int, int]:
        opened = await store.epochs_open(connection, epochs) if epochs else {}
        if opened:
            await announce(connection, OPENED, {"server": server, "epochs": list(opened.items())})
        return opened

    # --- back to Redis

    async def _probe_for_ever(self) -> None:
        good, forget_at = 0, 0.0
        while not self._is_closing:
            await asyncio.sleep(PROBE_SECONDS)
            if (now := time.monotonic()) >= forget_at:
                forget_at = now + FORGET_SECONDS
                self._forget_idle(now)
            here = [one for one in self._organisations.values() if one.is_open and one.server is None]
            if not here and not self._redis.is_away:
                good = 0
                continue
            good = good + 1 if await self._redis.probe(PROBE_SLOW_SECONDS) else 0
            if good < PROBES_GOOD:
                continue
            self._redis.is_away = False
            try:
                await self._return(here)
            except GsbError as away:
                log.warning("windows stay in PostgreSQL: %s", away.message)

    async def _return(self, organisations: list[Organisation]) -> None:
        """Those that have been here long enough; the database decides which."""
        waiting = [one for one in organisations if one not in self._moving and one not in self._wanted]
        if waiting:
            server = await self._redis.identify()
            rows = {one.id: Epoch(one.id, one.epoch, None, True) for one in waiting}
            self._moving |= set(waiting)
            try:
                await self._begin({one.id: one.epoch for one in waiting}, set(rows), rows, server, is_return=True)
            finally:
                self._moving -= set(waiting)


def _was_here(epoch: Epoch) -> bool:
    return epoch.server is None and epoch.is_open
