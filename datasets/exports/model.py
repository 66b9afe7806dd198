"""The files of a release: what they are called, and what is known of them once they are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

PART_BYTES_MAX = 64 * 1024 * 1024
BOM = b"\xef\xbb\xbf"


class FileFormat(StrEnum):
    """In the order in which they are offered."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES: Mapping[FileFormat, str] = MappingProxyType(
    {
        FileFormat.PARQUET: "application/vnd.apache.parquet",
        FileFormat.CSV: "text/csv; charset=utf-8; header=present",
        FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of at most PART_BYTES_MAX that can be read by itself."""

    format: FileFormat
    number: int  # from 1
    rows: int
    bytes: int
    sha256: str
    head_bytes: int = 0  # of a CSV part: its header line, which the whole file has once

    @property
    def name(self) -> str:
        if self.format is FileFormat.XLSX:
            return "data.xlsx"
        return f"part-{self.number:05}.{self.format.value}"


@dataclass(frozen=True, slots=True)
class Whole:
    """The parts of CSV as one file."""

    bytes: int
    sha256: str
    sha256_with_bom: str


@dataclass(frozen=True, slots=True)
class Made:
    """The files of one release, made once and never again different."""

    release_id: int
    made_at: datetime
    parts: tuple[Part, ...]
    csv: Whole

    def of(self, format: FileFormat) -> tuple[Part, ...]:
        """In their order; empty where the release has no file of that format."""
        return tuple(part for part in self.parts if part.format is format)
