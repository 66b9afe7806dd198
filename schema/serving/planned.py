"""From an ask to what may run: document → plan → access → price → bound releases. Nothing here touches a table."""

from typing import Any, NamedTuple

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.quotas.allowance import new_slices
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.cache import Family
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.price import price
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.planning.weigh import Price
from publicgsb.schema.serving.ask import Ask
from publicgsb.schema.serving.identity import Identity, identity
from publicgsb.schema.serving.slices import Names
from publicgsb.schema.serving.world import World, Worlds
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.cursor import Cursor
from publicgsb.schema.sql.prepare import Prepared, arguments, newest_version, prepare, read_cursors

AHEAD_SECONDS = 2.0  # how long a cursor from a worker that is ahead is waited for


class Planned(NamedTuple):
    """A request that may run.

    A tuple like the other values that each request makes anew: frozen dataclasses take longer to make.
    """

    world: World
    family: Family
    plan: Plan
    variables: dict[str, Any]
    price: Price
    prepared: Prepared
    arguments: list[Any]
    is_new_plan: bool

    @property
    def identity(self) -> Identity | None:
        """What names its answer for ever; None when other things can change it."""
        return identity(self.family.hash, self.plan, self.variables, self.prepared)


class Planning:
    """Plans asks in the worker's current world. Every refusal of a document is raised here."""

    def __init__(self, worlds: Worlds, cursor_secret: bytes, response_bytes_max: int) -> None:
        self._worlds = worlds
        self._secret = cursor_secret
        self._bytes_max = response_bytes_max
        self._new_slices = new_slices()

    async def plan(self, caller: Caller, ask: Ask, datasets: Names | None = None) -> Planned:
        """`datasets` names the slice of the schema that the caller wants to see."""
        world = await self._world(caller, datasets)
        planned, cursors = self.plan_in(world, caller, ask)
        ahead = newest_version(cursors)
        if ahead > world.registry.version:
            if not await self._worlds.wait_for(ahead, AHEAD_SECONDS) and self._worlds.is_behind:
                raise Unavailable(
                    "The data that the cursor comes from have not reached this server yet.",
                    reason="replica",
                    hint="Ask again after Retry-After: they are on their way.",
                )
            planned, _ = self.plan_in(await self._world(caller, datasets), caller, ask)
        return planned

    async def _world(self, caller: Caller, datasets: Names | None) -> World:
        world = self._worlds.current
        if datasets is None:
            return world
        if not world.slices.holds(datasets):
            self._new_slices.spend(caller.application_id)
        return await world.sliced(datasets)

    def plan_in(self, world: World, caller: Caller, ask: Ask) -> tuple[Planned, dict[Leaf, Cursor]]:
        registry = world.registry
        family = world.plans.family(ask.query, ask.operation_name)
        variables = family.variables(ask.variables)
        plan, is_new = family.plan(registry, variables)
        check_access(plan, registry, caller)
        cost = price(plan, variables, registry)
        cursors = read_cursors(plan, variables, self._secret)
        prepared = prepare(plan, registry, variables, cursors)
        args: list[Any] = []
        if prepared.statement is not None:
            bound = Bound(variables, cursors, prepared.releases, prepared.versions, self._secret, self._bytes_max)
            args = arguments(prepared.statement, bound)
        return Planned(world, family, plan, variables, cost, prepared, args, is_new), cursors
