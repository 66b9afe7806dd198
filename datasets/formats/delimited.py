"""CSV and its relatives: the character that parts the cells is found by the first line."""

import csv
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import TextIO

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.model import Format, Found
from publicgsb.datasets.formats.streams import Place
from publicgsb.datasets.ingest.model import ErrorCode, FileError, Limits, whole_file

_DELIMITERS = (",", ";", "\t", "|")


class DelimitedRows:
    is_typed = False

    def __init__(self, text: TextIO, place: Place, found: Found, known: Collection[str], limits: Limits) -> None:
        csv.field_size_limit(limits.cell_characters_max)  # of the process, the module knows no other
        first = text.readline()
        delimiter = find_delimiter(first, known)
        format_ = Format.TSV if delimiter == "\t" else Format.CSV
        self.found = replace(found, format=format_, delimiter=delimiter)
        self.bytes_total, self.bytes_read, self.content_bytes = place.bytes_total, place.bytes_read, place.content_bytes
        self._reader = csv.reader(chain((first,), text), delimiter=delimiter, strict=True)
        self.labels: Sequence[str] = next(iter(self.next_rows(1)), [])

    def next_rows(self, count: int) -> list[list[str]]:
        try:
            return list(islice(self._reader, count))
        except csv.Error:
            raise _broken(self._reader.line_num) from None


def find_delimiter(line: str, known: Collection[str]) -> str:
    """The one that yields most of the labels that are known, then most cells: no guess from frequencies."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            labels = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return (0, 0)
        return (sum(label.strip() in known for label in labels), len(labels))

    return max(_DELIMITERS, key=score)


def _broken(line: int) -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label(f"ساختار CSV نزدیک سطر {line} شکسته است.", f"The CSV structure is broken near line {line}."),
        Label(
            "نقل‌قولی باز مانده یا درون خانه دوتایی نشده است، یا خانه‌ای بسیار بزرگ است.",
            'A quotation mark (") is not closed or not doubled within a cell, or a cell is far too large.',
        ),
    )
