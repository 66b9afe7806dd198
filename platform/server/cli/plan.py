"""`gsb plan list | set | add | remove | try | shadow`: plans are data, and a change reaches every worker at once."""

from dataclasses import replace
from typing import Any

import click

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.server.cli.capacity import platform_capacity
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.trial import shadow, try_
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.quotas import store
from publicgsb.quotas.http import plan_summary
from publicgsb.quotas.model import (
    Period,
    Plan,
    Policy,
    PolicyKind,
    PolicyUnit,
    plan_from_json,
    plan_to_json,
)
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
        {
            "plan": one.name,
            "policy": policy.name,
            "limit": policy.limit,
            "unit": policy.unit.value,
            "of": "each key" if policy.per_key else "the application",
            "shadow": policy.shadow,
        }
        for one in plans
        for policy in one.policies
    ]
    emit(rows, ["plan", "policy", "limit", "unit", "of", "shadow"])


@plan.command(name="set")
@click.argument("name")
@click.option("--policy", required=True, help="Which policy of the plan, e.g. month.")
@click.option("--limit", type=int, help="Its new limit.")
@click.option("--shadow/--enforce", "is_shadow", default=None, help="Only count what it would deny, or deny it.")
@click.pass_obj
def set_(context: Context, name: str, policy: str, limit: int | None, is_shadow: bool | None) -> None:
    """Change one policy of plan NAME."""
    if limit is None and is_shadow is None:
        raise InvalidRequest("Say what to change: --limit, --shadow or --enforce.", reason="settings")

    def changed(one: Policy) -> Policy:
        return replace(
            one,
            limit=one.limit if limit is None else limit,
            shadow=one.shadow if is_shadow is None else is_shadow,
        )

    async def change(connections: Connections) -> Plan:
        before = await _plan(connections, name)
        if policy not in {one.name for one in before.policies}:
            raise NotFound(f"There is no policy {policy} in plan {name}.", hint="`gsb plan list` shows them.")
        after = Plan(name, tuple(changed(one) if one.name == policy else one for one in before.policies))
        await set_plan(connections, after, actor=operator())
        return after

    emit(plan_summary(run(context, change)))


@plan.command()
@click.argument("name")
@click.option("--policy", required=True, help="The name of the new policy.")
@click.option("--kind", type=click.Choice([kind.value for kind in PolicyKind]), required=True, help="What it bounds.")
@click.option("--unit", type=click.Choice([unit.value for unit in PolicyUnit]), required=True, help="In what.")
@click.option("--limit", type=int, required=True, help="How much of it.")
@click.option("--window", "window_seconds", type=int, help="Seconds, of a window.")
@click.option("--period", type=click.Choice([period.value for period in Period]), help="Of a period.")
@click.option("--shadow", is_flag=True, help="Only count what it would deny.")
@click.option("--per-key", "per_key", is_flag=True, help="Of each key by itself; milliseconds only.")
@click.pass_obj
def add(context: Context, /, name: str, policy: str, **members: Any) -> None:
    """Add a policy to plan NAME; of a plan that is not there yet it must be the month's points."""
    given = {key: value for key, value in members.items() if value is not None}

    async def change(connections: Connections) -> Plan:
        known = {one.name: one for one in await _plans(connections)}
        before = plan_to_json(known[name]) if name in known else []
        after = plan_from_json(name, [*before, {"name": policy, **given}])
        await set_plan(connections, after, actor=operator())
        return after

    emit(plan_summary(run(context, change)))


@plan.command()
@click.argument("name")
@click.option("--policy", required=True, help="Which policy.")
@click.pass_obj
def remove(context: Context, name: str, policy: str) -> None:
    """Take a policy out of plan NAME."""

    async def change(connections: Connections) -> Plan:
        before = await _plan(connections, name)
        after = Plan(name, tuple(one for one in before.policies if one.name != policy))
        if after == before:
            raise NotFound(f"There is no policy {policy} in plan {name}.", hint="`gsb plan list` shows them.")
        await set_plan(connections, after, actor=operator())
        return after

    emit(plan_summary(run(context, change)))


plan.add_command(platform_capacity)
plan.add_command(try_)
plan.add_command(shadow)


async def _plans(connections: Connections) -> list[Plan]:
    async with connections.use() as connection:
        return await store.plans_all(connection)


async def _plan(connections: Connections, name: str) -> Plan:
    found = next((one for one in await _plans(connections) if one.name == name), None)
    if found is None:
        raise NotFound(f"There is no plan {name}.", hint="`gsb plan list` shows them.")
    return found
