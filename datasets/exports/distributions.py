"""The files of a dataset's current release as catalogues list them: addresses that stay, with sizes and checksums.

Not signed: what is anybody's is anybody's by them, and what is not asks for a key there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from publicgsb.datasets.exports.manifest import WHOLE_CSV, folder_of
from publicgsb.datasets.exports.model import MEDIA_TYPES, FileFormat, Made
from publicgsb.datasets.file_access import file_levels
from publicgsb.datasets.registry import DatasetEntry, DatasetState
from publicgsb.platform.kernel.errors import Withheld


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file; `size` and `sha256` are None while it is not made and would be streamed."""

    format: FileFormat
    name: str
    url: str
    rows: int
    size: int | None
    sha256: str | None
    part: int
    parts: int  # of its format

    @property
    def media_type(self) -> str:
        """Without parameters, as lists of media types name it."""
        return MEDIA_TYPES[self.format].partition(";")[0]


def distributions(entry: DatasetEntry, base_url: str, made: Made | None) -> tuple[Distribution, ...]:
    """Of a dataset that is served; the CSV as one file, the others in their parts."""
    return tuple(_each(entry, base_url, made)) if _has_files(entry) else ()


def as_json(one: Distribution) -> dict[str, Any]:
    return {
        "format": one.format.value,
        "mediaType": one.media_type,
        "url": one.url,
        "rows": one.rows,
        "bytes": one.size,
        "sha256": one.sha256,
        "part": one.part,
        "parts": one.parts,
    }


def _has_files(entry: DatasetEntry) -> bool:
    if entry.current is None or entry.state is not DatasetState.ACTIVE:
        return False
    try:
        return bool(file_levels(entry, entry.current))
    except Withheld:
        return False


def _each(entry: DatasetEntry, base_url: str, made: Made | None) -> Iterator[Distribution]:
    assert entry.current is not None
    release = entry.current
    folder = f"{base_url}{folder_of(entry, release)}"
    size, sha256 = (made.csv.bytes, made.csv.sha256) if made else (None, None)
    for format_ in FileFormat:
        if format_ is FileFormat.CSV:
            yield Distribution(format_, WHOLE_CSV, f"{folder}/{WHOLE_CSV}", release.rows, size, sha256, 1, 1)
            continue
        parts = made.of(format_) if made else ()
        for part in parts:
            url = f"{folder}/{part.name}"
            yield Distribution(format_, part.name, url, part.rows, part.bytes, part.sha256, part.number, len(parts))
