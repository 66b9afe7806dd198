"""The files of a release as the service lists them, and what each of them must be."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from publicgsb_sdk.errors import ConnectionFailed
from publicgsb_sdk.hashes import sha256_of

CHUNK_BYTES = 1 << 20
FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file: `sha256` in hexadecimal, `url` for whoever has it until the manifest expires."""

    format: str
    name: str
    rows: int
    bytes: int
    sha256: str
    url: str

    @property
    def path(self) -> str:
        """The address without its host: where a client asks that sends its key to one service only."""
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def is_at(self, path: Path) -> bool:
        """Whether the file of that name is, to the byte, this one."""
        with suppress(FileNotFoundError):
            return path.stat().st_size == self.bytes and sha256_of(path) == self.sha256
        return False

    def check(self, path: Path) -> None:
        """Raises ConnectionFailed unless the file is, to the byte, what was listed."""
        if not self.is_at(path):
            raise ConnectionFailed(f"{self.name} is not what the service listed: it was changed on the way.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of one release. `is_made` is false for the moment in which only a streamed CSV is there."""

    release: int
    rows: int
    is_made: bool
    expires_at: datetime | None
    parts: tuple[FilePart, ...]
    csv: FilePart | None

    def of(self, format_: str) -> tuple[FilePart, ...]:
        """The parts of a format, in their order."""
        return tuple(part for part in self.parts if part.format == format_)


def opened(path: Path) -> BinaryIO:
    """A new file for what comes."""
    return path.open("w+b")


def read_manifest(document: Mapping[str, Any]) -> Manifest:
    """The manifest in an answer of the service."""
    expires = document.get("expiresAt")
    csv = document.get("csv")
    is_made = document["state"] == "made"
    return Manifest(
        release=document["release"],
        rows=document["rows"],
        is_made=is_made,
        expires_at=datetime.fromisoformat(expires) if expires else None,
        parts=tuple(_part(item) for item in sorted(document["parts"], key=lambda item: int(item["part"]))),
        csv=_part(csv | {"format": "csv", "name": "data.csv"}) if csv and is_made else None,
    )


def _part(item: Mapping[str, Any]) -> FilePart:
    if not FILE_NAME.fullmatch(item["name"]):  # it becomes the name of a file here
        raise ValueError("not the name of a file")
    return FilePart(item["format"], item["name"], item["rows"], item["bytes"], item["sha256"], item["url"])
