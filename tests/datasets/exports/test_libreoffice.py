"""A workbook in LibreOffice holds what the CSV holds: zeros of codes, all digits, texts that look like formulas."""

import csv
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from tests.datasets.exports.conftest import NAME, ROWS, Declare, Document, Entry, Make, Release, content
from tests.debian import program

from publicgsb.datasets.exports.content import named, whole_csv
from publicgsb.datasets.exports.objects import Objects

pytestmark = pytest.mark.prove

# Separator, quote, UTF-8, from line 1, every cell of its own kind, quoted texts, cells as they are stored; all sheets.
_AS_STORED = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,-1"
SECONDS = 120


def sheets_of(workbook: Path, folder: Path) -> dict[str, list[list[str]]]:
    """Each sheet as LibreOffice reads it, with a profile of its own."""
    office = program("soffice", "libreoffice-calc-nogui")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", _AS_STORED, "--outdir", str(folder), str(workbook)],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    found = {}
    for path in folder.glob(f"{workbook.stem}-*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            found[path.stem.removeprefix(f"{workbook.stem}-")] = list(csv.reader(file))
    return found


def as_values(row: list[str], names: list[str]) -> list[object]:
    """Numbers and truths are spelt otherwise there (10.5, 1E+300, TRUE); everything else to the character."""
    found: list[object] = []
    for name, cell in zip(names, row, strict=True):
        if name in {"float", "exact"} and cell:
            found.append(Decimal(cell))
        else:
            found.append(cell.lower() if name == "truth" else cell)
    return found


async def test_libreoffice_reads_the_workbook_as_the_csv_has_it(
    declare: Declare, every_type: Document, release: Release, make: Make, objects: Objects, entry: Entry, tmp_path: Path
) -> None:
    await declare(every_type)
    await release(NAME, ROWS)
    made = await make()
    book, whole = named(made, "data.xlsx"), whole_csv(made, has_bom=False)
    assert book is not None and whole is not None
    path = tmp_path / "countries.xlsx"
    path.write_bytes(await content(objects, book.sha256, book.size))
    expected = list(csv.reader((await content(objects, whole.sha256, whole.size)).decode().splitlines(keepends=True)))
    found = sheets_of(path, tmp_path)
    assert set(found) == {"data", "about"}
    names = expected[0]
    assert found["data"][0] == names
    assert [as_values(row, names) for row in found["data"][1:]] == [as_values(row, names) for row in expected[1:]]
    assert [row[:2] for row in found["data"][2:]] == [["007", 'a "b",\nc'], ["008", "=1+1"]]
    assert ["licence", "CC0 1.0 Universal"] in found["about"]
