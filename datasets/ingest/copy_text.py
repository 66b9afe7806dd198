"""Rows as lines of COPY's text format, however their columns are held."""

from collections.abc import Iterable, Iterator, Sequence

from publicgsb.datasets.formats.batches import BATCH_ROWS
from publicgsb.datasets.formats.coded import Coded


def pieces(
    numbers: Sequence[int], columns: Sequence[Sequence[str]], hidden: Sequence[Sequence[str]]
) -> Iterator[tuple[bytes, bytes]]:
    """The lines of data alone (cells and row number), and the same lines with the hidden cells after them."""
    coded = [column for column in columns if isinstance(column, Coded)]
    if len(coded) == len(columns):
        from publicgsb.datasets.ingest.coded_copy import copy_lines, fits  # noqa: PLC0415 - pyarrow made the columns

        if fits([*coded, *(column for column in hidden if isinstance(column, Coded))]):
            data = copy_lines(numbers, coded, ())
            yield data, copy_lines(numbers, coded, hidden) if hidden else data
            return
    for start in range(0, len(numbers), BATCH_ROWS):
        part = slice(start, start + BATCH_ROWS)
        lines = list(map("\t".join, zip(*(column[part] for column in columns), map(str, numbers[part]), strict=True)))
        data = _ended(lines)
        yield data, _ended(map("\t".join, zip(lines, *(one[part] for one in hidden), strict=True))) if hidden else data


def _ended(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
