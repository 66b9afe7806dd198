"""The quality of a dataset at a terminal."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.datasets.conftest import country_document

from publicgsb.platform.server.cli import main
from publicgsb.platform.server.settings import Settings


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    assert settings.database_url and settings.redis_url and settings.pepper
    return {
        "GSB_DATABASE_URL": settings.database_url.get_secret_value(),
        "GSB_REDIS_URL": settings.redis_url.get_secret_value(),
        "GSB_STATE_DIR": str(settings.state_dir),
        "GSB_PEPPER": settings.pepper.get_secret_value(),
    }


def gsb(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def done(environment: dict[str, str], *arguments: str) -> str:
    ran = gsb(environment, *arguments)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


@pytest.fixture
def released(environment: dict[str, str], tmp_path: Path) -> None:
    contract, rows = tmp_path / "countries.json", tmp_path / "rows.csv"
    contract.write_text(json.dumps(country_document(), ensure_ascii=False), encoding="utf-8")
    rows.write_text("code,name\nIR,ایران\nJP,\n", encoding="utf-8")
    done(environment, "agency", "add", "standards", "--name-fa", "استاندارد", "--name-en", "Standards")
    done(environment, "dataset", "add", str(contract))
    done(environment, "dataset", "release", "standards/countries", str(rows), "--as-of", "2026-11-01")


@pytest.mark.usefixtures("released")
def test_the_parts_and_what_is_missed_are_told_with_what_would_raise_them(environment: dict[str, str]) -> None:
    told = done(environment, "dataset", "quality", "standards/countries")
    assert "77.5 of 100" in told and "Fill these fields: name (1 empty)." in told
    assert "300 of 405, good" in told, "nobody has asked its addresses, and its files are not made"
    as_json: dict[str, Any] = json.loads(done(environment, "dataset", "quality", "standards/countries", "--json"))
    assert (as_json["data"]["score"], as_json["mqa"]["points"]) == (77.5, 300)


def test_a_dataset_that_is_not_there_is_not_found(environment: dict[str, str]) -> None:
    assert gsb(environment, "dataset", "quality", "standards/rivers").exit_code == 4
    assert gsb(environment, "dataset", "quality", "rivers").exit_code == 3
