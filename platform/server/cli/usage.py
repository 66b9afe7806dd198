"""`gsb usage`: what was asked, by application or by dataset."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import run
from publicgsb.quotas.facts import usage as usage_by_application
from publicgsb.quotas.facts import usage_of_datasets


@click.command()
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far back.")
@click.option("--datasets", is_flag=True, help="By application and dataset.")
@click.option("--application", type=int, help="Only this one.")
@click.pass_obj
def usage(context: Context, days: int, datasets: bool, application: int | None) -> None:
    """Requests, points and bytes, the heaviest first."""
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
