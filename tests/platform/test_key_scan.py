"""`gsb key scan` and its pre-commit hook: exit codes, JSON, and no whole key on any stream."""

import json
from pathlib import Path

import yaml
from click.testing import CliRunner

from publicgsb.apikeys.format import draw
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.server.cli import main

ROOT = Path(__file__).resolve().parents[2]
KEY = draw(KeyKind.AGENCY).text


def test_a_find_ends_with_1_and_shows_the_public_part_only(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(f"use {KEY} for now")
    done = CliRunner().invoke(main, ["key", "scan", str(tmp_path)])
    assert done.exit_code == 1
    assert done.stdout == f"{tmp_path / 'notes.txt'}:1:5  {KEY[:13]}\n"
    assert KEY[13:] not in done.output
    assert "1 key in 1 file (" in done.stderr


def test_nothing_found_ends_with_0(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    done = CliRunner().invoke(main, ["key", "scan", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (0, "")


def test_json_tells_what_was_skipped(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\0\0")
    (tmp_path / "notes.txt").write_text(KEY)
    done = CliRunner().invoke(main, ["key", "scan", "--json", str(tmp_path)])
    told = json.loads(done.stdout)
    assert told["leaks"] == [{"path": str(tmp_path / "notes.txt"), "line": 1, "column": 1, "key": KEY[:13]}]
    assert (told["files"], told["skipped"]) == (2, {"binary": 1, "large": 0, "unreadable": 0})


def test_standard_input_is_a_dash() -> None:
    done = CliRunner().invoke(main, ["key", "scan", "-"], input=f"a\n{KEY}")
    assert (done.exit_code, done.stdout) == (1, f"-:2:1  {KEY[:13]}\n")


def test_a_path_that_does_not_exist_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["key", "scan", "nowhere/at/all"]).exit_code == 2


def test_the_hooks_run_a_command_that_exists() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == ["gsb-key-scan", "gsb-key-scan-installed"]
    for hook in hooks:
        command = hook["entry"].split()
        assert command[0] == "gsb"
        assert CliRunner().invoke(main, [*command[1:], "--help"]).exit_code == 0
        assert hook["id"] in (ROOT / "docs" / "leaked-keys.md").read_text(encoding="utf-8")
