"""Rows of a release into files of a folder, in the formats that are asked for: one COPY for CSV, one for Parquet."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from publicgsb.datasets.contracts.model import ROW_COLUMN
from publicgsb.datasets.exports import workbook
from publicgsb.datasets.exports.csv_parts import CsvParts
from publicgsb.datasets.exports.extents import extents
from publicgsb.datasets.exports.model import FileFormat, Whole
from publicgsb.datasets.exports.written import Written
from publicgsb.datasets.files import FileColumn, csv_query
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.platform.kernel.database import Connection


class Stage(StrEnum):
    """Where the making of files stands, in order."""

    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"
    PUTTING = "putting"
    TELLING = "telling"


Told: TypeAlias = Callable[[Stage], None]


def silent(_: Stage) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Source:
    """Some columns of a release, at least one, and of its rows those that `where` leaves: SQL with its arguments."""

    entry: DatasetEntry
    release: ReleaseRef
    columns: tuple[FileColumn, ...]
    where: str = ""
    arguments: tuple[Any, ...] = ()

    def query(self, order_by: tuple[str, ...]) -> str:
        return csv_query(self.release, order_by or (ROW_COLUMN,), self.columns, self.where)


async def write(
    connection: Connection,
    source: Source,
    folder: Path,
    formats: frozenset[FileFormat] = frozenset(FileFormat),
    *,
    told: Told = silent,
) -> tuple[list[Written], Whole]:
    """The parts of every format that can hold the rows, in `folder`; `connection` is a private one.

    A workbook cannot hold every release: then there is none.
    """
    release, columns, about = source.release, source.columns, about_release(source.entry, source.release)
    # The table takes as long to read as it is large, and is sorted; the connection is private, so this stays in it.
    await connection.execute("set statement_timeout = 0; set work_mem = '128MB'")
    reach = await extents(connection, release, columns)
    written: list[Written] = []
    told(Stage.CSV)
    csv_parts, csv = await _csv(connection, source, folder)
    if FileFormat.PARQUET in formats:
        # 60 MB of memory, which no process that only asks for files or serves them needs.
        from publicgsb.datasets.exports.parquet import arrow_schema, write_parquet  # noqa: PLC0415

        told(Stage.PARQUET)
        sorted_by = sorting_of(release, columns)
        file = folder / "sorted.csv"
        file.touch(mode=0o600)
        query = source.query(sorted_by)
        await connection.copy_from_query(query, *source.arguments, output=file, format="csv", header=True)
        schema = arrow_schema(columns, reach, about)
        written += await asyncio.to_thread(write_parquet, file, schema, sorted_by, folder)
        file.unlink()
    if FileFormat.CSV in formats:
        written += csv_parts
    rows = sum(one.part.rows for one in csv_parts)
    if FileFormat.XLSX in formats and workbook.fits(rows, columns, reach):
        told(Stage.XLSX)
        sources = [one.path for one in csv_parts]
        path, made_at = folder / "data.xlsx", release.published_at
        book = await asyncio.to_thread(workbook.write_workbook, sources, columns, reach, about, made_at, path)
        written += [book] if book else []
    return written, csv


async def _csv(connection: Connection, source: Source, folder: Path) -> tuple[list[Written], Whole]:
    parts = CsvParts(folder)

    async def add(piece: bytes) -> None:
        parts.add(piece)

    query = source.query((ROW_COLUMN,))
    await connection.copy_from_query(query, *source.arguments, output=add, format="csv", header=True)
    return parts.close()


def sorting_of(release: ReleaseRef, columns: tuple[FileColumn, ...]) -> tuple[str, ...]:
    """The key, by which records are looked up, else what the first ordering says; only by what is in the files.

    By a column that is not in them, order alone would tell of it.
    """
    contract, held = release.contract, {column.name for column in columns}
    if contract.is_aggregate_only:
        return ()
    declared = [contract.primary_key, *(order.fields for order in contract.orderings)]
    return next((fields for fields in declared if fields and held.issuperset(fields)), ())


def about_release(entry: DatasetEntry, release: ReleaseRef) -> dict[str, str]:
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
