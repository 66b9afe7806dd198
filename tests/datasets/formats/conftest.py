"""One small table in the bytes of every format, and hostile workbooks made by hand."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow
import xlsxwriter
from pyarrow import parquet
from tests.datasets.ingest.conftest import read

__all__ = ["read"]  # a fixture

WORKBOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="xl/workbook.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="one" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="worksheets/sheet1.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet"/></Relationships>',
}


def sheet_of(cells: str, before: str = "") -> dict[str, str]:
    """The parts of a workbook whose one sheet has these cells in its first row."""
    sheet = (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetData><row r="1">{cells}</row></sheetData></worksheet>'
    )
    return {**WORKBOOK, "xl/worksheets/sheet1.xml": sheet}


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def xlsx_of(rows: Iterable[Iterable[Any]], **sheets: str) -> bytes:
    """The rows in the first sheet; a sheet named in `sheets` is put "before" it (hidden) or "after" it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for name in (name for name, where in sheets.items() if where == "before"):
            hidden = book.add_worksheet(name)
            hidden.hide()
        sheet = book.add_worksheet("rows")
        sheet.activate()
        sheet.set_first_sheet()
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(at, column, value)
                elif value is not None:
                    sheet.write(at, column, value)
        for name in (name for name, where in sheets.items() if where == "after"):
            book.add_worksheet(name).write_string(0, 0, "other")
    return out.getvalue()


def parquet_of(rows: Iterable[Iterable[Any]], **options: Any) -> bytes:
    labels, *body = rows
    columns = list(zip(*body, strict=True))
    table = pyarrow.table({label: list(column) for label, column in zip(labels, columns, strict=True)})
    out = io.BytesIO()
    parquet.write_table(table, out, **options)
    return out.getvalue()
