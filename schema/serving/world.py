"""What a worker answers from: one registry snapshot, the schema grafted for it, and the plans made under that schema.

A release swaps the snapshot only; a changed contract re-assembles the schema in a thread. Requests under way keep the
world they began with.
"""

import asyncio
import logging
from dataclasses import dataclass

import strawberry

from publicgsb.datasets.registry import Registry, load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.kernel.memory import Memory
from publicgsb.platform.kernel.pulse import Event, Pulse
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.types.dissolve import dissolve_after
from publicgsb.schema.types.graft import Grafted, graft, shape_of, static_schema

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class World:
    registry: Registry
    grafted: Grafted
    plans: PlanCache
    sdl: str


class Worlds:
    """The current world, kept current by the pulse. `start()` after the pulse has started."""

    def __init__(self, connections: Connections, pulse: Pulse, memory: Memory | None = None) -> None:
        self._connections = connections
        self._pulse = pulse
        self._memory = memory or Memory(freezes=False)
        self._static: strawberry.Schema = static_schema()
        self._current: World | None = None
        self._swapped = asyncio.Condition()
        self._refreshing = asyncio.Lock()
        pulse.on("registry", self._heard)

    @property
    def current(self) -> World:
        assert self._current is not None, "start() comes first"
        return self._current

    async def start(self) -> None:
        await self._refresh()

    async def wait_for(self, version: int, timeout_seconds: float) -> bool:
        """Whether registry `version` became readable here in time; a cursor may come from a worker that is ahead."""
        try:
            async with asyncio.timeout(timeout_seconds), self._swapped:
                await self._swapped.wait_for(lambda: self.current.registry.version >= version)
        except TimeoutError:
            return False
        return True

    async def _heard(self, event: Event) -> None:
        if self._current is None or self._current.registry.version < event.payload["version"]:
            await self._refresh()

    async def _refresh(self) -> None:
        async with self._refreshing:
            before = self._current
            async with self._connections.use() as connection:
                registry = await load_registry(connection, before.registry if before else None)
            self._current = await self._next(registry, before)
        self._pulse.acknowledge_registry(registry.version)
        async with self._swapped:
            self._swapped.notify_all()

    async def _next(self, registry: Registry, before: World | None) -> World:
        if before is not None and before.grafted.shape == shape_of(registry):
            return World(registry, before.grafted, before.plans, before.sdl)
        try:
            grafted, sdl = await asyncio.to_thread(self._assemble, registry)
        except Conflict as clash:
            if before is None:
                raise
            log.error("the schema stays as it was: %s", clash.message)
            return World(registry, before.grafted, before.plans, before.sdl)
        dissolve_after(grafted, grafted.circular)
        return World(registry, grafted, PlanCache(grafted.core), sdl)

    def _assemble(self, registry: Registry) -> tuple[Grafted, str]:
        with self._memory.building():
            grafted = graft(registry, self._static)
            return grafted, grafted.sdl()
