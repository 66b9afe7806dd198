"""`gsb dataset capacity …` and `gsb plan capacity …`: limits for all callers together, of a dataset or the platform."""

from collections.abc import Callable
from typing import Any

import click

from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.quotas.capacity.model import PLATFORM, PLATFORM_NAME, Capacity
from publicgsb.quotas.capacity.service import drop_capacity, list_capacities, set_capacity
from publicgsb.quotas.model import PolicyUnit

COLUMNS = ["of", "limit", "unit", "window", "floor", "reserve"]


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--reserve", type=int, help="Of the limit, kept for organisations below their floor."),
        click.option("--floor", type=int, default=0, help="What each organisation may have of the reserve."),
        click.option("--window", type=int, default=60, show_default=True, help="Seconds, 10 or more."),
        click.option(
            "--unit", type=click.Choice(["points", "requests"]), default="requests", show_default=True, help="Of what."
        ),
        click.option("--limit", type=int, required=True, help="At most so many in any window."),
    ):
        command = option(command)
    return command


@click.group()
def capacity() -> None:
    """How much of a dataset all callers together may ask for; a floor keeps a share for each organisation."""


@capacity.command(name="set")
@click.argument("name")
@_options
@click.pass_obj
def set_(context: Context, /, name: str, **limits: Any) -> None:
    """Set the capacity of dataset NAME (agency/dataset); every worker keeps to it within moments."""

    async def work(connections: Connections) -> Capacity:
        made = _capacity(await _number_of(connections, name), name, **limits)
        await set_capacity(connections, made, actor=operator())
        return made

    emit(_row(run(context, work)))


@capacity.command()
@click.argument("name", required=False)
@click.pass_obj
def show(context: Context, name: str | None) -> None:
    """Show the capacities of all datasets, or that of NAME."""
    found = run(context, list_capacities)
    emit([_row(one) for one in found if one.dataset_id != PLATFORM and name in (None, one.name)], COLUMNS)


@capacity.command()
@click.argument("name")
@click.pass_obj
def drop(context: Context, name: str) -> None:
    """Let dataset NAME be asked for without a limit of its own."""

    async def work(connections: Connections) -> None:
        await drop_capacity(connections, await _number_of(connections, name), actor=operator())

    run(context, work)
    emit({"of": name, "state": "unlimited"})


@click.group(name="capacity")
def platform_capacity() -> None:
    """How much all callers together may ask of the whole platform."""


@platform_capacity.command(name="set")
@_options
@click.pass_obj
def platform_set(context: Context, /, **limits: Any) -> None:
    """Set the platform's capacity; every worker keeps to it within moments."""
    made = _capacity(PLATFORM, PLATFORM_NAME, **limits)
    run(context, lambda connections: set_capacity(connections, made, actor=operator()))
    emit(_row(made))


@platform_capacity.command(name="show")
@click.pass_obj
def platform_show(context: Context) -> None:
    """Show the platform's capacity, if it has one."""
    emit([_row(one) for one in run(context, list_capacities) if one.dataset_id == PLATFORM], COLUMNS)


@platform_capacity.command(name="drop")
@click.pass_obj
def platform_drop(context: Context) -> None:
    """Let the platform be asked without a limit of its own."""
    run(context, lambda connections: drop_capacity(connections, PLATFORM, actor=operator()))
    emit({"of": PLATFORM_NAME, "state": "unlimited"})


async def _number_of(connections: Connections, name: str) -> int:
    async with connections.use() as connection:
        registry = await load_registry(connection)
    agency, _, slug = name.partition("/")
    return registry.dataset(agency, slug).id


def _capacity(
    dataset_id: int, name: str, *, limit: int, unit: str, window: int, floor: int, reserve: int | None
) -> Capacity:
    """Without --reserve there is one for twenty floors, at most half of the limit."""
    kept = reserve if reserve is not None else min(20 * floor, limit // 2)
    return Capacity(dataset_id, name, limit, PolicyUnit(unit), window, floor, kept)


def _row(one: Capacity) -> dict[str, Any]:
    return {
        "of": one.name,
        "limit": one.limit,
        "unit": one.unit.value,
        "window": one.window_seconds,
        "floor": one.floor,
        "reserve": one.reserve,
    }
