"""`gsb dataset files`: which files a release has, and making them here and now where no jobs process runs."""

from typing import Any

import click

from publicgsb.datasets.exports import store
from publicgsb.datasets.exports.making import make_files
from publicgsb.datasets.exports.model import Made, Part
from publicgsb.datasets.registry import DatasetEntry, Registry, ReleaseRef
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.server.cli.frame import Context, emit, note
from publicgsb.platform.server.cli.using import run
from publicgsb.platform.server.exports import objects_of

COLUMNS = ["file", "format", "rows", "bytes", "sha256"]


@click.command()
@click.argument("name")
@click.option("--release", "seq", type=int, help="The number of a release; the current one without it.")
@click.option("--make", "is_made_here", is_flag=True, help="Make them now, if they are not made; as `gsb jobs` does.")
@click.pass_obj
def files(context: Context, name: str, seq: int | None, is_made_here: bool) -> None:
    """List the files of the release of NAME (agency/dataset) that is current, or of another."""

    async def work(connections: Connections) -> tuple[ReleaseRef, Made | None]:
        async with connections.use() as connection:
            entry = entry_of(await load_registry(connection), name)
        release = release_of(entry, seq)
        if is_made_here:
            await make_files(connections, objects_of(context.settings), context.settings.state_dir, entry, release)
        async with connections.use() as connection:
            return release, (await store.made_of(connection, [release.id])).get(release.id)

    release, made = run(context, work)
    if made is None:
        note(f"The files of release {release.seq} are not made yet: `gsb jobs` makes them, and so does --make.")
    emit([file_line(part) for part in made.parts] if made else [], COLUMNS)


def file_line(part: Part) -> dict[str, Any]:
    """One file, for a table."""
    return {
        "file": part.name,
        "format": part.format.value,
        "rows": part.rows,
        "bytes": part.bytes,
        "sha256": part.sha256,
    }


def entry_of(registry: Registry, name: str) -> DatasetEntry:
    """The dataset that is written agency/dataset; InvalidRequest and NotFound say what is wrong."""
    agency, separator, slug = name.partition("/")
    if not (agency and separator and slug):
        raise InvalidRequest(f"{name} is not of the form agency/dataset.", hint="For example aviation/airports.")
    return registry.dataset(agency, slug)


def release_of(entry: DatasetEntry, seq: int | None) -> ReleaseRef:
    """By its number, or the current one."""
    if seq is not None:
        return entry.release(seq)
    if entry.current is None:
        raise NotFound(f"{entry.name} has no release yet.")
    return entry.current
