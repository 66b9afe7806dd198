"""`gsb dataset files` at a terminal: what a release has, and making it where no jobs process runs."""

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
