"""A workbook in LibreOffice holds what the CSV holds: zeros of codes, all digits, texts that look like formulas."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from tests.datasets.exports.conftest import NAME, ROWS, Declare, Document, Entry, Make, Release, content
from tests.office import sheets_of

from publicgsb.datasets.exports.content import named, whole_csv
from publicgsb.datasets.exports.objects import Objects

pytestmark = pytest.mark.prove


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
