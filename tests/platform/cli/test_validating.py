"""`gsb dataset validate`, with a database, without one, and with one that is away."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.datasets.conftest import airport_document, country_document
from tests.platform.test_commands import Terminal, terminal

from publicgsb.platform.server.settings import Settings

__all__ = ["terminal"]  # a fixture

ROWS = "icao,name,country,elevation\nOIIE,x,1,\nRJTT,x,2,\nXXXX,x,12,\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    contract, rows = tmp_path / "airports.json", tmp_path / "airports.csv"
    contract.write_text(json.dumps(airport_document()))
    rows.write_text(ROWS)
    return str(contract), str(rows)


def noted(report: dict[str, Any]) -> list[str]:
    return [note["en"] for note in report["notes"]]


def test_the_match_of_links_is_told_with_the_shapes_of_keys_that_found_nothing(
    terminal: Terminal, files: tuple[str, str], tmp_path: Path
) -> None:
    contract, rows = tmp_path / "countries.json", tmp_path / "countries.csv"
    contract.write_text(json.dumps(country_document()))
    rows.write_text("code,name\n1,Iran\n2,Japan\n")
    terminal.run("agency", "add", "standards", "--name-fa", "استاندارد", "--name-en", "Standards")
    terminal.run("dataset", "add", str(contract))
    terminal.run("dataset", "release", "standards/countries", str(rows))
    told = terminal.json("dataset", "validate", *files)
    (link,) = told["links"]
    assert (link["rows"], link["matched"], link["unmatchedShapes"]) == (3, 2, [{"shape": "99", "keys": 1}])
    assert noted(told) == []
    assert "countryRecord → standards/countries: 2/3  ✗ 99 (1)" in terminal.run("dataset", "validate", *files).output


def test_without_a_database_none_is_started_and_it_is_said(files: tuple[str, str], tmp_path: Path) -> None:
    state_dir = tmp_path / "state"
    alone = Terminal({"GSB_DATABASE_URL": "", "GSB_REDIS_URL": "", "GSB_STATE_DIR": str(state_dir)})
    for _ in range(2):
        assert "no database is configured" in noted(alone.json("dataset", "validate", *files))[0]
    assert {path.name for path in state_dir.rglob("*") if path.is_file()} == set()


def test_with_a_database_that_is_away_the_rows_are_checked_all_the_same(
    settings: Settings, files: tuple[str, str]
) -> None:
    assert settings.redis_url
    away = Terminal(
        {
            "GSB_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "GSB_REDIS_URL": settings.redis_url.get_secret_value(),
            "GSB_STATE_DIR": str(settings.state_dir),
        }
    )
    told = away.json("dataset", "validate", *files)
    assert (told["rowsRead"], noted(told)) == (
        3,
        ["Whether keys repeat and what links find was not checked: the database does not answer."],
    )
