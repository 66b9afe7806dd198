"""The files of a release hold what the release holds, in the types of its contract."""

import asyncio
import csv
import errno
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import openpyxl
import pyarrow.parquet as pq
import pytest
from tests.datasets.exports.conftest import (
    NAME,
    ROWS,
    TYPES,
    Declare,
    Document,
    Documents,
    Entry,
    Make,
    Release,
    content,
)
from tests.datasets.overridden import let_through

from publicgsb.datasets.exports import making
from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.making import make_files, making_folder
from publicgsb.datasets.exports.model import FileFormat, Made
from publicgsb.datasets.exports.objects import FOLDER, Objects
from publicgsb.datasets.exports.writing import Source, write
from publicgsb.datasets.files import Downloads
from publicgsb.platform.kernel.database import Connection, Connections


async def _bytes(objects: Objects, made: Made, format_: FileFormat) -> io.BytesIO:
    (part,) = made.of(format_)
    return io.BytesIO(await content(objects, part.sha256, part.bytes))


async def test_parquet_has_the_types_of_the_contract_and_the_order_of_the_key(
    declare: Declare, every_type: Document, release: Release, make: Make, objects: Objects
) -> None:
    await declare(every_type)
    await release(NAME, ROWS)
    table = pq.read_table(await _bytes(objects, await make(), FileFormat.PARQUET))
    types = dict(zip(table.schema.names, map(str, table.schema.types), strict=True))
    assert types == {
        "code": "string", "name": "string", "whole": "int32", "big": "int64", "float": "double",
        "exact": "decimal128(5, 3)", "truth": "bool", "day": "date32[day]", "moment": "timestamp[us, tz=UTC]",
        "year": "int32",
    }  # fmt: skip
    rows = table.to_pylist()
    assert [row["code"] for row in rows] == ["007", "008", "خط"]
    assert list(rows[0].values()) == [
        "007", 'a "b",\nc', -1, 9007199254740993, 0.1, Decimal("10.500"), True, date(1900, 2, 1),
        datetime(2013, 1, 1, 5, tzinfo=UTC), 1405,
    ]  # fmt: skip
    assert set(list(rows[2].values())[1:]) == {None}


async def test_a_group_of_parquet_says_what_it_holds_so_that_readers_can_skip_it(
    declare: Declare, every_type: Document, release: Release, make: Make, objects: Objects
) -> None:
    await declare(every_type)
    await release(NAME, ROWS)
    group = pq.read_metadata(await _bytes(objects, await make(), FileFormat.PARQUET)).row_group(0)
    assert [one.column_index for one in group.sorting_columns] == [0]
    code = group.column(0)
    assert (code.statistics.min, code.statistics.max, code.compression) == ("007", "خط", "ZSTD")


async def test_csv_is_the_very_file_that_was_streamed_before_it_was_made(
    connections: Connections,
    declare: Declare,
    every_type: Document,
    release: Release,
    make: Make,
    objects: Objects,
    entry: Entry,
) -> None:
    await declare(every_type)
    await release(NAME, ROWS)
    current = (await entry()).current
    assert current is not None
    streamed = b"".join([c async for c in Downloads(connections).chunks(current, has_bom=False)])
    made = (await _bytes(objects, await make(), FileFormat.CSV)).read()
    assert made == streamed
    assert made.count(b"\r\n") == len(ROWS)
    assert list(csv.reader(io.StringIO(made.decode(), newline="")))[2][:2] == ["007", 'a "b",\nc']


async def test_a_workbook_keeps_codes_and_long_numbers_as_text_and_runs_nothing(
    declare: Declare, every_type: Document, release: Release, make: Make, objects: Objects
) -> None:
    await declare(every_type)
    await release(NAME, ROWS)
    sheet = openpyxl.load_workbook(await _bytes(objects, await make(), FileFormat.XLSX))["data"]
    rows = list(sheet.iter_rows(values_only=True))
    assert list(rows[0]) == ROWS[0]
    assert list(rows[2]) == [
        "007", 'a "b",\nc', -1, "9007199254740993", 0.1, 10.5, True, "1900-02-01", "2013-01-01T05:00:00+00:00", 1405,
    ]  # fmt: skip
    assert (sheet["B4"].value, sheet["B4"].data_type) == ("=1+1", "s")


