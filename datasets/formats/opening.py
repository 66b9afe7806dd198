"""A file of an agency as rows of text cells: its container, format, encoding and delimiter are found, never believed.

What a file calls itself (its name, its media type) says nothing here; its bytes do.
"""

import io
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.blocks import Blocks
from publicgsb.datasets.formats.bounds import CHUNK_BYTES, Bounded, Lines, Recoded, too_large
from publicgsb.datasets.formats.containers import (
    ZIPS,
    container_of,
    open_zip,
    packed_twice,
    translated,
    unpacked,
)
from publicgsb.datasets.formats.delimited import DelimitedRows
from publicgsb.datasets.formats.encodings import UTF_8, WINDOWS_1256, find_encoding
from publicgsb.datasets.formats.json_text import JsonRows
from publicgsb.datasets.formats.model import Container, Format, Found, RowSource
from publicgsb.datasets.formats.streams import Place
from publicgsb.datasets.formats.xlsx import XlsxRows
from publicgsb.datasets.formats.xlsx_scan import is_workbook
from publicgsb.datasets.ingest.model import ErrorCode, FileError, Limits, whole_file

_MAGIC_BYTES = 8
_PARQUET = b"PAR1"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # the container of .xls and .doc
_PDF = b"%PDF"
_HEAD_CHARACTERS = 4_096


@contextmanager
def open_rows(path: Path, limits: Limits, known: Collection[str], scratch: Path) -> Iterator[RowSource]:
    """The rows of the file. Whatever is wrong with it, here or while reading, is raised as FileError.

    `known` are labels that are expected: they help to find the delimiter. `scratch` is a path that may be written and
    removed again.
    """
    size = path.stat().st_size
    if size > limits.file_bytes_max:
        raise too_large(limits.file_bytes_max)
    if size == 0:
        raise _empty()
    with path.open("rb") as file, translated():
        container = _container(file)
        if container is None:
            magic = _magic(file, None)
        else:
            magic = _magic(file, container)
            if container_of(magic) in (Container.GZIP, Container.ZSTD):
                raise packed_twice()
        if magic[:4] == _PARQUET or magic[:4] in ZIPS:
            with _seekable(file, container, scratch, limits) as whole:
                yield _whole(whole, magic, container, scratch, size, limits)
        else:
            _refuse_foreign(magic)
            with _text(file, container, size, limits, known) as source:
                yield source


def _container(file: BinaryIO) -> Container | None:
    """A workbook is a zip, and is no container."""
    container = container_of(file.read(_MAGIC_BYTES))
    if container is Container.ZIP:
        with open_zip(file) as archive:
            if is_workbook(archive.namelist()):
                return None
    return container


def _magic(file: BinaryIO, container: Container | None) -> bytes:
    with unpacked(file, container) as inner:
        return inner.read(_MAGIC_BYTES)


@contextmanager
def _seekable(file: BinaryIO, container: Container | None, scratch: Path, limits: Limits) -> Iterator[BinaryIO]:
    """The content as a file of its own: these formats are read from their end."""
    if container is None:
        yield file
        return
    with scratch.open("w+b") as whole:
        scratch.unlink()
        with unpacked(file, container) as inner:
            bounded = Bounded(inner, file, limits)
            while chunk := bounded.read(CHUNK_BYTES):
                whole.write(chunk)
        whole.seek(0)
        yield whole


def _whole(
    file: BinaryIO, magic: bytes, container: Container | None, scratch: Path, size: int, limits: Limits
) -> RowSource:
    if magic[:4] == _PARQUET:
        from publicgsb.datasets.formats.parquet import ParquetRows  # noqa: PLC0415 - 70 MB for this format alone

        return ParquetRows(file, container, size, limits)
    if container is not None:
        with open_zip(file) as archive:
            if not is_workbook(archive.namelist()):
                raise packed_twice()
    return XlsxRows(file, container, scratch, size, limits)


