"""`gsb contract`: a break is announced by the agency's people or the operator, and shortened by the operator alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.platform.cli.test_release import CONTRACT, Terminal

from publicgsb.platform.server.settings import Settings

COLUMN = '  - {{ name: {name}, type: string, label: {{ fa: "ن", en: "N" }} }}\n'
WITH = CONTRACT + COLUMN.format(name="name")
WITHOUT = CONTRACT.replace('"1.0.0"', '"2.0.0"')


@pytest.fixture
def terminal(settings: Settings, tmp_path: Path) -> Terminal:
    """Countries with a name are released, and declared without it."""
    made = Terminal(settings, tmp_path)
    made.run("agency", "add", "geo", "--name-fa", "جغرافیا", "--name-en", "Geography")
    made.run("dataset", "add", made.file("contract.yaml", WITH))
    made.run("dataset", "release", "geo/countries", made.file("first.csv", "code,name\nIR,Iran\n"))
    made.run("dataset", "add", made.file("next.yaml", WITHOUT))
    return made


def day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def test_a_breaking_release_is_refused_with_the_next_step(terminal: Terminal) -> None:
    rows = terminal.file("second.csv", "code\nIR\n")
    refused = terminal.run("dataset", "release", "geo/countries", rows, code=5)
    problem = json.loads(refused.stderr.splitlines()[-1])["error"]
    assert problem["details"]["reason"] == "breaking_not_announced"
    assert (problem["details"]["touched_fields"], problem["details"]["applications"]) == (["name"], 0)
    assert "`gsb contract announce geo/countries`" in problem["hint"]


def test_a_person_of_the_agency_announces_and_releases_beside_the_old_one(terminal: Terminal) -> None:
    told = terminal.json("contract", "show", "geo/countries")
    assert (told["isBreaking"], told["wouldBe"], told["notice"]) == (True, "geo/countries_v2", None)
    key = terminal.key("Parisa", "publisher")
    done = terminal.json("contract", "announce", "geo/countries", "--key", "-", stdin=key)
    assert (done["successor"], done["sunsetOn"], done["effective"]) == ("geo/countries_v2", day(90), "everywhere")
    rows = terminal.file("second.csv", "code\nIR\n")
    assert terminal.json("dataset", "release", "geo/countries_v2", rows)["release"] == 1
    states = {one["dataset"]: one["state"] for one in terminal.json("dataset", "list")}
    assert states == {"geo/countries": "deprecated", "geo/countries_v2": "active"}
    told = terminal.json("contract", "show", "geo/countries")
    assert (told["isBreaking"], told["notice"]["earliestOn"]) == (False, day(30))


def test_only_a_named_operator_overrides_and_a_personal_key_never_does(terminal: Terminal) -> None:
    key = terminal.file("key", terminal.key("Parisa", "publisher"))
    terminal.run("operator", "add", "Mina", "--email", "mina@example.org", "--account", "somebody_else")
    why = ("--reason", "A court ordered it.")
    assert terminal.refused("contract", "override", "geo/countries", *why, code=3) == "operator"
    terminal.run("contract", "override", "geo/countries", *why, "--key", key, code=2)
    assert terminal.json("contract", "announce", "geo/countries", "--key", key)["successor"] == "geo/countries_v2"


def test_too_soon_a_last_day_is_refused_and_half_a_reason_too(terminal: Terminal) -> None:
    assert terminal.refused("contract", "announce", "geo/countries", "--sunset", day(29), code=3) == "notice_period"
    assert terminal.refused("contract", "announce", "geo/countries", "--reason-fa", "چون", code=2) == "settings"
    done = terminal.json("contract", "announce", "geo/countries", "--sunset", day(30))
    assert done["sunsetOn"] == day(30)
    terminal.run("contract", "override", "geo/countries", code=2)
    shortened = terminal.json("contract", "override", "geo/countries", "--reason", "A court ordered it.")
    assert shortened["sunsetOn"] == day(0)
    entries = terminal.json("audit", "list", "--subject", "geo/countries")
    entry = next(one for one in entries if one["action"] == "contract.override")
    assert entry["actor"].startswith("operator:") and entry["reason"] == "A court ordered it."
