"""What is told of a release's files: the list that programs read, in the API's words."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from publicgsb.datasets.exports.model import MEDIA_TYPES, FileFormat, Made, Part
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef

UrlOf: TypeAlias = Callable[[str], str]  # of a file by its name in the release's folder

WHOLE_CSV = "data.csv"
DATA_PACKAGE = "datapackage.json"


def folder_of(entry: DatasetEntry, release: ReleaseRef) -> str:
    """The path under which all files of a release lie, without a slash at its end."""
    return f"/files/{entry.agency.slug}/{entry.slug}/{release.seq}"


def manifest(
    entry: DatasetEntry, release: ReleaseRef, made: Made | None, url_of: UrlOf, expires: int | None
) -> dict[str, Any]:
    """`expires` in seconds since 1970; None where the addresses are anybody's and stay."""
    return {
        "dataset": entry.name,
        "release": release.seq,
        "rows": release.rows,
        "contractVersion": release.contract.version,
        "publishedAt": release.published_at.isoformat(),
        "state": "made" if made else "pending",
        "expiresAt": datetime.fromtimestamp(expires, UTC).isoformat() if expires is not None else None,
        "parts": [part_json(part, url_of) for part in made.parts] if made else [],
        "csv": _whole(release, made, url_of),
        "dataPackage": url_of(DATA_PACKAGE) if made and made.parts else None,
    }


def part_json(part: Part, url_of: UrlOf) -> dict[str, Any]:
    """One file as lists tell of it."""
    return {
        "format": part.format.value,
        "part": part.number,
        "name": part.name,
        "mediaType": MEDIA_TYPES[part.format],
        "rows": part.rows,
        "bytes": part.bytes,
        "sha256": part.sha256,
        "url": url_of(part.name),
    }


def _whole(release: ReleaseRef, made: Made | None, url_of: UrlOf) -> dict[str, Any] | None:
    """All rows as one CSV: also while the files are not made, then of a length that nobody knows yet."""
    if made is not None and not made.parts:
        return None
    return {
        "mediaType": MEDIA_TYPES[FileFormat.CSV],
        "rows": release.rows,
        "bytes": made.csv.bytes if made else None,
        "sha256": made.csv.sha256 if made else None,
        "url": url_of(WHOLE_CSV),
    }
