"""The files of one release: read from its table, written into a folder of one's own, put away, and only then told.

A kill at any moment leaves no row, so nobody is ever offered half a file; what it leaves in the folder and the object
store is swept. Made again, the same release gives the same bytes.
"""

import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from publicgsb.datasets.exports import store
from publicgsb.datasets.exports.model import Whole
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.exports.writing import Source, Stage, Told, silent, write
from publicgsb.datasets.exports.written import Written
from publicgsb.datasets.file_access import file_levels
from publicgsb.datasets.files import file_columns
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.datasets.releases.session import private
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections

MAKER = "system:files"  # nobody: the release asked for it
NOTHING = Whole(0, "", "")  # of a release no column of which is in files
_FOLDER = "making"  # in the state folder


async def make_files(
    connections: Connections,
    objects: Objects,
    state_dir: Path,
    entry: DatasetEntry,
    release: ReleaseRef,
    *,
    told: Told = silent,
) -> bool:
    """False when another process makes them, they are made, or the release is not to be served any more.

    Raises Withheld for a release with a column that is withheld by now.

    Only for the jobs process and the command line's own: it takes a core for as long as the release is large.
    """
    file_levels(entry, release)  # what was withheld since is in no file that is made from now on
    async with making(connections) as connection:
        if not await store.try_export(connection, release.id) or await store.made_of(connection, [release.id]):
            return False
        with own_folder(state_dir) as folder:
            written: list[Written] = []
            csv = NOTHING
            if columns := file_columns(release):
                written, csv = await write(connection, Source(entry, release, columns), folder, told=told)
            told(Stage.PUTTING)
            for one in written:
                await objects.put(one.part.sha256, one.path)
            told(Stage.TELLING)
            return await _tell(connection, entry, release, written, csv)


async def _tell(
    connection: Connection, entry: DatasetEntry, release: ReleaseRef, written: list[Written], csv: Whole
) -> bool:
    parts = [one.part for one in written]
    async with connection.transaction():
        if not await store.is_still_published(connection, release.id):
            return False
        if not await store.set_made(connection, release.id, parts, csv):
            return False
        sizes = {part.name: {"bytes": part.bytes, "sha256": part.sha256} for part in parts}
        after = {"release": release.seq, "files": sizes}
        await record(connection, MAKER, "release.files", entry.name, before={"files": None}, after=after)
    return True


@asynccontextmanager
async def making(connections: Connections) -> AsyncIterator[Connection]:
    """A connection of one's own: no sweep runs until it ends, whatever ends it."""
    async with private(connections) as connection:
        await store.hold_making(connection)
        yield connection
        await store.let_go(connection)


@contextmanager
def own_folder(state_dir: Path) -> Iterator[Path]:
    """Nobody else's to read, and gone at the end of the block."""
    folder = making_folder(state_dir) / secrets.token_hex(8)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def making_folder(state_dir: Path) -> Path:
    """Where files are written before they are put away."""
    return state_dir / _FOLDER
