"""The capacities as one worker draws from them: all that a request touches, or none of them."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound, RateLimited
from publicgsb.platform.kernel.pulse import Event, Pulse, announce
from publicgsb.quotas import store as quotas_store
from publicgsb.quotas.capacity import store
from publicgsb.quotas.capacity.model import PLATFORM, Capacity
from publicgsb.quotas.capacity.pot import Pot
from publicgsb.quotas.capacity.refusals import too_large, used_up
from publicgsb.quotas.model import PolicyUnit
from publicgsb.quotas.windows import WindowGrant, Windows

POTS_MAX = 10_000  # floors of organisations that a worker remembers

Touched: TypeAlias = Sequence[tuple[int, int]]  # (dataset, release)


class Drawn:
    """Units of several capacities, for one request."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[tuple[Pot, PolicyUnit, int, int]] = []

    def add(self, pot: Pot, capacity: Capacity, mark: int, units: int) -> None:
        self._parts.append((pot, capacity.unit, mark, units))

    def settle(self, points_used: int) -> None:
        """A request that came to nothing gives everything back; one that was answered, the points it did not need."""
        for pot, unit, mark, units in self._parts:
            used = 0 if points_used == 0 else points_used if unit is PolicyUnit.POINTS else units
            if used < units:
                pot.give_back(mark, units - used)
        self._parts = []


class Capacities:
    """Build it before the pulse starts; `load()` before the first request. Empty as long as nobody has set any."""

    def __init__(self, connections: Connections, windows: Windows, pulse: Pulse) -> None:
        self._connections = connections
        self._windows = windows
        self.is_set = False  # looked at by each request
        self._known: dict[int, Capacity] = {}
        self._shared: dict[int, Pot] = {}
        self._floors: OrderedDict[tuple[int, int], Pot] = OrderedDict()
        pulse.on("capacity", self._changed)

    async def load(self) -> None:
        async with self._connections.use() as connection:
            self.use({one.dataset_id: one for one in await store.capacities_all(connection)})

    def use(self, known: dict[int, Capacity]) -> None:
        """Draw from these; what is held of one that changed runs out within its 100 ms."""
        for dataset_id, before in self._known.items():
            if known.get(dataset_id) != before:
                self._shared.pop(dataset_id, None)
                for key in [key for key in self._floors if key[0] == dataset_id]:
                    del self._floors[key]
        self._known = known
        self.is_set = bool(known)

    def try_draw(self, organisation_id: int, points: int, touched: Touched) -> Drawn | None:
        """From memory, all or none; None means: ask `draw`."""
        drawn, now = Drawn(), time.monotonic()
        for capacity in self._of(touched):
            units = _units(capacity, points)
            for pot in self._pots(capacity, organisation_id, units):
                if (mark := pot.try_take(units, now)) is not None:
                    drawn.add(pot, capacity, mark, units)
                    break
            else:
                drawn.settle(0)
                return None
        return drawn

    async def draw(self, organisation_id: int, points: int, touched: Touched) -> Drawn:
        """All or none; raises RateLimited for the one that takes longest, QueryTooCostly or Unavailable."""
        drawn = Drawn()
        refused: list[RateLimited] = []
        try:
            for capacity in self._of(touched):
                try:
                    await self._draw(capacity, organisation_id, _units(capacity, points), drawn)
                except RateLimited as one:
                    refused.append(one)
            if refused:
                raise max(refused, key=lambda one: one.retry_after_seconds or 0)
        except BaseException:
            drawn.settle(0)
            raise
        finally:
            del refused  # what it raises holds this frame: a circle
        return drawn

    async def _draw(self, capacity: Capacity, organisation_id: int, units: int, drawn: Drawn) -> None:
        pots = self._pots(capacity, organisation_id, units)
        if not pots:
            raise too_large(capacity, units)
        waits_ms: list[int] = []
        for pot in pots:
            outcome = await pot.take(self._windows, units)
            if not isinstance(outcome, WindowGrant):
                drawn.add(pot, capacity, outcome, units)
                return
            waits_ms.append(outcome.wait_ms)
        raise used_up(capacity, units, min(waits_ms) / 1000)

    async def sweep(self) -> None:
        now = time.monotonic()
        pots = (*self._shared.values(), *self._floors.values())
        for pot in [pot for pot in pots if pot.has_leftovers(now)]:
            await pot.sweep(self._windows)

    async def remaining(self, dataset_id: int) -> int:
        """Of what all share, the reserve apart."""
        return await self._shared_pot(self._known[dataset_id]).remaining(self._windows)

    def _of(self, touched: Touched) -> list[Capacity]:
        known = self._known
        found = [known[PLATFORM]] if PLATFORM in known else []
        return found + [known[dataset_id] for dataset_id, _ in touched if dataset_id in known]

    def _pots(self, capacity: Capacity, organisation_id: int, units: int) -> list[Pot]:
        """Where this many may come from: first the organisation's own floor, then what all share."""
        pots = []
        if units <= capacity.floor:
            pots.append(self._floor_pot(capacity, organisation_id))
        if units <= capacity.limit - capacity.reserve:
            pots.append(self._shared_pot(capacity))
        return pots

    def _shared_pot(self, capacity: Capacity) -> Pot:
        pot = self._shared.get(capacity.dataset_id)
        if pot is None:
            pot = self._shared[capacity.dataset_id] = Pot(capacity.account, capacity.shared)
        return pot

    def _floor_pot(self, capacity: Capacity, organisation_id: int) -> Pot:
        key = (capacity.dataset_id, organisation_id)
        pot = self._floors.get(key)
        if pot is None:
            pot = self._floors[key] = Pot(capacity.account, capacity.floor_of(organisation_id))
            if len(self._floors) > POTS_MAX:
                self._floors.popitem(last=False)  # what it held counts until its window is over
        else:
            self._floors.move_to_end(key)
        return pot

    async def _changed(self, _: Event) -> None:
        await self.load()


async def set_capacity(connections: Connections, capacity: Capacity, *, actor: str) -> None:
    """Create or replace it; every worker hears of it within moments."""
    async with connections.transaction() as connection:
        await store.capacity_set(connection, capacity)
        details = {
            "limit": capacity.limit,
            "unit": capacity.unit.value,
            "windowSeconds": capacity.window_seconds,
            "floor": capacity.floor,
            "reserve": capacity.reserve,
        }
        await quotas_store.audit(connection, actor, "capacity_set", capacity.name, details)
        await announce(connection, "capacity", {})


async def drop_capacity(connections: Connections, dataset_id: int, *, actor: str) -> None:
    async with connections.transaction() as connection:
        name = await store.capacity_drop(connection, dataset_id)
        if name is None:
            raise NotFound("There is no such capacity.", hint="`gsb dataset capacity show` lists them.")
        await quotas_store.audit(connection, actor, "capacity_drop", name, {})
        await announce(connection, "capacity", {})


async def list_capacities(connections: Connections) -> list[Capacity]:
    async with connections.use() as connection:
        return await store.capacities_all(connection)


def _units(capacity: Capacity, points: int) -> int:
    return points if capacity.unit is PolicyUnit.POINTS else 1
