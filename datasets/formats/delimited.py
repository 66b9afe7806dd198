"""CSV and its relatives: the character that parts the cells is found by the first line."""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import TextIO

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.bounds import RECORD_CHARACTERS_MAX, too_many_columns
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
        self._columns_max = limits.columns_max
        self._held = 0  # characters of the record that is being read
        self._reader = csv.reader(self._lines(first, text), delimiter=delimiter, strict=True)
        self.labels: Sequence[str] = next(iter(self.next_rows(1)), [])

    def next_rows(self, count: int) -> list[list[str]]:
        rows = []
        try:
            for row in islice(self._reader, count):
                self._held = 0
                if len(row) > self._columns_max:
                    raise too_many_columns(len(row), self._columns_max)
                rows.append(row)
        except csv.Error:
            raise _broken(self._reader.line_num) from None
        return rows

    def _lines(self, first: str, text: TextIO) -> Iterator[str]:
        """Each is short; a record of very many of them is refused while it is small."""
        for line in chain((first,), text):
            self._held += len(line)
            if self._held > RECORD_CHARACTERS_MAX:
                raise _broken(self._reader.line_num)
            yield line


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
            "نقل‌قولی باز مانده یا درون خانه دوتایی نشده است، یا خانه یا ردیفی بسیار بزرگ است.",
            'A quotation mark (") is not closed or not doubled within a cell, or a cell or a row is far too large.',
        ),
    )
