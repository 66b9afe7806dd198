"""JSON Lines, and one JSON array of objects of any length, in the memory of a few records.

Numbers keep the digits they were written with. A record may leave out members: they have no value then.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, NoReturn, TextIO

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.bounds import CHUNK_BYTES, LINE_BYTES_MAX
from publicgsb.datasets.formats.model import BROKEN_MARK, FLOAT_MARK, NESTED_CELL, NULL_CELL, Format, Found
from publicgsb.datasets.formats.streams import Place
from publicgsb.datasets.ingest.model import MIB, ErrorCode, FileError, Limits, whole_file

RECORDS_AHEAD_MAX = 1_000  # whose members are the labels of the file
_AHEAD_BYTES_MAX = 8 * MIB
_SPACE = " \t\n\r"
_WORDS: dict[Any, str] = {None: NULL_CELL, True: "true", False: "false"}

Record = dict[str, Any]


class JsonRows:
    is_typed = True

    def __init__(self, text: TextIO, place: Place, found: Found, limits: Limits) -> None:
        self.found = found
        self.bytes_total, self.bytes_read, self.content_bytes = place.bytes_total, place.bytes_read, place.content_bytes
        records = _lines(text) if found.format is Format.JSON_LINES else _array(text)
        ahead: list[Record] = []
        labels: dict[str, None] = {}
        for record in records:
            ahead.append(record)
            labels.update(dict.fromkeys(record))
            if len(ahead) == RECORDS_AHEAD_MAX or place.content_bytes() > _AHEAD_BYTES_MAX:
                break
            if len(labels) > limits.columns_max:
                break
        self.labels: Sequence[str] = list(labels)
        self._known = labels.keys()
        self._cell_characters_max = limits.cell_characters_max
        self._records = chain(ahead, records)
        self._number = 0

    def next_rows(self, count: int) -> list[list[str]]:
        return [self._row(record) for record in islice(self._records, count)]

    def _row(self, record: Record) -> list[str]:
        self._number += 1
        row = [
            value if type(value) is str and value[:1] != "\0" else _cell(value)
            for value in map(record.get, self.labels)
        ]
        if not record.keys() <= self._known:
            row += [""] * len(record.keys() - self._known)  # wider than the labels: an error of this row
        if max(map(len, row), default=0) > self._cell_characters_max:
            raise _record_error(self._number, "خانه‌ای بسیار بزرگ دارد", "holds a cell that is far too large")
        return row


class _Float(str):
    """The text of a number with a point or an exponent."""

    __slots__ = ()


def _cell(value: Any) -> str:
    """The text of a value that is no ordinary text."""
    if type(value) is _Float:
        return FLOAT_MARK + value
    if isinstance(value, str):
        return BROKEN_MARK + value
    return NESTED_CELL if isinstance(value, dict | list) else _WORDS[value]


class _RepeatedError(Exception):
    """An object names a member twice: one of the two values would be lost without a word."""


def _object(pairs: list[tuple[str, Any]]) -> Record:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise _RepeatedError
    return record


def _no_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError(name, "", 0)


_DECODER = json.JSONDecoder(
    parse_int=str, parse_float=_Float, parse_constant=_no_constant, object_pairs_hook=_object
)  # fmt: skip


def _decode(text: str, at: int, number: int) -> tuple[Any, int]:
    """One value and where it ends. JSONDecodeError also where the text ends within it."""
    try:
        value, end = _DECODER.raw_decode(text, at)
        if text.find("\\ud", at, end) >= 0 or text.find("\\uD", at, end) >= 0:
            json.dumps(value, ensure_ascii=False).encode()
        return value, end
    except RecursionError:
        raise _record_error(number, "بسیار تودرتوست", "is nested far too deep") from None
    except _RepeatedError:
        raise _record_error(number, "یک عضو را دو بار دارد", "names a member twice") from None
    except UnicodeEncodeError:
        raise _record_error(number, "نیمی از یک نویسه را دارد", "holds half of a character") from None


def _lines(text: TextIO) -> Iterator[Record]:
    number = 0
    for line in text:
        line = line.strip(_SPACE)
        if not line:
            continue
        number += 1
        try:
            value, end = _decode(line, 0, number)
        except json.JSONDecodeError:
            raise _record_error(number, "JSON درست نیست", "is not JSON") from None
        if end != len(line):
            raise _record_error(number, "JSON درست نیست", "is not one JSON value")
        yield _record(value, number)


def _array(text: TextIO) -> Iterator[Record]:
    """The records of `[{…}, {…}]`; at no time more of the text than one record and a chunk is held."""
    held = _Held(text)
    held.take("[")
    number = 0
    is_first = True
    while held.next() != "]":
        if not is_first:
            held.take(",")
        is_first = False
        number += 1
        yield _record(held.value(number), number)
    held.take("]")
    if held.next():
        raise _structure()


class _Held:
    """The part of the text that has been read and not been used."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._held = ""
        self._at = 0

    def next(self) -> str:
        """The next character that is no space, which stays; empty at the end."""
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in _SPACE:
                    return self._held[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, character: str) -> None:
        if self.next() != character:
            raise _structure()
        self._at += 1

    def value(self, number: int) -> Any:
        self.next()
        while True:
            try:
                value, self._at = _decode(self._held, self._at, number)
            except json.JSONDecodeError:
                is_long = len(self._held) - self._at > LINE_BYTES_MAX
                if is_long or not self._more():
                    raise _record_error(
                        number, "JSON درست نیست یا بسیار بزرگ است", "is not JSON, or far too large"
                    ) from None
            else:
                return value

    def _more(self) -> bool:
        chunk = self._text.read(CHUNK_BYTES)
        self._held, self._at = self._held[self._at :] + chunk, 0
        return bool(chunk)


def _record(value: Any, number: int) -> Record:
    if not isinstance(value, dict):
        raise _record_error(number, "شیء نیست", "is not an object")
    return value


def _record_error(number: int, fa: str, en: str) -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label(f"رکورد {number} {fa}.", f"Record {number} {en}."),
        Label("هر رکورد یک شیء JSON با مقدارهای ساده باشد.", "Make each record one JSON object of plain values."),
    )


def _structure() -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label("پرونده آرایه‌ای از شیءها نیست.", "The file is not one array of objects."),
        Label("به شکل [{…}, {…}] بنویسید، یا هر رکورد در یک سطر.", "Write [{…}, {…}], or one record per line."),
    )
