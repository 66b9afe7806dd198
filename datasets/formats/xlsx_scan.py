"""A workbook is looked through before it is opened: the reader that opens it makes one dense table of a sheet, so two
cells in far corners would fill the memory, and it takes the last result of a formula for a value.

It is shown an archive that was written here: parts that are known, of sizes that were counted, without entities.
"""

import re
import zipfile
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.bounds import CHUNK_BYTES, check_unpacked
from publicgsb.datasets.formats.containers import open_zip, readable_member
from publicgsb.datasets.ingest.model import MIB, ErrorCode, FileError, Limits, whole_file

_ALWAYS = frozenset(
    {
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/sharedStrings.xml",
    }
)
_WORKBOOK, _RELATIONS, _STRINGS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ROW = re.compile(r"[0-9]{1,7}")
_INDEX_BYTES_MAX = 4 * MIB
_TEXTS_MAX = 128 * MIB  # characters of all cells of one sheet: each cell gets a copy of its text


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet that somebody who opens the workbook sees."""

    name: str
    part: str


def is_workbook(names: Iterable[str]) -> bool:
    return {"[Content_Types].xml", _WORKBOOK} <= set(names)


def safe_copy(file: BinaryIO, target: Path, limits: Limits) -> tuple[Sheet, ...]:
    """Writes to `target` what the first sheet needs, and says which sheets there are.

    Raises FileError for anything that must not be opened.
    """
    size = file.seek(0, 2)
    with open_zip(file) as archive:
        members = {name: readable_member(archive.getinfo(name)) for name in archive.namelist() if name in _ALWAYS}
        sheets = _sheets(archive, limits)
        if not sheets or sheets[0].part not in archive.namelist():
            raise _broken()
        members[sheets[0].part] = readable_member(archive.getinfo(sheets[0].part))
        strings: array[int] = array("L")
        unpacked = 0
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as safe:
            # The texts before the sheet: what its cells weigh is known by them.
            for name in sorted(members, key=lambda name: (name == sheets[0].part, name)):
                part = _Part(strings, limits, is_sheet=name == sheets[0].part, is_strings=name == _STRINGS)
                with archive.open(members[name]) as source, safe.open(name, "w", force_zip64=True) as copy:
                    while chunk := source.read(CHUNK_BYTES):
                        unpacked += len(chunk)
                        check_unpacked(unpacked, size, limits)
                        if unpacked > limits.workbook_bytes_max:
                            raise _too_large()
                        part.feed(chunk)
                        copy.write(chunk)
                part.end()
    return sheets


def _sheets(archive: zipfile.ZipFile, limits: Limits) -> tuple[Sheet, ...]:
    """In the order of the workbook, the hidden ones left out."""
    targets: dict[str, str] = {}
    named: list[tuple[str, str]] = []

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet" and attributes.get("state", "visible") == "visible":
            by_id = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
            named.append((attributes.get("name", ""), by_id))

    for name, handler in ((_RELATIONS, relation), (_WORKBOOK, sheet)):
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = handler
        with archive.open(readable_member(archive.getinfo(name))) as source:
            text = source.read(_INDEX_BYTES_MAX + 1)
        if len(text) > _INDEX_BYTES_MAX:
            raise _too_large()
        try:
            parser.Parse(text, True)
        except expat.ExpatError:
            raise _broken() from None
    return tuple(Sheet(name, targets[by_id]) for name, by_id in named if by_id in targets)


class _Part:
    """One XML part as it goes by."""

    def __init__(self, strings: "array[int]", limits: Limits, *, is_sheet: bool, is_strings: bool) -> None:
        self._strings = strings
        self._limits = limits
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.buffer_text = True
        if is_sheet:
            self._parser.StartElementHandler = self._cell_starts
            self._parser.EndElementHandler = self._cell_ends
        elif is_strings:
            self._parser.StartElementHandler = self._string_starts
            self._parser.EndElementHandler = self._string_ends
        self._row = self._column = self._values = 0
        self._is_in_row = False
        self._corners = [10**9, 10**9, 0, 0]  # least and greatest row and column that hold something
        self._kind = ""
        self._value: list[str] | None = None
        self._length = 0
        self._texts = 0

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError:
            raise _broken() from None

    def end(self) -> None:
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            raise _broken() from None

    def _string_starts(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "si":
            self._length = 0
        elif tag == "t":
            self._parser.CharacterDataHandler = self._count

    def _string_ends(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "t":
            self._parser.CharacterDataHandler = None
        elif tag == "si":
            self._strings.append(self._length)
            if len(self._strings) > self._limits.workbook_cells_max:
                raise _too_large()

    def _count(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._limits.cell_characters_max:
            raise _long_text()

    def _cell_starts(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._column += 1
            row = self._row
            if (named := attributes.get("r")) is not None:
                self._column, row = _place(named)
            # The reader after us counts rows by their own numbers: a cell may not say another one.
            if not self._is_in_row or row != self._row:
                raise _broken()
            self._kind = attributes.get("t", "")
            self._length = 0
        elif tag == "v" or tag == "is":
            self._occupied()
            if tag == "v" and self._kind == "s":
                self._value = []
                self._parser.CharacterDataHandler = self._value.append
            elif self._kind in ("str", "inlineStr"):
                self._parser.CharacterDataHandler = self._count
        elif tag == "row":
            self._row_starts(attributes.get("r"))
        elif tag == "f":
            raise _formula(self._column, self._row)

    def _row_starts(self, named: str | None) -> None:
        """One after another, each below the last, or the sheet could be larger than what was counted of it."""
        if self._is_in_row or (named is not None and _ROW.fullmatch(named) is None):
            raise _broken()
        row = self._row + 1 if named is None else int(named)
        if row <= self._row:
            raise _broken()
        self._row, self._column, self._is_in_row = row, 0, True

    def _cell_ends(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            self._is_in_row = False
        if tag not in ("v", "is"):
            return
        self._parser.CharacterDataHandler = None
        if self._value is not None:
            index = "".join(self._value).strip()
            self._value = None
            known = index.isascii() and index.isdigit() and len(index) < 9 and int(index) < len(self._strings)
            self._length = self._strings[int(index)] if known else 0
        self._texts += self._length
        if self._texts > _TEXTS_MAX:
            raise _too_large()

    def _occupied(self) -> None:
        if self._kind == "e":
            raise _error_cell(self._column, self._row)
        self._values += 1
        if self._values > self._limits.workbook_cells_max:
            raise _too_large()
        corners = self._corners
        corners[:] = (
            min(corners[0], self._row), min(corners[1], self._column),
            max(corners[2], self._row), max(corners[3], self._column),
        )  # fmt: skip
        width, height = corners[3] - corners[1] + 1, corners[2]
        if width > self._limits.columns_max or width * height > self._limits.workbook_cells_max:
            raise _too_wide(width, height)


def _place(name: str) -> tuple[int, int]:
    found = _CELL.fullmatch(name)
    if found is None:
        raise _broken()
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return column, int(found[2])


def column_letters(column: int) -> str:
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _refuse_doctype(*_: object) -> None:
    raise whole_file(
        ErrorCode.SOURCE,
        Label("کارپوشه تعریف موجودیت XML دارد و باز نشد.", "The workbook declares XML entities and was not opened."),
        Label("آن را در صفحه‌گسترده باز و دوباره ذخیره کنید.", "Open it in a spreadsheet and save it again."),
    )


def _formula(column: int, row: int) -> FileError:
    at = f"{column_letters(column)}{row}"
    return whole_file(
        ErrorCode.SOURCE,
        Label(f"خانهٔ {at} فرمول دارد، نه مقدار.", f"Cell {at} holds a formula, not a value."),
        Label(
            "ستون را رونوشت و با «Paste values» جای‌گذاری کنید، یا CSV بفرستید.",
            "Copy the sheet and paste it as values, or send it as CSV.",
        ),
    )


def _error_cell(column: int, row: int) -> FileError:
    at = f"{column_letters(column)}{row}"
    return whole_file(
        ErrorCode.SOURCE,
        Label(f"خانهٔ {at} خطای صفحه‌گسترده است.", f"Cell {at} is an error of the spreadsheet."),
        Label("آن را درست یا خالی کنید.", "Correct it or empty it."),
    )


def _long_text() -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label("متن یک خانه بسیار بزرگ است.", "The text of a cell is far too large."),
        Label("آن را کوتاه کنید.", "Shorten it."),
    )


def _too_wide(width: int, height: int) -> FileError:
    return whole_file(
        ErrorCode.BYTE_COUNT,
        Label(
            f"برگه {height:,} ردیف در {width:,} ستون می‌گیرد که بیش از اندازه است.",
            f"The sheet spans {height:,} rows by {width:,} columns, which is too much.",
        ),
        Label("خانه‌های دورافتاده را پاک کنید، یا CSV بفرستید.", "Clear cells far from the table, or send it as CSV."),
    )


def _too_large() -> FileError:
    return whole_file(
        ErrorCode.BYTE_COUNT,
        Label("کارپوشه برای باز کردن بیش از اندازه بزرگ است.", "The workbook is too large to be opened."),
        Label("آن را CSV یا Parquet بفرستید.", "Send it as CSV or Parquet."),
    )


def _broken() -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label("ساختار کارپوشه شکسته است.", "The workbook's structure is broken."),
        Label("آن را در صفحه‌گسترده باز و دوباره ذخیره کنید.", "Open it in a spreadsheet and save it again."),
    )
