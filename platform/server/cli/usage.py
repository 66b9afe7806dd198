"""`gsb usage [check | dataset | close]`: what was asked, by whom and of what, and whether the sums are right."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.cli.frame import EXIT_CONFLICT, Context, emit, note
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.quotas.facts import usage as usage_by_application
from publicgsb.quotas.facts import usage_of_datasets
from publicgsb.quotas.metering.check import check, close_incident, incidents
from publicgsb.quotas.metering.http import use_to_json
from publicgsb.quotas.metering.usage import last_days, usage_of_dataset


@click.group(invoke_without_command=True)
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far back.")
@click.option("--datasets", is_flag=True, help="By application and dataset.")
@click.option("--application", type=int, help="Only this one.")
@click.pass_context
def usage(ctx: click.Context, days: int, datasets: bool, application: int | None) -> None:
    """Requests, points and bytes, the heaviest first."""
    if ctx.invoked_subcommand is None:
        _list(ctx.ensure_object(Context), days, datasets, application)


def _list(context: Context, days: int, datasets: bool, application: int | None) -> None:
    since = datetime.now(UTC) - timedelta(days=days)

    async def work(connections: Connections) -> list[dict[str, Any]]:
        async with connections.use() as connection:
            registry = await load_registry(connection)
            names = {entry.id: entry.name for entry in registry.datasets.values()}
            ask = usage_of_datasets if datasets else usage_by_application
            rows = await ask(connection, since, application_id=application)
        return [
            {
                "application": row.application_id,
                **({"dataset": names.get(row.dataset_id, "?")} if datasets else {}),
                "requests": row.requests,
                "points": row.points,
                "bytes": row.bytes,
                "errors": row.errors,
            }
            for row in rows
        ]

    found = run(context, work)
    columns = ["application", *(["dataset"] if datasets else []), "requests", "points", "bytes", "errors"]
    emit(found, columns)


@usage.command(name="check")
@click.pass_obj
def check_(context: Context) -> None:
    """Hold facts against leases, leases against what is allotted, and that against the limits, now.

    Also lists what the check of every minute has found and nobody has closed. Exit code 5 if there is any.
    """

    async def work(connections: Connections) -> list[dict[str, Any]]:
        now = [
            {"incident": None, "kind": one.kind, "subject": one.subject, "details": dict(one.details), "since": None}
            for one in await check(connections)
        ]
        known = [
            {
                "incident": one.id,
                "kind": one.kind,
                "subject": one.subject,
                "details": dict(one.details),
                "since": one.first_seen.isoformat(timespec="seconds"),
            }
            for one in await incidents(connections)
        ]
        return now + known

    found = run(context, work)
    if context.as_json or found:
        emit(found, ["incident", "kind", "subject", "details", "since"])
    if found:
        raise click.exceptions.Exit(EXIT_CONFLICT)
    note("Facts, leases and limits agree.")


@usage.command()
@click.argument("incident", type=int)
@click.option("--reason", required=True, help="What it was; kept in the audit.")
@click.pass_obj
def close(context: Context, incident: int, reason: str) -> None:
    """Close INCIDENT (its number), after somebody has looked into it."""
    run(context, lambda connections: close_incident(connections, incident, reason, actor=operator()))
    emit({"incident": incident, "state": "closed"})


@usage.command(name="dataset")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 400), default=30, show_default=True, help="How far back.")
@click.pass_obj
def dataset_(context: Context, name: str, days: int) -> None:
    """Requests, points and errors of dataset NAME (agency/dataset) by day, and requests by field."""
    since, until = last_days(days)

    async def work(connections: Connections) -> dict[str, Any]:
        async with connections.use() as connection:
            registry = await load_registry(connection)
        agency, _, slug = name.partition("/")
        entry = registry.dataset(agency, slug)
        return use_to_json(await usage_of_dataset(connections, entry.id, since, until))

    found = run(context, work)
    if context.as_json:
        emit({"dataset": name, **found})
        return
    emit(found["days"], ["day", "organisations", "requests", "points", "bytes", "errors"])
    emit(found["fields"], ["major", "field", "organisations", "requests"])
