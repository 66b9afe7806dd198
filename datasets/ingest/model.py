"""The words of reading a file: error codes, one problem, and how much a file may hold."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from publicgsb.datasets.contracts.model import Label

MIB = 1024 * 1024

Progress: TypeAlias = Callable[[int, int, int], None]  # rows, bytes read, bytes in total


class ErrorCode(StrEnum):
    """The codes of the Frictionless standard, so that other tools' users know them already."""

    SOURCE = "source-error"
    ENCODING = "encoding-error"
    COMPRESSION = "compression-error"
    BYTE_COUNT = "byte-count-error"
    BLANK_HEADER = "blank-header"
    BLANK_LABEL = "blank-label"
    DUPLICATE_LABEL = "duplicate-label"
    MISSING_LABEL = "missing-label"
    EXTRA_LABEL = "extra-label"
    INCORRECT_LABEL = "incorrect-label"
    BLANK_ROW = "blank-row"
    EXTRA_CELL = "extra-cell"
    MISSING_CELL = "missing-cell"
    TYPE = "type-error"
    CONSTRAINT = "constraint-error"
    UNIQUE = "unique-error"
    PRIMARY_KEY = "primary-key"
    FOREIGN_KEY = "foreign-key"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold. The ratio is judged only once `ratio_free_bytes` have come out."""

    file_bytes_max: int = 512 * MIB
    content_bytes_max: int = 8 * 1024 * MIB
    ratio_max: int = 200
    ratio_free_bytes: int = 4 * MIB
    cell_characters_max: int = 128 * 1024
    rows_max: int = 100_000_000
    columns_max: int = 1_600  # no table of PostgreSQL has more
    workbook_bytes_max: int = 512 * MIB  # unpacked: a workbook is held in memory, all other formats flow through
    workbook_cells_max: int = 10_000_000


@dataclass(frozen=True, slots=True)
class RowError:
    """One problem. `row` counts records from 1, the header not counted; None when it is the whole file's.

    `shape` shows what the cell looks like (digits as 9, letters as a) and is all that is shown of it.
    """

    row: int | None
    field: str | None
    code: ErrorCode
    shape: str | None
    message: Label
    fix: Label


class FileError(Exception):
    """Reading stops here; `error` says why. Never leaves this folder."""

    def __init__(self, error: RowError) -> None:
        super().__init__(error.code.value)
        self.error = error


def whole_file(code: ErrorCode, message: Label, fix: Label) -> FileError:
    return FileError(RowError(None, None, code, None, message, fix))
