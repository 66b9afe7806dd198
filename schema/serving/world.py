"""What a worker answers from: one registry snapshot, the schema grafted for it, and the plans made under that schema.

A release swaps the snapshot only; a changed contract re-assembles the schema in a thread. Requests under way keep the
world they began with. Where a streaming replica answers, the world is what the replica shows: an event of the primary
only says what will come.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import strawberry

from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry, shown_version
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, GsbError
from publicgsb.platform.kernel.memory import Memory
from publicgsb.platform.kernel.pulse import Event, Pulse
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.serving.history import Served
from publicgsb.schema.serving.slices import Names, Slices
from publicgsb.schema.serving.texts import SchemaTexts
from publicgsb.schema.types.dissolve import dissolve_after
from publicgsb.schema.types.graft import Grafted, Shape, graft, shape_of, static_schema
from publicgsb.schema.types.writer import SdlWriter

FOLLOW_SECONDS = 0.05  # between two looks at a replica that is behind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class World:
    registry: Registry
    grafted: Grafted
    plans: PlanCache
    texts: SchemaTexts
    slices: Slices

    @property
    def sdl(self) -> str:
        return self.texts.sdl

    async def sliced(self, names: Names) -> "World":
        """The same registry under the schema of these datasets only. Raises NotFound."""
        found = await self.slices.of(self.registry, names)
        return replace(self, grafted=found.grafted, plans=found.plans, texts=found.texts)


class Worlds:
    """The current world, kept current by the pulse. `start()` after the pulse has started.

    With a `replica` the registry is read there, and the pulse is not held up by how far it is behind.
    """

    def __init__(
        self,
        connections: Connections,
        pulse: Pulse,
        memory: Memory | None = None,
        *,
        replica: Connections | None = None,
    ) -> None:
        self._connections = connections
        self._replica = replica
        self._announced = 0
        self._following: asyncio.Task[None] | None = None
        self._pulse = pulse
        self._memory = memory or Memory(freezes=False)
        self._static: strawberry.Schema = static_schema()
        self._writer = SdlWriter()
        self._refused: Shape | None = None  # the contracts that clashed last
        self._current: World | None = None
        self._swapped = asyncio.Condition()
        self._refreshing = asyncio.Lock()
        self._on_new_schema: list[Callable[[], None]] = []
        pulse.on("registry", self._heard)

    def on_new_schema(self, heard: Callable[[], None]) -> None:
        """Called after each swap to another schema."""
        self._on_new_schema.append(heard)

    @property
    def current(self) -> World:
        assert self._current is not None, "start() comes first"
        return self._current

    @property
    def is_behind(self) -> bool:
        """Whether a version was announced that cannot be read here yet."""
        return self._current is None or self._current.registry.version < self._announced

    @property
    def served(self) -> Served:
        current = self.current
        return Served(current.registry.schema_version, current.texts)

    async def start(self) -> None:
        if self._replica is not None:
            async with self._connections.use() as connection:
                self._announced = await shown_version(connection)
        await self._refresh()
        self._follow()

    async def stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def wait_for(self, version: int, timeout_seconds: float) -> bool:
        """Whether registry `version` became readable here in time; a cursor may come from a worker that is ahead."""
        try:
            async with asyncio.timeout(timeout_seconds), self._swapped:
                await self._swapped.wait_for(lambda: self.current.registry.version >= version)
        except TimeoutError:
            return False
        return True

    async def _heard(self, event: Event) -> None:
        self._announced = max(self._announced, event.payload["version"])
        if self._replica is not None:
            self._follow()
        elif self.is_behind:
            await self._refresh()

    def _follow(self) -> None:
        if self._replica is not None and self.is_behind and (self._following is None or self._following.done()):
            self._following = asyncio.create_task(self._catch_up(self._replica), name="follow the replica")

    async def _catch_up(self, replica: Connections) -> None:
        """Swap to each version that the replica comes to show, until it shows what was announced."""
        while self.is_behind:
            try:
                async with replica.use() as connection:
                    shown = await shown_version(connection)
                if shown > self.current.registry.version:
                    await self._refresh()
                    self._pulse.wake()
            except GsbError as away:
                log.warning("the replica cannot be followed: %s", away.message)
            if self.is_behind:
                await asyncio.sleep(FOLLOW_SECONDS)

    async def _refresh(self) -> None:
        async with self._refreshing:
            before = self._current
            async with (self._replica or self._connections).use() as connection:
                registry = await load_registry(connection, before.registry if before else None)
            self._current = await self._next(registry, before)
        self._pulse.acknowledge_registry(registry.version)
        if before is not None and before.texts is not self._current.texts:
            for heard in self._on_new_schema:
                heard()
        async with self._swapped:
            self._swapped.notify_all()

    async def _next(self, registry: Registry, before: World | None) -> World:
        shape = shape_of(registry)
        if before is not None and shape in (before.grafted.shape, self._refused):
            return replace(before, registry=registry)
        try:
            grafted, texts = await asyncio.to_thread(self._assemble, registry)
        except Conflict as clash:
            if before is None:
                raise
            self._refused = shape
            log.error("the schema stays as it was: %s", clash.message)
            # Its plans were made under contracts that may have been more open than the present ones.
            plans = _new_plans(before.grafted)
            return replace(before, registry=registry, plans=plans, slices=Slices(self._static))
        dissolve_after(grafted, grafted.apart())
        return World(registry, grafted, _new_plans(grafted), texts, Slices(self._static))

    def _assemble(self, registry: Registry) -> tuple[Grafted, SchemaTexts]:
        grafted = graft(registry, self._static, self._memory.building)
        return grafted, SchemaTexts(grafted.written(self._writer), grafted.introspect, self._connections)


def _new_plans(grafted: Grafted) -> PlanCache:
    plans = PlanCache(grafted.core)
    dissolve_after(plans, plans.apart())
    return plans
