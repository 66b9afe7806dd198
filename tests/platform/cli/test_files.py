"""`gsb dataset files` and `export` at a terminal: what a release has, made here if need be, and some of it alone."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.processes import gsb, settings_env
from tests.schema.worlds import found

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings


@pytest.fixture
async def world(connections: Connections, state_dir: Path) -> None:
    await found(connections, state_dir)


async def _run(settings: Settings, *arguments: str, exit_code: int = 0) -> Any:
    return await asyncio.to_thread(gsb, settings_env(settings), "dataset", "files", *arguments, exit_code=exit_code)


@pytest.mark.prove
async def test_files_are_listed_once_they_are_made_and_can_be_made_here(settings: Settings, world: None) -> None:
    assert await _run(settings, "air/airports") == []
    made = await _run(settings, "air/airports", "--make")
    assert [(one["file"], one["rows"]) for one in made] == [
        ("part-00001.parquet", 6), ("part-00001.csv", 6), ("data.xlsx", 6),
    ]  # fmt: skip
    assert await _run(settings, "air/airports", "--release", "1") == made


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [(("airports",), 3), (("air/nothing",), 4), (("air/airports", "--release", "9"), 4)],
)
async def test_what_is_not_there_is_said(
    settings: Settings, world: None, arguments: tuple[str, ...], exit_code: int
) -> None:
    await _run(settings, *arguments, exit_code=exit_code)


@pytest.mark.prove
async def test_some_of_a_release_is_written_into_a_folder_once(settings: Settings, world: None, tmp_path: Path) -> None:
    where = '{"country_code": {"eq": "IR"}, "elevation": {"gte": 3305}}'
    asked = ("export", "air/airports", str(tmp_path / "out"), "--format", "csv", "--field", "icao", "--where", where)
    (part,) = await asyncio.to_thread(gsb, settings_env(settings), "dataset", *asked)
    written = (tmp_path / "out" / "part-00001.csv").read_bytes()
    assert (part["rows"], written) == (3, b"icao\r\nOIIE\r\nOIII\r\nOIYY\r\n")
    await asyncio.to_thread(gsb, settings_env(settings), "dataset", *asked, exit_code=3)


@pytest.mark.parametrize("where", ["{", "[]", '{"manager": {"eq": "x"}}', '{"icao": {"like": "x"}}'])
async def test_an_export_of_what_is_not_there_is_refused(
    settings: Settings, world: None, tmp_path: Path, where: str
) -> None:
    asked = ("export", "air/airports", str(tmp_path), "--where", where)
    await asyncio.to_thread(gsb, settings_env(settings), "dataset", *asked, exit_code=3)
    assert list(tmp_path.iterdir()) == []
