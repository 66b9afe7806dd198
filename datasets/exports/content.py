"""What is sent for a name: bytes that lie in one object, or in several behind one another."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from publicgsb.datasets.exports.model import BOM, FileFormat, Made, Part
from publicgsb.datasets.exports.objects import Objects


@dataclass(frozen=True, slots=True)
class Slice:
    """Bytes `start` up to before `end` of an object."""

    sha256: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Content:
    """One representation. `sha256` is of all of it, whatever it is put together from."""

    format: FileFormat
    sha256: str
    size: int  # in bytes
    pieces: tuple[bytes | Slice, ...]

    def between(self, start: int, end: int) -> Iterator[bytes | Slice]:
        """The pieces of bytes `start` up to before `end`."""
        at = 0
        for piece in self.pieces:
            size = len(piece) if isinstance(piece, bytes) else piece.end - piece.start
            first, last = max(start - at, 0), min(end - at, size)
            if first < last:
                if isinstance(piece, bytes):
                    yield piece[first:last]
                else:
                    yield Slice(piece.sha256, piece.start + first, piece.start + last)
            at += size


async def read(objects: Objects, pieces: Sequence[bytes | Slice]) -> AsyncGenerator[bytes, None]:
    """Raises Unavailable rather than ending short, and before the first byte when too many files are being read."""
    with objects.reading():
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            async with aclosing(objects.read(piece.sha256, piece.start, piece.end)) as chunks:
                async for chunk in chunks:
                    yield chunk


def of_part(part: Part) -> Content:
    return Content(part.format, part.sha256, part.bytes, (Slice(part.sha256, 0, part.bytes),))


def whole_csv(made: Made, *, has_bom: bool) -> Content | None:
    """All rows under one header line; None where no column is in files."""
    parts = made.of(FileFormat.CSV)
    if not parts:
        return None
    slices = [Slice(part.sha256, part.head_bytes if part.number > 1 else 0, part.bytes) for part in parts]
    if not has_bom:
        return Content(FileFormat.CSV, made.csv.sha256, made.csv.bytes, tuple(slices))
    return Content(FileFormat.CSV, made.csv.sha256_with_bom, made.csv.bytes + len(BOM), (BOM, *slices))


def named(made: Made, name: str) -> Content | None:
    """The part of that name."""
    return next((of_part(part) for part in made.parts if part.name == name), None)
