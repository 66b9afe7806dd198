"""`gsb dataset quality NAME`: how good a dataset is, in metadata and in data, and what would raise it."""

from typing import Any

import click

from publicgsb.datasets.exports.store import made_of
from publicgsb.datasets.quality import store
from publicgsb.datasets.quality.score import utc_today
from publicgsb.datasets.quality.service import as_json
from publicgsb.datasets.quality.service import quality as quality_of
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import run


@click.command()
@click.argument("name")
@click.pass_obj
def quality(context: Context, name: str) -> None:
    """Show the data score of NAME and its points of metadata, part by part."""
    agency, separator, slug = name.partition("/")
    if not (agency and separator and slug):
        raise InvalidRequest(f"{name} is not of the form agency/dataset.", hint="For example aviation/airports.")

    async def work(connections: Connections) -> dict[str, Any]:
        async with connections.use() as connection:
            entry = (await load_registry(connection)).dataset(agency, slug)
            current = entry.current
            made = (await made_of(connection, [current.id])).get(current.id) if current else None
            answered = (await store.answered(connection)).get(entry.id)
        return as_json(entry, quality_of(entry, context.settings.base_url, made, answered, utc_today()))

    told = run(context, work)
    emit(told if context.as_json else _short(told))


def _short(told: dict[str, Any]) -> dict[str, Any]:
    """What is full is told by its points alone."""
    data, mqa = told["data"], told["mqa"]
    missed = [metric for one in mqa["dimensions"] for metric in one["metrics"] if metric["raisedBy"]]
    parts = data["parts"] if data else []
    return {
        "dataset": told["dataset"],
        "release": told["release"],
        "dataScore": f"{data['score']} of {data['of']}" if data else None,
        "metadata": f"{mqa['points']} of {mqa['of']}, {mqa['rating']}",
        "parts": [
            {
                "part": part["name"],
                "points": f"{part['points']} of {part['weight']}",
                "counted": part["counted"]["en"],
                "raised by": part["raisedBy"]["en"] if part["raisedBy"] else None,
            }
            for part in parts
        ],
        "missed": [
            {"metric": metric["name"], "points": metric["of"], "raised by": metric["raisedBy"]["en"]}
            for metric in missed
        ],
    }
