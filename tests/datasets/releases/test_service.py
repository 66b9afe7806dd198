"""A file becomes the current release, whole or not at all."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry import DatasetState, Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.model import Outcome
from publicgsb.datasets.releases.service import list_releases, release_file, rollback, withdraw
from publicgsb.datasets.releases.session import releasing
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, DatasetWithdrawn, NotFound

COUNTRIES = [["code", "name"], ["IR", "Iran"], ["JP", "Japan"]]
AIRPORTS = [
    ["icao", "name", "country", "elevation"],
    ["OIIE", "Tehran", "IR", "1007"],
    ["RJTT", "Tokyo", "JP", ""],
    ["KJFK", "New York", "US", "4"],
]
REASON = Label("خطا در داده", "Wrong data")

Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Outcome]]
Documents = Callable[..., dict[str, Any]]


async def registry_of(connections: Connections, previous: Registry | None = None) -> Registry:
    async with connections.use() as connection:
        return await load_registry(connection, previous)


async def rows_of(connections: Connections, table: str) -> list[tuple[Any, ...]]:
    async with connections.use() as connection:
        return [tuple(row) for row in await connection.fetch(f'select * from released."{table}" order by _row')]


async def test_a_released_file_is_the_current_release_in_the_registry(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    before = await registry_of(connections)
    outcome = await release("standards/countries", COUNTRIES)
    after = await registry_of(connections, before)
    current = after.dataset("standards", "countries").current
    assert outcome.release is not None and current is not None
    assert (current.seq, current.rows, current.sha256) == (1, 2, outcome.release.sha256)
    assert after.version == before.version + 1 == outcome.release.version
    assert after.schema_version == before.schema_version + 1  # the first release makes the dataset a field
    assert current.columns == {"code", "name"}
    assert await rows_of(connections, current.table) == [("IR", "Iran", 1), ("JP", "Japan", 2)]


async def test_a_file_with_errors_releases_nothing_and_changes_nothing(
    connections: Connections, declare: Declare, country: Documents, release: Release, state_dir: Path
) -> None:
    await declare(country())
    before = await registry_of(connections)
    outcome = await release("standards/countries", [*COUNTRIES, ["DE"]])
    assert outcome.release is None and outcome.report.errors_total == 1
    assert await registry_of(connections) == before
    assert list((state_dir / "loading").iterdir()) == []


async def test_a_repeated_key_is_told_with_the_numbers_of_both_rows(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country(uniqueKeys=[["name"]]))
    outcome = await release("standards/countries", [*COUNTRIES, ["IR", "Japan"]])
    assert outcome.release is None
    assert {str(error.code): error.row for error in outcome.report.errors} == {"primary-key": 3, "unique-error": 3}
    assert "row 1" in outcome.report.errors[0].message.en
    assert "Iran" not in str(outcome.report.as_json())


async def test_links_have_a_match_rate_on_both_sides_of_a_release(
    connections: Connections, declare: Declare, country: Documents, airport: Documents, release: Release
) -> None:
    await declare(country())
    await declare(airport())
    await release("standards/countries", COUNTRIES)
    await release("aviation/airports", AIRPORTS)
    first = (await registry_of(connections)).dataset("aviation", "airports").link_rates["countryRecord"]
    await release("standards/countries", [*COUNTRIES, ["US", "United States"]])
    second = (await registry_of(connections)).dataset("aviation", "airports").link_rates["countryRecord"]
    assert (first.rows, first.matched) == (3, 2)
    assert (second.rows, second.matched) == (3, 3)


async def test_a_link_that_finds_nothing_refuses_the_release(
    connections: Connections, declare: Declare, country: Documents, airport: Documents, release: Release
) -> None:
    await declare(country())
    await declare(airport())
    await release("standards/countries", COUNTRIES)
    outcome = await release("aviation/airports", [AIRPORTS[0], ["OIIE", "Tehran", "98", "1007"]])
    assert outcome.release is None
    assert [str(error.code) for error in outcome.report.errors] == ["foreign-key"]


async def test_a_release_that_breaks_the_link_of_another_dataset_is_refused(
    declare: Declare, country: Documents, airport: Documents, release: Release
) -> None:
    await declare(country())
    await declare(airport())
    await release("standards/countries", COUNTRIES)
    await release("aviation/airports", AIRPORTS)
    outcome = await release("standards/countries", [COUNTRIES[0], ["364", "Iran"]])
    assert outcome.release is None
    assert "countryRecord" in outcome.report.errors[0].message.en


async def test_two_releases_of_one_dataset_at_once_conflict(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    async with releasing(connections, "standards", "countries"):
        with pytest.raises(Conflict):
            await release("standards/countries", COUNTRIES)
    assert (await release("standards/countries", COUNTRIES)).release is not None


async def test_rollback_makes_an_earlier_release_current_under_a_new_version(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", COUNTRIES)
    await release("standards/countries", COUNTRIES[:2])
    swapped = await rollback(connections, "standards", "countries", 1, "test")
    registry = await registry_of(connections)
    entry = registry.dataset("standards", "countries")
    assert entry.current is not None and entry.current.seq == 1
    assert registry.version == swapped.version
    assert registry.version_of_release(entry, 1) == registry.version
    assert registry.version_of_release(entry, 2) == registry.version - 1
    earlier = registry.bind(entry, registry.version - 1)
    assert earlier is not None and earlier.seq == 2


async def test_rollback_to_a_release_that_never_was_is_not_found(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", COUNTRIES)
    with pytest.raises(NotFound):
        await rollback(connections, "standards", "countries", 7, "test")


async def test_a_withdrawn_dataset_has_no_current_release_and_takes_no_file(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", COUNTRIES)
    await withdraw(connections, "standards", "countries", REASON, "test")
    entry = (await registry_of(connections)).dataset("standards", "countries")
    assert (entry.state, entry.withdrawn_reason, entry.current) == (DatasetState.WITHDRAWN, REASON, None)
    with pytest.raises(DatasetWithdrawn):
        await release("standards/countries", COUNTRIES)
    await rollback(connections, "standards", "countries", 1, "test")
    assert (await registry_of(connections)).dataset("standards", "countries").current is not None


async def test_a_link_to_its_own_dataset_is_counted_within_the_new_release(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    document = country()
    document["fields"].append({"name": "parent", "type": "string", "label": {"fa": "والد", "en": "Parent"}})
    document["links"] = [
        {
            "name": "parentRecord",
            "fields": ["parent"],
            "to": "standards/countries",
            "toFields": ["code"],
            "reverse": "children",
            "label": {"fa": "والد", "en": "Parent"},
        }
    ]
    await declare(document)
    await release("standards/countries", [["code", "name", "parent"], ["A", "a", ""], ["B", "b", "A"], ["C", "c", "X"]])
    rate = (await registry_of(connections)).dataset("standards", "countries").link_rates["parentRecord"]
    assert (rate.rows, rate.matched) == (2, 1)


async def test_the_history_of_a_dataset_lists_its_releases_newest_first(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", COUNTRIES)
    await release("standards/countries", COUNTRIES[:2])
    lines = await list_releases(connections, "standards", "countries")
    assert [(line.seq, line.rows, line.is_current) for line in lines] == [(2, 1, True), (1, 2, False)]


async def test_a_dataset_that_nobody_declared_takes_no_file(
    connections: Connections, state_dir: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        await release_file(connections, state_dir, "no", "such", tmp_path / "x.csv", "test")


async def test_a_text_that_no_index_can_hold_is_told_with_its_row(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    before = await registry_of(connections)
    long = "".join(chr(97 + (at * at) % 26) + str(at) for at in range(3_000))
    outcome = await release("standards/countries", [("code", "name"), ("IR", "Iran"), ("JP", long)])
    assert outcome.release is None
    (error,) = outcome.report.errors
    assert (error.row, error.field, str(error.code)) == (2, "name", "constraint-error")
    assert long[:20] not in outcome.report.as_csv()
    assert (await registry_of(connections)).version == before.version
