"""`gsb dataset export`: some fields and rows of a release into a folder, at a terminal."""

import json
import shutil
from pathlib import Path
from typing import Any

import click

from publicgsb.datasets.exports.making import own_folder
from publicgsb.datasets.exports.model import FileFormat, Part
from publicgsb.datasets.exports.requested.service import Asked, source_of, touched_levels
from publicgsb.datasets.exports.writing import write
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.session import private
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.cli.files import entry_of, file_line, release_of
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import run

COLUMNS = ["file", "format", "rows", "bytes", "sha256"]


@click.command()
@click.argument("name")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--release", "seq", type=int, help="The number of a release; the current one without it.")
@click.option("--format", "form", type=click.Choice([one.value for one in FileFormat]), default="parquet")
@click.option("--field", "fields", multiple=True, help="A column of the files; all without it. Can be given again.")
@click.option("--where", default="{}", help='JSON, e.g. {"origin": {"eq": "JFK"}}, by declared filters.')
@click.pass_obj
def export(
    context: Context, name: str, folder: Path, seq: int | None, form: str, fields: tuple[str, ...], where: str
) -> None:
    """Write some fields and rows of NAME (agency/dataset) into FOLDER, as files that are not there yet."""
    asked = Asked(FileFormat(form), fields, _conditions(where))

    async def work(connections: Connections) -> list[Part]:
        async with connections.use() as connection:
            entry = entry_of(await load_registry(connection), name)
        release = release_of(entry, seq)
        touched_levels(entry, release, asked.fields, asked.where)
        source = source_of(entry, release, asked)
        async with private(connections) as connection:
            with own_folder(context.settings.state_dir) as scratch:
                written, _ = await write(connection, source, scratch, frozenset({asked.format}))
                if not written:
                    raise InvalidRequest("There are too many rows for a workbook.", reason="too_many_rows")
                for one in written:
                    _move(one.path, folder / one.part.name)
        return [one.part for one in written]

    emit([file_line(part) for part in run(context, work)], COLUMNS)


def _conditions(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise InvalidRequest("--where is not a JSON object.", hint='For example {"origin": {"eq": "JFK"}}.')
    return found


def _move(source: Path, target: Path) -> None:
    if target.exists():
        raise InvalidRequest(f"{target} is there already.", hint="Name a folder without it.", reason="exists")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)