async def test_a_workbook_keeps_every_digit_of_a_double(
    declare: Declare, every_type: Document, release: Release, make: Make, objects: Objects
) -> None:
    numbers = ["10.357019999999999", "0.30000000000000004", "5e-324", "1.7976931348623157e308", "-39", "1e22", "1e16"]
    await declare(every_type)
    rows = [[f"{at:03}", "x", *("" for _ in TYPES)] for at in range(len(numbers))]
    for row, number in zip(rows, numbers, strict=True):
        row[ROWS[0].index("float")] = number
    await release(NAME, [ROWS[0], *rows])
    sheet = openpyxl.load_workbook(await _bytes(objects, await make(), FileFormat.XLSX))["data"]
    found = [row[ROWS[0].index("float")] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert found == [float(number) for number in numbers]


async def test_made_again_a_release_gives_the_same_bytes(
    connections: Connections, declare: Declare, every_type: Document, release: Release, make: Make
) -> None:
    await declare(every_type)
    await release(NAME, ROWS)
    first = await make()
    async with connections.use() as connection:
        await connection.execute("delete from gsb.export")
    assert (await make()).parts == first.parts


async def test_files_are_made_once_and_by_one(
    connections: Connections,
    declare: Declare,
    country: Documents,
    release: Release,
    objects: Objects,
    state_dir: Path,
    entry: Entry,
) -> None:
    await declare(country())
    await release(NAME, [["code", "name"], ["IR", "Iran"]])
    found = await entry()
    assert found.current is not None
    makers = [make_files(connections, objects, state_dir, found, found.current) for _ in range(3)]
    assert sorted(await asyncio.gather(*makers)) == [False, False, True]
    assert await make_due(connections, objects, state_dir) == 0
    assert list(making_folder(state_dir).iterdir()) == []


async def test_what_is_above_the_level_of_the_file_is_in_none(
    declare: Declare, country: Documents, release: Release, make: Make, objects: Objects
) -> None:
    document = country()
    document["fields"][1] |= {"access": "restricted", "legalGround": "IR-FOI-14"}
    await declare(document)
    await release(NAME, [["code", "name"], ["IR", "Iran"]])
    made = await make()
    assert pq.read_table(await _bytes(objects, made, FileFormat.PARQUET)).schema.names == ["code"]
    for part in made.parts:
        assert b"Iran" not in await content(objects, part.sha256, part.bytes)


async def test_a_release_none_of_whose_columns_is_in_files_has_none_and_is_not_tried_again(
    connections: Connections,
    declare: Declare,
    country: Documents,
    release: Release,
    make: Make,
    objects: Objects,
    state_dir: Path,
) -> None:
    document = country()
    for field in document["fields"]:
        field |= {"access": "restricted", "legalGround": "IR-FOI-14"}
    await declare(document)
    await release(NAME, [["code", "name"], ["IR", "Iran"]])
    assert (await make()).parts == ()
    assert await make_due(connections, objects, state_dir) == 0


async def test_a_release_that_cannot_be_made_waits_and_stops_no_other(
    connections: Connections, declare: Declare, country: Documents, airport: Documents, release: Release,
    objects: Objects, state_dir: Path, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    await declare(country())
    await release(NAME, [["code", "name"], ["IR", "Iran"]])
    await declare(airport(links=None))
    await release("aviation/airports", [["icao", "name", "country", "elevation"], ["OIIE", "x", "IR", "1"]])
    async with connections.use() as connection:
        await connection.execute("drop table released.aviation__airports__r1")
    assert await make_due(connections, objects, state_dir) == 1
    async with connections.use() as connection:
        failed = await connection.fetchrow(
            "select attempts, error, try_at > now() as waits from gsb.export where made_at is null"
        )
    assert failed is not None
    assert tuple(failed) == (1, "UndefinedTableError", True)
    assert "UndefinedTableError" in caplog.text and "does not exist" not in caplog.text  # words may quote a cell


@pytest.mark.parametrize("full", [OSError(errno.ENOSPC, "full"), asyncpg.DiskFullError("full")])
async def test_a_disk_that_is_full_for_one_release_stops_no_other(
    connections: Connections, declare: Declare, country: Documents, airport: Documents, release: Release,
    objects: Objects, state_dir: Path, monkeypatch: pytest.MonkeyPatch, full: Exception,
) -> None:  # fmt: skip
    await declare(country())
    await release(NAME, [["code", "name"], ["IR", "Iran"]])
    await declare(airport(links=None))
    await release("aviation/airports", [["icao", "name", "country", "elevation"], ["OIIE", "x", "IR", "1"]])

    async def write_small(connection: Connection, source: Source, *rest: Any, **more: Any) -> Any:
        if source.entry.slug == "airports":
            raise full
        return await write(connection, source, *rest, **more)

    monkeypatch.setattr(making, "write", write_small)
    assert await make_due(connections, objects, state_dir) == 1
    async with connections.use() as connection:
        failed = await connection.fetchrow("select error, try_at > now() from gsb.export where made_at is null")
    assert failed is not None and tuple(failed) == ("disk_full", True)


async def test_cells_have_their_files_too(
    declare: Declare, country: Documents, release: Release, make: Make, objects: Objects
) -> None:
    document = country(
        primaryKey=None,
        orderings=None,
        aggregates={"dimensions": ["name"], "measures": ["cost"], "only": True, "minCell": 2},
    )
    document["fields"] = [
        {"name": "name", "type": "string", "label": {"fa": "ن", "en": "N"}},
        {"name": "cost", "type": "number", "format": "decimal", "label": {"fa": "ه", "en": "C"}},
    ]
    await declare(document)
    await release(NAME, [["name", "cost"], ["x", "1.5"], ["x", "2"], ["y", "9"]])
    rows = pq.read_table(await _bytes(objects, await make(), FileFormat.PARQUET)).to_pylist()
    assert rows == [{"name": "x", "count": 2, "cost_sum": Decimal("3.5"), "cost_count": 2}]


async def test_a_store_that_takes_nothing_lets_the_release_wait_and_be_streamed(
    connections: Connections, declare: Declare, country: Documents, release: Release, objects: Objects, state_dir: Path
) -> None:
    await declare(country())
    await release(NAME, [["code", "name"], ["IR", "Iran"]])
    (state_dir / FOLDER / "sha256").write_text("in the way")
    assert await make_due(connections, objects, state_dir) == 0
    async with connections.use() as connection:
        assert await connection.fetchval("select error from gsb.export where made_at is null") == "UNAVAILABLE"
        await connection.execute("update gsb.export set try_at = now()")
    assert list(making_folder(state_dir).iterdir()) == []
    (state_dir / FOLDER / "sha256").unlink()
    assert await make_due(connections, objects, state_dir) == 1


async def test_a_column_that_was_withheld_since_is_in_no_file_that_is_made_later(
    connections: Connections, declare: Declare, country: Documents, release: Release, objects: Objects, state_dir: Path
) -> None:
    await declare(country())
    await release(NAME, [["code", "name"], ["IR", "Iran"]])
    document = country(version="2.0.0", orderings=None)
    document["fields"][1] = {
        "name": "name", "type": "string", "label": {"fa": "ن", "en": "N"},
        "access": "withheld", "legalGround": "IR-FOI-14",
    }  # fmt: skip
    await declare(document)
    await let_through(connections, NAME)
    await release(NAME, [["code"], ["IR"]])
    assert await make_due(connections, objects, state_dir) == 1
    async with connections.use() as connection:
        errors = await connection.fetch("select error from gsb.export where made_at is null")
    assert [row["error"] for row in errors] == ["WITHHELD"]
