"""The gate as an agency and its reviewer meet it at a terminal."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from publicgsb.datasets.privacy.pack import load_pack
from publicgsb.platform.server.cli import main
from publicgsb.platform.server.settings import Settings

CONTRACT: dict[str, Any] = {
    "agency": "roads", "dataset": "signs", "version": "1.0.0", "recordName": "Sign",
    "title": {"fa": "تابلوها", "en": "Signs"}, "description": {"fa": "تابلوهای راه", "en": "Road signs"},
    "licence": "CC0-1.0", "attribution": "Roads", "source": {"name": "Roads"}, "theme": "transport",
    "cadence": "yearly", "contact": "data@roads.example",
    "fields": [
        {"name": "code", "type": "string", "label": {"fa": "کد", "en": "Code"}},
        {"name": "keeper", "type": "string", "label": {"fa": "نگهبان", "en": "Keeper"}},
    ],
}  # fmt: skip
MOBILES = [f"0912{1_000_000 + 7919 * at}" for at in range(40)]


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    assert settings.database_url and settings.redis_url and settings.pepper
    return {
        "GSB_DATABASE_URL": settings.database_url.get_secret_value(),
        "GSB_REDIS_URL": settings.redis_url.get_secret_value(),
        "GSB_STATE_DIR": str(settings.state_dir),
        "GSB_PEPPER": settings.pepper.get_secret_value(),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "signs.json").write_text(json.dumps(CONTRACT, ensure_ascii=False), encoding="utf-8")
    lines = [f"s{at},{mobile}" for at, mobile in enumerate(MOBILES)]
    (tmp_path / "signs.csv").write_text("code,keeper\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def gsb(environment: dict[str, str], *arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments], env=environment)
    assert result.exit_code == code, result.output
    return result


def test_a_personal_column_is_refused_and_released_as_proposed_with_its_certificate(
    environment: dict[str, str], folder: Path
) -> None:
    proposed, page = folder / "better.json", folder / "page.html"
    refused = gsb(
        environment, "dataset", "validate", folder / "signs.json", folder / "signs.csv", "--proposed", proposed, code=3
    )
    assert "keeper: transform (mobile 40/40, IR-PD-H.2) → prefix(4)" in refused.output
    gsb(environment, "agency", "add", "roads", "--name-fa", "راه‌ها", "--name-en", "Roads")
    gsb(environment, "dataset", "add", proposed)
    gsb(environment, "dataset", "release", "roads/signs", folder / "signs.csv")
    told = json.loads(gsb(environment, "--json", "dataset", "certificate", "roads/signs", "--html", page).stdout)
    assert told["certificate"]["release"] == 1 and told["signature"].count(".") == 2
    assert "گواهی انتشار" in page.read_text(encoding="utf-8")
    assert not any(mobile in json.dumps(told) for mobile in MOBILES)
    short = gsb(environment, "dataset", "certificate", "roads/signs", "1").output
    assert f"iran {load_pack().version}" in short and "transform (prefix 4)" in short


def test_a_clean_file_needs_no_other_contract(environment: dict[str, str], folder: Path) -> None:
    (folder / "signs.csv").write_text("code,keeper\ns1,nobody\n", encoding="utf-8")
    told = gsb(
        environment, "dataset", "validate", folder / "signs.json", folder / "signs.csv", "--proposed", folder / "new"
    )
    assert "proposes no change" in told.output
    assert not (folder / "new").exists()


def test_a_dataset_without_a_release_has_no_certificate(environment: dict[str, str], folder: Path) -> None:
    gsb(environment, "agency", "add", "roads", "--name-fa", "راه‌ها", "--name-en", "Roads")
    gsb(environment, "dataset", "add", folder / "signs.json")
    gsb(environment, "dataset", "certificate", "roads/signs", code=4)
