"""The demo's releases: what their sources published before comes first, and what is released once is not again."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from publicgsb.datasets.releases.service import list_releases
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.demo.plan import DEMO, DemoDataset
from publicgsb.platform.server.demo.prepare import extract
from publicgsb.platform.server.demo.release import missing, release_all
from publicgsb.platform.server.demo.sources import Source

Archives: TypeAlias = Callable[[Path], Mapping[Source, Path]]

COUNTRIES, AIRPORTS = (
    next(one for one in DEMO if (one.agency, one.dataset) == name)
    for name in (("standards", "countries"), ("aviation", "airports"))
)


@pytest.fixture
def folder(archives: Archives, tmp_path: Path) -> Path:
    extract(archives(tmp_path), tmp_path / "csv", lambda _: None)
    return tmp_path / "csv"


async def release(connections: Connections, folder: Path, *wanted: DemoDataset) -> list[str]:
    said: list[str] = []
    silent = lambda *_: None  # noqa: E731
    await release_all(connections, folder.parent / "state", folder, list(wanted), said.append, lambda _: silent)
    return said


async def test_the_earlier_state_of_the_source_is_released_first(connections: Connections, folder: Path) -> None:
    said = await release(connections, folder, COUNTRIES, AIRPORTS)
    assert said[0].startswith("  standards/countries: 1 records")
    assert [line.split(":")[0] for line in said[1:]] == [
        "  aviation/airports, release 1",
        "  aviation/airports, release 2",
    ]
    assert not {COUNTRIES, AIRPORTS} & set(await missing(connections))


async def test_a_start_that_was_cut_off_between_two_releases_goes_on_with_the_second(
    connections: Connections, folder: Path
) -> None:
    await release(connections, folder, COUNTRIES, replace(AIRPORTS, csv=AIRPORTS.earlier[0], earlier=()))
    assert AIRPORTS in await missing(connections)
    assert [line.split(":")[0] for line in await release(connections, folder, AIRPORTS)] == [
        "  aviation/airports, release 2"
    ]
    assert [line.seq for line in await list_releases(connections, "aviation", "airports")] == [2, 1]
