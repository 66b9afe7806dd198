"""The command as other people's CI runs it: exit codes, and what is said where."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb_sdk import Client
from publicgsb_sdk.codegen import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "gsb_types"


def test_modules_are_written_and_their_check_passes(client: Client, folder: Path) -> None:
    assert main(["aviation.airports", "-o", str(folder)], client) == 0
    assert "class Airport(TypedDict)" in (folder / "aviation" / "airports.py").read_text()
    assert main(["aviation.airports", "-o", str(folder), "--check"], client) == 0


def test_without_names_the_folder_says_which(client: Client, folder: Path) -> None:
    main(["aviation/airports", "-o", str(folder)], client)
    assert main(["-o", str(folder), "--check"], client) == 0
    assert main(["-o", str(folder / "nothing")], client) == 2


def test_a_contract_that_moved_fails_the_check_with_a_diff_and_writes_nothing(
    client: Client, service: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["aviation.airports", "-o", str(folder)], client)
    before = (folder / "aviation" / "airports.py").read_bytes()
    fields = service.airports["contract"]["fields"]
    monkeypatch.setitem(service.airports["contract"], "fields", [*fields[:5], *fields[6:]])
    client._session.contract("aviation/airports", is_fresh=True)
    capsys.readouterr()
    assert main(["-o", str(folder), "--check"], client) == 9
    out, err = capsys.readouterr()
    assert '-    "fee": "decimal",' in out and "have moved" in err
    assert (folder / "aviation" / "airports.py").read_bytes() == before


def test_a_dataset_that_is_not_there_is_an_error_in_one_line(
    client: Client, service: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service.reply(httpx2.Response(404, json={"code": "NOT_FOUND", "detail": "There is no such dataset."}))
    assert main(["aviation.airport", "-o", str(folder)], client) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not folder.exists()


def test_without_a_key_the_command_says_what_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PGSB_API_KEY", raising=False)
    assert main(["aviation.airports", "-o", str(folder), "--url", "http://127.0.0.1:1"]) == 1
    assert "PGSB_API_KEY" in capsys.readouterr().err
