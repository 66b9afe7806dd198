"""What a command found, on stdout: a table for eyes, JSON, JSON lines or CSV for programs. All else goes to stderr."""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import chain
from typing import Any, Literal, TextIO, cast

from rich.console import Console
from rich.text import Text

from publicgsb_sdk.cli import table
from publicgsb_sdk.cli.words import said

FLUSH_ROWS = 100
CONTROLS = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f]")


class Format(StrEnum):
    """How data are written."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table or CSV: a value of each row, `country.name_fa` one of a record inside it."""

    name: str
    is_number: bool = False


class Writer:
    """Writes in one format. What streams in streams out: no listing is held in memory."""

    def __init__(self, format: Format, stream: TextIO | None = None) -> None:
        self.format = format
        self._stream = stream or sys.stdout
        self._is_terminal = self._stream.isatty()

    def rows(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        """Things of one kind."""
        ways = {
            Format.TABLE: self._table,
            Format.JSON: self._json,
            Format.NDJSON: self._ndjson,
            Format.CSV: self._csv,
        }
        ways[self.format](columns, rows)

    def one(self, thing: Mapping[str, Any], columns: Sequence[Column] | None = None) -> None:
        """One thing: in a table its members under each other, and lists in it as tables of their own."""
        if self.format is Format.TABLE:
            self._one(thing)
        elif self.format is Format.CSV:
            flat = dict(_flat(thing))
            self._csv(columns or [Column(name) for name in flat], [flat])
        else:
            self._put(as_json(thing, indent=2 if self.format is Format.JSON else None))

    def text(self, text: str) -> None:
        """As it is."""
        self._put(text.removesuffix("\n"))

    def _table(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        ahead = iter(rows)
        first = next(ahead, None)
        if first is None:
            note("(none)")
            return
        names = [column.name for column in columns]
        numbers = frozenset(index for index, column in enumerate(columns) if column.is_number)
        cells = ([cell(value_at(row, name)) for name in names] for row in chain([first], ahead))
        console = self._console()
        for index, line in enumerate(table.lines(names, cells, width_max=self._width(), numbers=numbers)):
            console.print(Text(line, style="bold" if index == 0 else ""), soft_wrap=True)

    def _json(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        before = "["
        for index, row in enumerate(rows):
            self._put(f"{before}{as_json(row)}", end="", is_flushed=index % FLUSH_ROWS == 0)
            before = ",\n "
        self._put("[]" if before == "[" else "]")

    def _ndjson(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        for index, row in enumerate(rows):
            self._put(as_json(row), is_flushed=index % FLUSH_ROWS == 0)
        self._stream.flush()

    def _csv(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        names = [column.name for column in columns]
        self._put(",".join(csv_cell(name) for name in names))
        for index, row in enumerate(rows):
            self._put(",".join(csv_cell(value_at(row, name)) for name in names), is_flushed=index % FLUSH_ROWS == 0)
        self._stream.flush()

    def _one(self, thing: Mapping[str, Any]) -> None:
        flat = dict(_flat(thing))
        lists = {name: value for name, value in flat.items() if _is_list_of_things(value)}
        lines = [(name, cell(value)) for name, value in flat.items() if name not in lists]
        width = max((len(name) for name, _ in lines), default=0)
        console = self._console()
        for name, shown in lines:
            told = Text(f"{name:<{width}}{table.GAP}", style="bold").append(table.clean(shown), style="not bold")
            console.print(told, soft_wrap=True)
        for name, things in lists.items():
            rows = [dict(_flat(item)) for item in things]
            self._put(f"\n{name}:")
            self._table([Column(one) for one in dict.fromkeys(chain.from_iterable(rows))], rows)

    def _put(self, text: str, end: str = "\n", *, is_flushed: bool = True) -> None:
        if self._is_terminal and self.format is not Format.TABLE:
            text = harmless(text)
        self._stream.write(text + end)
        if is_flushed:
            self._stream.flush()

    def _console(self) -> Console:
        """Styles on a terminal only, and none at all where NO_COLOR is set."""
        colours: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
        return _Console(
            file=self._stream, color_system=colours, highlight=False, markup=False, emoji=False, width=100_000
        )

    def _width(self) -> int | None:
        """Of the page; without a terminal nothing is cut, unless COLUMNS says so."""
        if not (self._is_terminal or os.environ.get("COLUMNS", "").isdigit()):
            return None
        return shutil.get_terminal_size().columns


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """rich would end the program with 1."""
        raise BrokenPipeError


def with_values(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Those in which any row has a value: a table of many columns cuts them all to fit a page."""
    return [column for column in columns if any(value_at(row, column.name) is not None for row in rows)]


def note(text: str) -> None:
    """For the person at the terminal, on stderr; never data."""
    sys.stderr.write(said(harmless(text)) + "\n")
    sys.stderr.flush()


def counted(number: int, noun: str) -> str:
    """1 row, 2 rows: for a noun that takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def as_json(value: Any, indent: int | None = None) -> str:
    """Persian as it is written, exact numbers as text, dates as ISO 8601."""
    return json.dumps(value, ensure_ascii=False, default=_plain, indent=indent)


def csv_cell(value: Any) -> str:
    """As files of releases have it: a missing value is nothing, an empty text is `""`."""
    if value is None:
        return ""
    text = _text(value)
    if text == "" or any(sign in text for sign in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def cell(value: Any) -> str:
    """A value in a table: what is missing is `-`, a list is its members."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        items = cast(Sequence[Any], value)
        if not any(isinstance(item, Mapping) for item in items):
            return ", ".join(cell(item) for item in items) or "-"
    return _text(value)


def value_at(row: Mapping[str, Any], name: str) -> Any:
    """`row["country.name_fa"]`, or the value inside the record `country`; None where a link leads nowhere."""
    if name in row:
        return row[name]
    value: Any = row
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = cast(Mapping[str, Any], value).get(part)
    return value


def harmless(text: str) -> str:
    """Text of others without what a terminal would obey."""
    if text.isascii() and text.isprintable():
        return text
    return CONTROLS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list | tuple):
        return as_json(value)
    return str(_plain(value)) if not isinstance(value, int | float) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, set | frozenset):
        return sorted(cast(frozenset[Any], value))
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _flat(thing: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in thing.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(cast(Mapping[str, Any], value), f"{before}{name}.")
        else:
            yield before + name, value


def _is_list_of_things(value: Any) -> bool:
    items = cast(Sequence[Any], value) if isinstance(value, list | tuple) else ()
    return bool(items) and all(isinstance(item, Mapping) for item in items)
