"""Old releases are kept as long as promised, and dropped only when nobody can be reading them."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import rollback
from publicgsb.datasets.releases.sweep import sweep
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import ReleaseGone

ROWS = [["code", "name"], ["IR", "Iran"]]


@pytest.fixture
async def five_releases(
    connections: Connections,
    declare: Callable[..., Awaitable[Any]],
    country: Callable[..., dict[str, Any]],
    release: Callable[..., Awaitable[Any]],
) -> Registry:
    await declare(country())
    for _ in range(5):
        await release("standards/countries", ROWS)
    return await _registry(connections)


async def _registry(connections: Connections) -> Registry:
    async with connections.use() as connection:
        return await load_registry(connection)


async def _age(connections: Connections, days: int) -> None:
    async with connections.use() as connection:
        await connection.execute("update gsb.release set published_at = now() - make_interval(days => $1)", days)


async def _tables(connections: Connections) -> list[str]:
    async with connections.use() as connection:
        rows = await connection.fetch("select tablename from pg_tables where schemaname = 'released' order by 1")
    return [row["tablename"].rpartition("__")[2] for row in rows]


async def test_young_releases_stay_however_many_there_are(
    connections: Connections, state_dir: Path, five_releases: Registry
) -> None:
    swept = await sweep(connections, state_dir, grace_seconds=0)
    assert (swept.retired, swept.dropped) == (0, 0)


async def test_the_last_three_stay_however_old_they_are(
    connections: Connections, state_dir: Path, five_releases: Registry
) -> None:
    await _age(connections, 30)
    swept = await sweep(connections, state_dir, grace_seconds=0)
    assert (swept.retired, swept.dropped) == (2, 4)  # and the changed keys of the second and the third
    assert await _tables(connections) == ["r3", "r4", "r4_changes", "r5", "r5_changes"]


async def test_the_current_release_stays_though_it_is_the_oldest(
    connections: Connections, state_dir: Path, five_releases: Registry
) -> None:
    await rollback(connections, "standards", "countries", 1, "test")
    await _age(connections, 30)
    await sweep(connections, state_dir, grace_seconds=0)
    assert await _tables(connections) == ["r1", "r3", "r4", "r4_changes", "r5", "r5_changes"]


async def test_a_release_past_retention_is_gone_by_number_and_by_version(
    connections: Connections, state_dir: Path, five_releases: Registry
) -> None:
    await _age(connections, 30)
    await sweep(connections, state_dir)
    registry = await _registry(connections)
    entry = registry.dataset("standards", "countries")
    assert entry.gone == {1, 2}
    with pytest.raises(ReleaseGone):
        registry.version_of_release(entry, 2)
    first_version = five_releases.dataset("standards", "countries").history[0][0]
    with pytest.raises(ReleaseGone):
        registry.bind(entry, first_version)
    third = registry.version_of_release(entry, 3)
    assert registry.bind(entry, third) == entry.releases[3]


async def test_a_table_stays_while_a_live_process_may_still_read_it(
    connections: Connections, state_dir: Path, five_releases: Registry
) -> None:
    await _age(connections, 30)
    async with connections.use() as connection:
        await connection.execute(
            "insert into gsb.worker (boot_id, kind, pid, host, seen_seq, seen_registry) "
            "values (gen_random_uuid(), 'api', 1, 'h', 0, $1)",
            five_releases.version,
        )
    assert (await sweep(connections, state_dir, grace_seconds=0)).dropped == 0
    async with connections.use() as connection:
        await connection.execute("update gsb.worker set seen_registry = seen_registry + 1")
    assert (await sweep(connections, state_dir, grace_seconds=0)).dropped == 4


async def test_a_table_stays_for_a_request_that_is_reading_it(
    connections: Connections, state_dir: Path, five_releases: Registry
) -> None:
    await _age(connections, 30)
    async with connections.transaction() as connection:
        await connection.execute("select * from released.standards__countries__r1")
        assert (await sweep(connections, state_dir, grace_seconds=0)).dropped == 3
    assert (await sweep(connections, state_dir, grace_seconds=0)).dropped == 1


async def test_a_table_that_no_release_names_is_dropped(
    connections: Connections, state_dir: Path, five_releases: Registry
) -> None:
    async with connections.use() as connection:
        await connection.execute("create table released.left_over__r9 (a int)")
    assert (await sweep(connections, state_dir)).dropped == 1
    assert "r9" not in await _tables(connections)


async def test_a_file_of_a_killed_check_goes_when_no_check_can_be_at_it_any_more(
    connections: Connections, state_dir: Path
) -> None:
    folder = state_dir / "loading"
    folder.mkdir(exist_ok=True)
    old, young = folder / f"0-{'a' * 16}.copy", folder / f"0-{'b' * 16}.copy"
    for path in (old, young):
        path.touch()
    os.utime(old, (0, 0))
    assert (await sweep(connections, state_dir)).files == 1
    assert [path.name for path in folder.iterdir()] == [young.name]