@contextmanager
def _text(
    file: BinaryIO, container: Container | None, size: int, limits: Limits, known: Collection[str]
) -> Iterator[RowSource]:
    with unpacked(file, container) as inner:
        encoding = find_encoding(Bounded(inner, file, limits))
    with unpacked(file, container) as inner:
        format_ = _format_of(_characters(inner, encoding))
    with unpacked(file, container) as inner:
        bounded = Bounded(inner, file, limits)
        recoded = bounded if encoding == UTF_8 else Recoded(bounded, encoding)
        raw = recoded if format_ is Format.JSON else Lines(recoded)
        notes = (_OLD_LETTERS,) if encoding == WINDOWS_1256 else ()
        found = Found(format_, encoding, container=container, notes=notes)
        place = Place(size, file, bounded)
        with io.BufferedReader(raw, CHUNK_BYTES) as buffered:
            if format_ is Format.CSV:
                yield DelimitedRows(Blocks(buffered), place, found, known, limits)
                return
            # utf-8-sig drops a byte order mark.
            with io.TextIOWrapper(buffered, encoding="utf-8-sig", newline="") as text:
                yield JsonRows(text, place, found, limits)


def _characters(inner: object, encoding: str) -> str:
    """The first ones, without a byte order mark."""
    stream = Recoded(inner, encoding)  # type: ignore[arg-type]
    return stream.read(_HEAD_CHARACTERS).decode(errors="ignore").lstrip("\ufeff")


def _format_of(head: str) -> Format:
    """What the text begins with; a table whose first label is in brackets is still a table."""
    text = head.lstrip()
    if text[:1] == "<":
        raise _markup()
    inner = text[1:].lstrip()
    if text[:1] == "[" and (not inner or inner[0] in "{]["):
        return Format.JSON
    if text[:1] == "{" and (not inner or inner[0] in '"}'):
        line, end, _ = text.partition("\n")
        if not end and not line.rstrip().endswith("}"):
            return Format.JSON_LINES  # a record longer than what was looked at
        with suppress(json.JSONDecodeError, RecursionError):
            json.loads(line)
            return Format.JSON_LINES
        raise _one_object()
    return Format.CSV


def _refuse_foreign(magic: bytes) -> None:
    if magic[:4] == _OLD_OFFICE:
        raise _foreign(
            Label("پرونده اکسل قدیمی (xls) یا رمزدار است.", "The file is an old or an encrypted spreadsheet."),
            Label("آن را xlsx یا CSV UTF-8 ذخیره کنید.", "Save it as .xlsx or CSV UTF-8."),
        )
    if magic[:4] == _PDF:
        raise _foreign(
            Label("پرونده PDF است.", "The file is a PDF."),
            Label("جدول را به شکل CSV یا xlsx بفرستید.", "Send the table as CSV or .xlsx."),
        )


def _markup() -> FileError:
    return _foreign(
        Label("پرونده HTML یا XML است، نه جدول.", "The file is HTML or XML, not a table."),
        Label("آن را در اکسل باز و به شکل xlsx ذخیره کنید.", "Open it in a spreadsheet and save it as .xlsx."),
    )


def _one_object() -> FileError:
    return _foreign(
        Label("پرونده یک شیء JSON است، نه فهرستی از رکوردها.", "The file is one JSON object, not a list of records."),
        Label("آرایه‌ای از شیءها بفرستید، یا هر رکورد در یک سطر.", "Send an array of objects, or one object per line."),
    )


def _empty() -> FileError:
    return _foreign(
        Label("پرونده خالی است.", "The file is empty."),
        Label("سطر عنوان‌ها و ردیف‌ها را بفرستید.", "Send a header line and rows."),
    )


def _foreign(message: Label, fix: Label) -> FileError:
    return whole_file(ErrorCode.SOURCE, message, fix)


_OLD_LETTERS = Label(
    "متن Windows-1256 است که «ی» فارسی ندارد؛ normalise: [letters] حرف‌ها را یکدست می‌کند.",
    "The text is Windows-1256, which has no Persian yeh; `normalise: [letters]` puts such letters right.",
)
