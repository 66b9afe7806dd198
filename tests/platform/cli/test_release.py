"""`gsb release` and what belongs to it: personal keys hand in and decide, the operator looks and recalls."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from publicgsb.datasets.releases.recall_journal import JOURNAL_FILE, noted
from publicgsb.platform.server.cli import main
from publicgsb.platform.server.settings import Settings

Gsb = Callable[..., Any]

CONTRACT = """
agency: geo
dataset: countries
version: "1.0.0"
recordName: Country
title: { fa: "کشورها", en: "Countries" }
description: { fa: "نمونه", en: "Sample" }
access: open
licence: CC0-1.0
attribution: "Made by hand"
source: { name: "Hand-made", year: 2026 }
theme: transport
cadence: once
contact: tests@publicgsb.example
primaryKey: [code]
fields:
  - { name: code, type: string, label: { fa: "کد", en: "Code" }, constraints: { required: true }, filters: [eq] }
"""


class Terminal:
    def __init__(self, settings: Settings, folder: Path) -> None:
        assert settings.database_url and settings.redis_url and settings.pepper
        self._environment = {
            "GSB_DATABASE_URL": settings.database_url.get_secret_value(),
            "GSB_REDIS_URL": settings.redis_url.get_secret_value(),
            "GSB_STATE_DIR": str(settings.state_dir),
            "GSB_PEPPER": settings.pepper.get_secret_value(),
        }
        self.folder = folder

    def run(self, *arguments: str, code: int = 0, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, ["--json", *arguments], env=self._environment, input=stdin)
        assert result.exit_code == code, result.output
        return result

    def json(self, *arguments: str, stdin: str | None = None) -> Any:
        return json.loads(self.run(*arguments, stdin=stdin).stdout)

    def refused(self, *arguments: str, code: int, stdin: str | None = None) -> str:
        reason: str = json.loads(self.run(*arguments, code=code, stdin=stdin).stderr.splitlines()[-1])["error"][
            "details"
        ]["reason"]
        return reason

    def key(self, person: str, role: str) -> str:
        made = self.json("agency", "key", "geo", "--person", person, "--email", f"{person}@x.example", "--role", role)
        return str(made["key"])

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def terminal(settings: Settings, tmp_path: Path) -> Terminal:
    made = Terminal(settings, tmp_path)
    made.run("agency", "add", "geo", "--name-fa", "جغرافیا", "--name-en", "Geography")
    made.run("dataset", "add", made.file("contract.yaml", CONTRACT))
    made.run("dataset", "release", "geo/countries", made.file("first.csv", "code\nIR\n"))
    return made


def test_a_file_is_handed_in_with_a_personal_key_and_shown_to_the_operator(terminal: Terminal) -> None:
    terminal.run("agency", "set", "geo", "--review", "required")
    rows = terminal.file("rows.csv", "code\nIR\nTR\n")
    assert terminal.refused("dataset", "release", "geo/countries", rows, code=3) == "review_required"
    publisher = terminal.key("Parisa", "publisher")
    made = terminal.json("release", "submit", "geo/countries", rows, "--draft", "--key", "-", stdin=publisher)
    assert (made["state"], made["submittedBy"]) == ("draft", "Parisa")
    sent = terminal.json("release", "submit-draft", made["id"], "--key", "-", stdin=publisher)
    assert sent["state"] == "validating"
    listed = terminal.json("release", "list", "--agency", "geo", "--state", "validating")
    assert [one["id"] for one in listed] == [made["id"]]
    page = terminal.folder / "page.html"
    terminal.run("release", "review", made["id"], "--html", str(page))
    assert made["id"] in page.read_text(encoding="utf-8")


def test_only_a_reviewers_key_decides(terminal: Terminal) -> None:
    publisher, reviewer = terminal.key("Parisa", "publisher"), terminal.key("Reza", "reviewer")
    rows = terminal.file("rows.csv", "code\nIR\n")
    made = terminal.json("release", "submit", "geo/countries", rows, "--key", "-", stdin=publisher)["id"]
    refused = terminal.refused("release", "approve", made, "--key", "-", stdin=publisher, code=3)
    assert refused == "own_submission"
    assert terminal.refused("release", "approve", made, "--key", "-", stdin=reviewer, code=5) == "state"
    nobody = terminal.run("release", "approve", made, "--key", "-", stdin="gsba_nonsense", code=1)
    assert "gsba_nonsense" not in nobody.output


def test_the_operator_recalls_and_a_restore_would_know_of_it(terminal: Terminal, settings: Settings) -> None:
    terminal.run("dataset", "release", "geo/countries", terminal.file("second.csv", "code\nTR\n"))
    why = ("--reason-fa", "دادهٔ شخصی", "--reason-en", "Personal data")
    done = terminal.json("release", "recall", "geo/countries", "2", *why)
    assert (done["state"], done["effective"], done["current"], done["isNew"]) == ("recalled", "everywhere", 1, True)
    states = {one["release"]: one["state"] for one in terminal.json("dataset", "list", "geo/countries")}
    assert states == {1: "current", 2: "recalled"}
    again = terminal.json("release", "recall", "geo/countries", "2", *why)
    assert not again["isNew"]
    assert {line.seq for line in noted(settings.state_dir / JOURNAL_FILE)} == {2}  # also of the repetition


def test_a_person_of_the_agency_recalls_with_their_own_key_and_nobody_elses(terminal: Terminal) -> None:
    terminal.run("dataset", "release", "geo/countries", terminal.file("second.csv", "code\nTR\n"))
    terminal.run("agency", "add", "air", "--name-fa", "هوا", "--name-en", "Air")
    other = terminal.json("agency", "key", "air", "--person", "Omid", "--email", "o@x.example")["key"]
    why = ("--reason-fa", "دادهٔ شخصی", "--reason-en", "Personal data", "--key", "-")
    assert terminal.refused("release", "recall", "geo/countries", "2", *why, stdin=other, code=3) == "other_agency"
    done = terminal.json("release", "recall", "geo/countries", "2", *why, stdin=terminal.key("Reza", "reviewer"))
    assert done["isNew"]
    entries = terminal.json("audit", "list", "--subject", "geo/countries")
    actor = next(one["actor"] for one in entries if one["action"] == "release.recall")
    assert actor.startswith("person:")


def test_a_dataset_is_deprecated_and_stays_after_all(terminal: Terminal) -> None:
    why = ("--reason-fa", "جایگزین", "--reason-en", "Replaced")
    assert terminal.refused("dataset", "deprecate", "geo/countries", code=2) == "settings"
    done = terminal.json("dataset", "deprecate", "geo/countries", "--sunset", "2099-03-20", *why)
    assert (done["state"], done["sunset"]) == ("deprecated", "2099-03-20")
    assert [one["state"] for one in terminal.json("dataset", "list")] == ["deprecated"]
    assert terminal.json("dataset", "deprecate", "geo/countries", "--undo")["state"] == "active"
