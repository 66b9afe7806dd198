"""The same data in four forms, none of which loses a sign."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb_sdk.cli.output import Column, Format, Writer, csv_cell, harmless, with_values

UNSEEN = {0x200E: None, 0x200F: None}
ROWS: list[dict[str, Any]] = [
    {"code": "0012", "city": "یزد", "fee": Decimal("10.50"), "day": date(2026, 3, 21), "country": {"name": "ایران"}},
    {"code": "", "city": None, "fee": None, "day": None, "country": None},
]
COLUMNS = [Column("code"), Column("city"), Column("fee", is_number=True), Column("day"), Column("country.name")]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(format: Format, rows: list[dict[str, Any]] = ROWS) -> str:
    stream = io.StringIO()
    Writer(format, stream).rows(COLUMNS, rows)
    return stream.getvalue()


def test_a_table() -> None:
    assert written(Format.TABLE).translate(UNSEEN).splitlines() == [
        "code  city    fee  day         country.name",
        "────  ────  ─────  ──────────  ────────────",
        "0012   یزد  10.50  2026-03-21         ایران",
        "      -         -  -           -",
    ]


def test_json_lines_keep_zeros_exact_numbers_and_nesting() -> None:
    first, second = map(json.loads, written(Format.NDJSON).splitlines())
    assert first == {"code": "0012", "city": "یزد", "fee": "10.50", "day": "2026-03-21", "country": {"name": "ایران"}}
    assert second == {"code": "", "city": None, "fee": None, "day": None, "country": None}
    assert "یزد" in written(Format.NDJSON)


def test_json_is_one_list() -> None:
    assert [row["code"] for row in json.loads(written(Format.JSON))] == ["0012", ""]
    assert json.loads(written(Format.JSON, [])) == []


def test_csv_tells_a_missing_value_from_an_empty_text() -> None:
    assert written(Format.CSV) == 'code,city,fee,day,country.name\n0012,یزد,10.50,2026-03-21,ایران\n"",,,,\n'


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2))
def test_csv_is_read_back_by_others_as_it_was(texts: list[str]) -> None:
    line = ",".join(csv_cell(text) for text in texts)
    assert list(csv.reader(io.StringIO(line + "\n", newline=""), strict=True)) == [texts]


def test_rows_are_written_as_they_come() -> None:
    stream = io.StringIO()
    seen: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(3):
            seen.append(stream.getvalue())
            yield {"code": str(number)}

    Writer(Format.NDJSON, stream).rows([Column("code")], rows())
    assert seen == ["", '{"code": "0"}\n', '{"code": "0"}\n{"code": "1"}\n']


def test_what_others_wrote_gives_a_terminal_no_orders() -> None:
    stream = Terminal()
    Writer(Format.NDJSON, stream).rows([Column("x")], [{"x": "\x9b2J"}])
    assert json.loads(stream.getvalue()) == {"x": "\x9b2J"}
    assert "\x9b" not in stream.getvalue()
    assert harmless("a\x1b[2Jb\nیزد") == "a\\u001b[2Jb\nیزد"


@pytest.mark.parametrize(("no_color", "is_styled"), [(None, True), ("1", False)])
def test_no_color_means_none(monkeypatch: pytest.MonkeyPatch, no_color: str | None, is_styled: bool) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    stream = Terminal()
    Writer(Format.TABLE, stream).rows(COLUMNS, ROWS)
    assert ("\x1b[" in stream.getvalue()) is is_styled


def test_columns_without_any_value_leave_their_room_to_the_others() -> None:
    rows: list[dict[str, Any]] = [{"id": "a", "retireAt": None}, {"id": "b", "retireAt": None, "datasets": ["x"]}]
    assert with_values([*map(Column, ("id", "retireAt", "datasets"))], rows) == [Column("id"), Column("datasets")]


def test_one_thing_is_its_members_with_lists_as_tables_below() -> None:
    stream = io.StringIO()
    thing = {"id": "geo/countries", "title": {"fa": "کشورها", "en": "Countries"}, "files": [{"rows": 3}], "tags": ["a"]}
    Writer(Format.TABLE, stream).one(thing)
    assert stream.getvalue().translate(UNSEEN).splitlines() == [
        "id        geo/countries",
        "title.fa  کشورها",
        "title.en  Countries",
        "tags      a",
        "",
        "files:",
        "rows",
        "────",
        "3",
    ]
