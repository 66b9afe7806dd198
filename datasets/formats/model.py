"""What every format brings: rows of text cells under labels, and what was found out about the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.coded import Coded

# Cells of typed formats say more than their text. No file can write these itself: no value may hold U+0000.
NULL_CELL = "\0"  # no value, whatever the contract's missingValues are
NESTED_CELL = "\0{}"  # an object or a list, which no cell can hold
FLOAT_MARK = "\0#"  # before the text of a number that was kept as a floating-point one
BROKEN_MARK = "\0!"  # before a text that begins with U+0000
SHEET_SHOWN_MAX = 64


class Format(StrEnum):
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"  # one array of objects
    JSON_LINES = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Container(StrEnum):
    GZIP = "gzip"
    ZSTD = "zstd"
    ZIP = "zip"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about a file and not told by its sender; None where the format has no such thing."""

    format: Format
    encoding: str | None = None
    delimiter: str | None = None
    container: Container | None = None
    sheet: str | None = None
    notes: tuple[Label, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Members without a value are left out."""
        members = {
            "format": self.format.value,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "container": self.container and self.container.value,
            "sheet": self.sheet and self.sheet[:SHEET_SHOWN_MAX],
        }
        return {name: value for name, value in members.items() if value is not None}


class RowSource(Protocol):
    """One table of one file. The labels have been read; every row comes once, in the order of the file."""

    @property
    def found(self) -> Found: ...

    @property
    def labels(self) -> Sequence[str]: ...

    @property
    def is_typed(self) -> bool:
        """Whether cells may be NULL_CELL or NESTED_CELL, or begin with FLOAT_MARK."""
        ...

    @property
    def bytes_total(self) -> int: ...

    def bytes_read(self) -> int:
        """Of the file as it lies on disk, so that it can be compared with `bytes_total`."""
        ...

    def content_bytes(self) -> int:
        """How much has come out of it so far; what bounds a batch."""
        ...

    def next_rows(self, count: int) -> Sequence[Sequence[str]]:
        """At most `count` rows, none at the end. A row may be of another width than the labels; raises FileError."""
        ...


@runtime_checkable
class ColumnSource(RowSource, Protocol):
    """Some of its rows can be had by columns, which is faster; each row still comes once and in its place."""

    def next_columns(self) -> Sequence[Coded] | None:
        """The next rows, one column for each label; None where they have to be read by `next_rows`.

        That returns fewer rows than it was asked for where columns may be tried again.
        """
        ...


def plain(cell: str) -> str:
    """The text of a cell without what a typed format has put before it."""
    if not cell.startswith("\0"):
        return cell
    return "" if cell in (NULL_CELL, NESTED_CELL) else cell[2:]
