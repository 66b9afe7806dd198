"""`gsb signing`: what an operator sees and does, on a database of its own."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from publicgsb.platform.server.cli import main
from publicgsb.platform.server.settings import Settings


@pytest.fixture
def gsb(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    assert settings.database_url is not None
    assert settings.redis_url is not None
    assert settings.pepper is not None
    monkeypatch.setenv("GSB_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("GSB_REDIS_URL", settings.redis_url.get_secret_value())
    monkeypatch.setenv("GSB_PEPPER", settings.pepper.get_secret_value())
    monkeypatch.setenv("GSB_STATE_DIR", str(settings.state_dir))
    return lambda *words: CliRunner().invoke(main, ["signing", *words, "--json"])


def test_a_rotation_is_told_and_listed_and_a_second_one_conflicts(gsb: Any) -> None:
    rotated = gsb("rotate")
    assert rotated.exit_code == 0, rotated.output
    assert (json.loads(rotated.stdout)["state"], json.loads(rotated.stdout)["effective"]) == ("next", "everywhere")
    listed = json.loads(gsb("list").stdout)
    assert [key["state"] for key in listed] == ["next", "active"]
    assert "sealed" not in json.dumps(listed)
    again = gsb("rotate")
    assert (again.exit_code, json.loads(again.stderr)["error"]["details"]["reason"]) == (5, "signing_next")


def test_distrust_retires_everything_that_was(gsb: Any) -> None:
    gsb("rotate")
    made = json.loads(gsb("rotate", "--distrust").stdout)
    assert made["state"] == "active"
    listed = {key["kid"]: key["state"] for key in json.loads(gsb("list").stdout)}
    assert listed.pop(made["kid"]) == "active"
    assert list(listed.values()) == ["retired", "retired"]
