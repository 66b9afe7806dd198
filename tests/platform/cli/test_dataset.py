"""The life of a dataset at a terminal: draft, fill in, release, append."""

import json
from pathlib import Path

from tests.datasets.drafting.test_service import filled
from tests.platform.test_commands import Terminal, terminal

__all__ = ["terminal"]  # a fixture


def test_a_file_is_drafted_released_and_appended_to(terminal: Terminal, tmp_path: Path) -> None:
    rows, more, contract = (tmp_path / name for name in ("rows.csv", "more.jsonl", "contract.json"))
    rows.write_text("code,name\n01,a\n02,b\n")
    more.write_text('{"code": "03", "name": "c"}\n')
    drafted = terminal.json("dataset", "draft", str(rows), "--name", "roads/signs")
    assert (drafted["rows"], drafted["keys"], drafted["file"]["delimiter"]) == (2, [["code"], ["name"]], ",")
    contract.write_text(json.dumps(filled(drafted["contract"])))
    terminal.run("agency", "add", "roads", "--name-fa", "راه", "--name-en", "Roads")
    terminal.run("dataset", "add", str(contract))
    terminal.run("dataset", "release", "roads/signs", str(rows))
    appended = terminal.json("dataset", "release", "roads/signs", str(more), "--mode", "append")
    assert (appended["rows"], appended["file"]["format"]) == (3, "jsonl")
    assert appended["changes"] == {"mode": "append", "base": 1, "added": 1, "replaced": 0}
    refused = terminal.json("dataset", "release", "roads/signs", str(more), "--mode", "append", code=3)
    assert refused["counts"] == {"primary-key": 1}
    listed = terminal.json("dataset", "list", "roads/signs")
    assert [(line["kind"], line["added"]) for line in listed] == [("append", 1), ("full", None)]


def test_a_draft_is_never_written_over_a_file(terminal: Terminal, tmp_path: Path) -> None:
    rows, contract = tmp_path / "rows.csv", tmp_path / "contract.yaml"
    rows.write_text("code,name\n01,a\n")
    terminal.run("dataset", "draft", str(rows), "--output", str(contract))
    assert contract.read_text().startswith("# Drafted from 1 rows")
    terminal.run("dataset", "draft", str(rows), "--output", str(contract), code=3)


def test_a_source_is_set_shown_without_its_path_and_dropped(terminal: Terminal, tmp_path: Path) -> None:
    rows, contract = tmp_path / "rows.csv", tmp_path / "contract.json"
    rows.write_text("code,name\n01,a\n")
    drafted = terminal.json("dataset", "draft", str(rows), "--name", "roads/signs")
    contract.write_text(json.dumps(filled(drafted["contract"])))
    terminal.run("agency", "add", "roads", "--name-fa", "راه", "--name-en", "Roads")
    terminal.run("dataset", "add", str(contract))
    url = "https://files.roads.example/signs.csv?token=secret"
    terminal.run("dataset", "source", "set", "roads/signs", "--url", url, "--every", "60")
    (listed,) = terminal.json("dataset", "source", "list")
    assert (listed["host"], listed["everyMinutes"], listed["checked"]) == ("files.roads.example", 60, None)
    terminal.run("dataset", "source", "set", "roads/signs", "--url", "http://localhost/x", code=3)
    terminal.run("dataset", "source", "drop", "roads/signs")
    assert terminal.json("dataset", "source", "list") == []


def test_a_release_has_one_file(terminal: Terminal, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("code\n1\n")
    terminal.run("dataset", "release", "roads/signs", code=2)
    terminal.run("dataset", "release", "roads/signs", str(rows), "--url", "https://files.roads.example/x", code=2)
    refused = terminal.run("dataset", "release", "roads/signs", "--url", "https://127.0.0.1/x", code=3)
    assert "address" in refused.stderr
