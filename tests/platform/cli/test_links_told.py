"""What a release says at a terminal of links that find too little."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.platform.cli.test_certificate import CONTRACT, environment, gsb

from publicgsb.platform.server.cli.frame import EXIT_REFUSED

__all__ = ["environment"]

NAMES = [f"{n:03}" for n in range(1, 21)]


def _contract(dataset: str, **more: Any) -> dict[str, Any]:
    fields = [{"name": "code", "type": "string", "label": {"fa": "کد", "en": "Code"}, "filters": ["eq"]}]
    record = dataset.rstrip("s").capitalize()
    return CONTRACT | {"dataset": dataset, "recordName": record, "primaryKey": ["code"], "fields": fields} | more


@pytest.fixture
def declared(environment: dict[str, str], tmp_path: Path) -> Path:
    """Counties are released under codes of three digits; roads that lead to them have lost zeros."""
    gsb(environment, "agency", "add", "roads", "--name-fa", "راه‌ها", "--name-en", "Roads")
    (tmp_path / "counties.json").write_text(json.dumps(_contract("counties"), ensure_ascii=False), encoding="utf-8")
    (tmp_path / "counties.csv").write_text("\n".join(["code", *NAMES]) + "\n", encoding="utf-8")
    gsb(environment, "dataset", "add", tmp_path / "counties.json")
    gsb(environment, "dataset", "release", "roads/counties", tmp_path / "counties.csv")
    label = {"fa": "شهرستان", "en": "County"}
    link = {"name": "countyRecord", "fields": ["county"], "to": "roads/counties", "toFields": ["code"], "label": label}
    roads = _contract("ways", links=[link])
    roads["fields"] = [*roads["fields"], {"name": "county", "type": "string", "label": label, "filters": ["eq"]}]
    (tmp_path / "ways.json").write_text(json.dumps(roads, ensure_ascii=False), encoding="utf-8")
    lines = [f"w{at},{name.lstrip('0')}" for at, name in enumerate([*NAMES, "101", "102"])]
    (tmp_path / "ways.csv").write_text("\n".join(["code,county", *lines, "x,010"]) + "\n", encoding="utf-8")
    return tmp_path


def test_validate_says_it_before_anything_is_declared(environment: dict[str, str], declared: Path) -> None:
    told = gsb(environment, "dataset", "validate", declared / "ways.json", declared / "ways.csv").output
    assert "1/23 (4.3 %) rows; 90 % should" in told and "zeroPad: 3" in told and "21/23 (91.3 %)" in told
    gsb(environment, "dataset", "list", "roads/ways", code=4)  # there is no such dataset


def test_a_release_says_what_its_links_find_too_little_of(environment: dict[str, str], declared: Path) -> None:
    gsb(environment, "dataset", "add", declared / "ways.json")
    made = gsb(environment, "--json", "dataset", "release", "roads/ways", declared / "ways.csv")
    (warned,) = json.loads(made.stdout)["warnings"]
    assert "Leading zeros lost?" in warned and json.loads(made.stdout)["release"] == 1


def test_a_contract_that_insists_refuses_at_a_terminal(environment: dict[str, str], declared: Path) -> None:
    contract = json.loads((declared / "ways.json").read_text(encoding="utf-8"))
    contract["links"][0]["severity"] = "error"
    (declared / "ways.json").write_text(json.dumps(contract), encoding="utf-8")
    gsb(environment, "dataset", "add", declared / "ways.json")
    refused = gsb(environment, "dataset", "release", "roads/ways", declared / "ways.csv", code=EXIT_REFUSED)
    assert "zeroPad: 3" in refused.output
