"""What an interrupted start or removal left behind is never taken for data, and data never for remains."""

from pathlib import Path

import pytest
from tests.platform.engines.users import query

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.engines.home import find_home
from publicgsb.platform.server.settings import Settings


def test_a_half_made_data_folder_is_made_anew(engine_settings: Settings, base: Path) -> None:
    home = find_home(engine_settings.state_dir, base)
    engine_settings.state_dir.mkdir()
    home.make()
    (home.folder / "postgres.new" / "base").mkdir(parents=True)
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select 1") == 1


def test_data_whose_version_is_missing_are_never_set_aside_and_come_back_with_it(
    engine_settings: Settings, base: Path
) -> None:
    with Engines(engine_settings, system_folder=base) as engines:
        query(engines.database_url, "create table kept as select 1")
    data = find_home(engine_settings.state_dir, base).folder / "postgres"
    (data / "PG_VERSION").rename(data.with_name("version"))
    for _ in range(2):
        with pytest.raises(Unavailable, match=f"{data} holds data") as refusal:
            Engines(engine_settings, system_folder=base).enter()
        assert "Restore a backup" in str(refusal.value.hint)
    data.with_name("version").rename(data / "PG_VERSION")
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select to_regclass('kept')::text") == "kept"


def test_what_an_interrupted_initdb_left_is_set_aside_and_that_is_said(
    engine_settings: Settings, base: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = find_home(engine_settings.state_dir, base)
    engine_settings.state_dir.mkdir()
    home.make()
    (home.folder / "postgres" / "base" / "1").mkdir(parents=True)
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select 1") == 1
    assert (home.folder / "postgres.rest" / "base").is_dir()
    assert str(home.folder / "postgres.rest") in caplog.text


def test_temporary_data_without_a_version_are_set_aside(engine_settings: Settings, base: Path) -> None:
    home = find_home(engine_settings.state_dir, base)
    engine_settings.state_dir.mkdir()
    home.make()
    (home.folder / "postgres").mkdir()
    (home.folder / "postgres" / "rest").write_text("of a killed test")
    with Engines(engine_settings, system_folder=base, is_temporary=True) as engines:
        assert query(engines.database_url, "select 1") == 1


def test_a_removal_that_is_interrupted_leaves_nothing_that_is_taken_for_data(
    engine_settings: Settings, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Engines(engine_settings, system_folder=base):
        pass
    home = find_home(engine_settings.state_dir, base)
    with monkeypatch.context() as cut:
        cut.setattr("publicgsb.platform.server.engines.home.shutil.rmtree", lambda *_, **__: None)
        home.remove()
    assert not home.folder.exists() and home.folder.with_name(f"{home.folder.name}.removed").is_dir()
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select 1") == 1
    assert not home.folder.with_name(f"{home.folder.name}.removed").exists()
