"""The files of one release: read from its table, written into a folder of one's own, put away, and only then told.

A kill at any moment leaves no row, so nobody is ever offered half a file; what it leaves in the folder and the object
store is swept. Made again, the same release gives the same bytes.
"""

import asyncio
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from publicgsb.datasets.contracts.model import ROW_COLUMN
from publicgsb.datasets.exports import store, workbook
from publicgsb.datasets.exports.csv_parts import CsvParts
from publicgsb.datasets.exports.extents import extents
from publicgsb.datasets.exports.model import Whole
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.exports.parquet import arrow_schema, write_parquet
from publicgsb.datasets.exports.written import Written
from publicgsb.datasets.file_access import file_levels
from publicgsb.datasets.files import csv_query, file_columns
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.datasets.releases.session import private
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections

MAKER = "system:files"  # nobody: the release asked for it
NOTHING = Whole(0, "", "")  # of a release no column of which is in files
_FOLDER = "making"  # in the state folder


class Stage(StrEnum):
    """Where the making stands, in order."""

    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"
    PUTTING = "putting"
    TELLING = "telling"


Told: TypeAlias = Callable[[Stage], None]


def _silent(_: Stage) -> None:
    pass


async def make_files(
    connections: Connections,
    objects: Objects,
    state_dir: Path,
    entry: DatasetEntry,
    release: ReleaseRef,
    *,
    told: Told = _silent,
) -> bool:
    """False when another process makes them, they are made, or the release is not to be served any more.

    Raises Withheld for a release with a column that is withheld by now.

    Only for the jobs process and the command line's own: it takes a core for as long as the release is large.
    """
    file_levels(entry, release)  # what was withheld since is in no file that is made from now on
    async with private(connections) as connection:
        await store.hold_making(connection)
        if not await store.try_export(connection, release.id) or await store.made_of(connection, [release.id]):
            return False
        with _own_folder(state_dir) as folder:
            written, csv = await _write(connection, entry, release, folder, told)
            told(Stage.PUTTING)
            for one in written:
                await objects.put(one.part.sha256, one.path)
            told(Stage.TELLING)
            return await _tell(connection, entry, release, written, csv)


async def _write(
    connection: Connection, entry: DatasetEntry, release: ReleaseRef, folder: Path, told: Told
) -> tuple[list[Written], Whole]:
    columns, about = file_columns(release), _about(entry, release)
    if not columns:
        return [], NOTHING
    # The table takes as long to read as it is large; the connection is private, so this stays in it.
    await connection.execute("set statement_timeout = 0")
    reach = await extents(connection, release, columns)
    told(Stage.CSV)
    parts = CsvParts(folder)

    async def add(piece: bytes) -> None:
        parts.add(piece)

    await connection.copy_from_query(csv_query(release), output=add, format="csv", header=True)
    csv_parts, csv = parts.close()
    told(Stage.PARQUET)
    sorted_by = _sorted_by(release)
    source = folder / "sorted.csv"
    source.touch(mode=0o600)
    query = csv_query(release, sorted_by or (ROW_COLUMN,))
    await connection.copy_from_query(query, output=source, format="csv", header=True)
    schema = arrow_schema(columns, reach, about)
    parquet = await asyncio.to_thread(write_parquet, source, schema, sorted_by, folder)
    source.unlink()
    written = [*parquet, *csv_parts]
    if workbook.fits(release.rows, columns, reach):
        told(Stage.XLSX)
        sources = [one.path for one in csv_parts]
        path, made_at = folder / "data.xlsx", release.published_at
        book = await asyncio.to_thread(workbook.write_workbook, sources, columns, reach, about, made_at, path)
        written += [book] if book else []
    return written, csv


def _sorted_by(release: ReleaseRef) -> tuple[str, ...]:
    """The key, by which records are looked up, else what the first ordering says; only by what is in the files.

    By a column that is not in them, order alone would tell of it.
    """
    contract, held = release.contract, {column.name for column in file_columns(release)}
    if contract.is_aggregate_only:
        return ()
    declared = [contract.primary_key, *(order.fields for order in contract.orderings)]
    return next((fields for fields in declared if fields and held.issuperset(fields)), ())


def _about(entry: DatasetEntry, release: ReleaseRef) -> dict[str, str]:
    contract = release.contract
    told = {
        "dataset": entry.name,
        "title": contract.title.en,
        "title_fa": contract.title.fa,
        "release": str(release.seq),
        "published": release.published_at.date().isoformat(),
        "as_of": release.as_of.isoformat() if release.as_of else "",
        "contract": contract.version,
        "licence": contract.licence.title,
        "licence_url": contract.licence.url or "",
        "attribution": contract.attribution,
        "source": contract.source.name,
    }
    return {name: text for name, text in told.items() if text}


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


@contextmanager
def _own_folder(state_dir: Path) -> Iterator[Path]:
    folder = making_folder(state_dir) / secrets.token_hex(8)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def making_folder(state_dir: Path) -> Path:
    """Where files are written before they are put away."""
    return state_dir / _FOLDER
