"""The plans of this process: loaded once, replaced when somebody changes one."""

from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.kernel.pulse import Event, Pulse, announce
from publicgsb.quotas import store
from publicgsb.quotas.model import Plan, plan_to_json


class Plans:
    """Build it before the pulse starts, so that no change is missed; `load()` before the first `get()`."""

    def __init__(self, connections: Connections, pulse: Pulse) -> None:
        self._connections = connections
        self._plans: dict[str, Plan] = {}
        pulse.on("plan", self._changed)

    async def load(self) -> None:
        async with self._connections.use() as connection:
            self._plans = {plan.name: plan for plan in await store.plans_all(connection)}

    def get(self, name: str) -> Plan:
        """The same object until the plan changes, so that identity says whether it did."""
        try:
            return self._plans[name]
        except KeyError:
            raise NotFound(f"There is no plan {name!r}.", hint="GET /api/v1/plans lists the plans.") from None

    def all(self) -> tuple[Plan, ...]:
        return tuple(self._plans.values())

    async def _changed(self, _: Event) -> None:
        before = self._plans
        await self.load()
        # An unchanged plan keeps its object: no purse forgets anything because of somebody else's plan.
        self._plans = {name: before[name] if before.get(name) == plan else plan for name, plan in self._plans.items()}


async def set_plan(connections: Connections, plan: Plan, *, actor: str) -> None:
    """Create or replace a plan; every worker hears of it within moments, and no cached refusal survives."""
    async with connections.transaction() as connection:
        before = next((one for one in await store.plans_all(connection) if one.name == plan.name), None)
        await store.plan_set(connection, plan)
        await record(
            connection,
            actor,
            "plan.set",
            f"plan:{plan.name}",
            before={"policies": plan_to_json(before)} if before else None,
            after={"policies": plan_to_json(plan)},
        )
        await announce(connection, "plan", {})
