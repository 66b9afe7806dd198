"""The first visible sheet of a workbook. Texts stay texts; every number of a spreadsheet is a floating-point one."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from publicgsb.datasets.contracts.codes import DIGITS_EXACT
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.model import BROKEN_MARK, FLOAT_MARK, Container, Format, Found, plain
from publicgsb.datasets.formats.xlsx_scan import safe_copy
from publicgsb.datasets.ingest.model import ErrorCode, FileError, Limits, whole_file

_Value: TypeAlias = int | float | str | bool | time | date | datetime | timedelta


class XlsxRows:
    is_typed = True

    def __init__(
        self, file: BinaryIO, container: Container | None, scratch: Path, bytes_total: int, limits: Limits
    ) -> None:
        try:
            sheets = safe_copy(file, scratch, limits)
            self._workbook, self._rows, self._height = _opened(scratch, sheets[0].name)
        finally:
            scratch.unlink(missing_ok=True)  # what is open stays readable
        self.bytes_total = bytes_total
        notes = (_not_read(len(sheets) - 1),) if len(sheets) > 1 else ()
        self.found = Found(Format.XLSX, container=container, sheet=sheets[0].name, notes=notes)
        self._rows_done = 0
        self._characters = 0
        self.labels: Sequence[str] = [plain(label) for label in next(iter(self.next_rows(1)), [])]

    def bytes_read(self) -> int:
        return self.bytes_total * min(self._rows_done, self._height) // max(self._height, 1)

    def content_bytes(self) -> int:
        return self._characters

    def next_rows(self, count: int) -> list[list[str]]:
        rows = [list(map(_text, row)) for row in islice(self._rows, count)]
        self._rows_done += len(rows)
        self._characters += sum(sum(map(len, row)) for row in rows)
        return rows


def _opened(path: Path, name: str) -> tuple[CalamineWorkbook, Iterator[list[_Value]], int]:
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheet = workbook.get_sheet_by_name(name)
    except CalamineError:
        raise _unreadable() from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the Rust reader, which Python's Exception does not cover
            raise
        raise _unreadable() from None
    if sheet.start is None:
        return workbook, iter(()), 0
    return workbook, islice(sheet.iter_rows(), sheet.start[0], None), sheet.height


def _text(value: _Value) -> str:
    if isinstance(value, str):
        return BROKEN_MARK + value if value[:1] == "\0" else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return FLOAT_MARK + number_text(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def number_text(value: float) -> str:
    """Whole numbers without a point while all their digits are known."""
    return str(int(value)) if value.is_integer() and abs(value) < 10**DIGITS_EXACT else repr(value)


def _not_read(count: int) -> Label:
    return Label(
        f"برگهٔ نخست خوانده شد و {count} برگهٔ دیگر نه.",
        f"The first visible sheet was read; {count} more were not.",
    )


def _unreadable() -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label("کارپوشه خوانده نشد.", "The workbook cannot be read."),
        Label("آن را در صفحه‌گسترده باز و دوباره ذخیره کنید.", "Open it in a spreadsheet and save it again."),
    )
