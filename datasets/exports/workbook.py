"""A release as a workbook for spreadsheets, as far as those can hold it without changing a value.

Codes are text cells, so no zero is lost; text that begins with = is text and no formula. Excel keeps 15 digits of a
number and knows no day before 1900-03-01 without an error of its own: columns that reach further are text as well.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.exports.extents import Extent
from publicgsb.datasets.exports.model import PART_BYTES_MAX, FileFormat, Part
from publicgsb.datasets.exports.written import Written, sha256_of
from publicgsb.datasets.files import FileColumn

ROWS_MAX = 100_000
COLUMNS_MAX = 16_384
CHARACTERS_MAX = 32_767  # of one cell
DIGITS_MAX = 15
FIRST_DAY = date(1900, 3, 1)

Write: TypeAlias = Callable[[Worksheet, int, int, str], object]


class _Exact(float):
    """Written with the digits that it takes to be read as itself: xlsxwriter writes 16, and a double may need 17."""

    def __format__(self, _: str) -> str:
        return repr(float(self)).removesuffix(".0")


def fits(rows: int, columns: Sequence[FileColumn], extents: Mapping[str, Extent]) -> bool:
    longest = max((extents[one.name].characters for one in columns if one.name in extents), default=0)
    return rows <= ROWS_MAX and len(columns) <= COLUMNS_MAX and longest <= CHARACTERS_MAX


def write_workbook(
    sources: Sequence[Path],
    columns: Sequence[FileColumn],
    extents: Mapping[str, Extent],
    about: Mapping[str, str],
    made_at: datetime,
    path: Path,
) -> Written | None:
    """From the parts of CSV; None when it came out larger than a part may be. Runs in a thread.

    `made_at` stands in the file, so that the same release always gives the same bytes.
    """
    path.touch(mode=0o600)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"title": about.get("title", ""), "created": made_at.astimezone(UTC).replace(tzinfo=None)})
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("data")
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.name, bold)
    writes = [_write(column, extents.get(column.name), day) for column in columns]
    rows = 0
    for rows, record in enumerate(_records(sources, len(columns)), start=1):
        for at, text in enumerate(record):
            if text:
                writes[at](sheet, rows, at, text)
    _tell(book.add_worksheet("about"), about)
    book.close()
    size = path.stat().st_size
    if size > PART_BYTES_MAX:
        return None
    return Written(Part(FileFormat.XLSX, 1, rows, size, sha256_of(path)), path)


def _records(sources: Sequence[Path], width: int) -> Iterator[list[str]]:
    for source in sources:
        with source.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            next(reader)
            for record in reader:
                yield record or [""] * width  # a single column's null is an empty line


def _write(column: FileColumn, extent: Extent | None, day: Format) -> Write:
    kind = column.type
    digits = extent.whole_digits + extent.scale if extent else 0
    if kind in {FieldType.INTEGER, FieldType.YEAR, FieldType.NUMBER}:
        return _number
    if kind in {FieldType.BIGINT, FieldType.DECIMAL} and digits <= DIGITS_MAX:
        return _number
    if kind is FieldType.BOOLEAN:
        return _boolean
    if kind is FieldType.DATE and extent and (extent.first_day is None or extent.first_day >= FIRST_DAY):
        return lambda sheet, row, at, text: sheet.write_datetime(row, at, datetime.fromisoformat(text), day)
    return _text


def _number(sheet: Worksheet, row: int, at: int, text: str) -> object:
    return sheet.write_number(row, at, _Exact(text))


def _boolean(sheet: Worksheet, row: int, at: int, text: str) -> object:
    return sheet.write_boolean(row, at, text == "true")


def _text(sheet: Worksheet, row: int, at: int, text: str) -> object:
    return sheet.write_string(row, at, text)


def _tell(sheet: Worksheet, about: Mapping[str, str]) -> None:
    for row, (name, text) in enumerate(about.items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)
