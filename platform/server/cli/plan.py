"""`gsb plan list | set`: plans are data, and a change reaches every worker at once."""

from dataclasses import replace

import click

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.server.cli.capacity import platform_capacity
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.quotas import store
from publicgsb.quotas.http import plan_summary
from publicgsb.quotas.model import Plan
from publicgsb.quotas.plans import set_plan


@click.group()
def plan() -> None:
    """Plans: named sets of limits."""


@plan.command(name="list")
@click.pass_obj
def list_(context: Context) -> None:
    """List plans with their policies."""
    plans = run(context, _plans)
    if context.as_json:
        emit([plan_summary(one) for one in plans])
        return
    rows = [
        {"plan": one.name, "policy": policy.name, "limit": policy.limit, "unit": policy.unit.value}
        for one in plans
        for policy in one.policies
    ]
    emit(rows, ["plan", "policy", "limit", "unit"])


@plan.command(name="set")
@click.argument("name")
@click.option("--policy", required=True, help="Which policy of the plan, e.g. month.")
@click.option("--limit", type=int, required=True, help="Its new limit.")
@click.pass_obj
def set_(context: Context, name: str, policy: str, limit: int) -> None:
    """Change one limit of plan NAME."""

    async def change(connections: Connections) -> Plan:
        before = next((one for one in await _plans(connections) if one.name == name), None)
        if before is None or policy not in {one.name for one in before.policies}:
            raise NotFound(f"There is no policy {policy} in a plan {name}.", hint="`gsb plan list` shows them.")
        policies = tuple(replace(one, limit=limit) if one.name == policy else one for one in before.policies)
        after = Plan(name, policies)
        await set_plan(connections, after, actor=operator())
        return after

    emit(plan_summary(run(context, change)))


plan.add_command(platform_capacity)


async def _plans(connections: Connections) -> list[Plan]:
    async with connections.use() as connection:
        return await store.plans_all(connection)
