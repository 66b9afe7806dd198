"""Opening one member of a fetched archive as text: a wheel (zip), a source archive (tar.gz), a zip within it."""

import csv
import io
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

MEMBER_BYTES_MAX = 256 * 1024 * 1024


@contextmanager
def open_bytes(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """The member's bytes. The archive's hash is known, so the bound only guards a future pin."""
    if archive.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(archive) as zipped:
            if zipped.getinfo(member).file_size > MEMBER_BYTES_MAX:
                raise ValueError(f"{member} is larger than {MEMBER_BYTES_MAX} bytes.")
            with zipped.open(member) as file:
                yield file
        return
    with tarfile.open(archive, "r:gz") as tarred:
        extracted = tarred.extractfile(member)
        if extracted is None:
            raise ValueError(f"{member} is not a file.")
        with extracted as file:
            yield file


@contextmanager
def open_text(archive: Path, member: str) -> Iterator[TextIO]:
    """The member as UTF-8 text; one that is itself a zip stands for the single file in it."""
    with open_bytes(archive, member) as file:
        if member.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(file.read())) as inner, inner.open(inner.namelist()[0]) as only:
                yield io.TextIOWrapper(only, encoding="utf-8-sig", newline="")
        else:
            yield io.TextIOWrapper(file, encoding="utf-8-sig", newline="")


def csv_columns(archive: Path, member: str, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The named columns of a CSV member, row by row, as they are written there."""
    with open_text(archive, member) as text:
        reader = csv.reader(text)
        header = next(reader)
        places = [header.index(column) for column in columns]
        for row in reader:
            yield tuple(row[place] for place in places)
