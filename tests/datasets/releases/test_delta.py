"""A release made of the one before it and a file of changes is what a file of all its rows would have made."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.datasets.conftest import column
from tests.datasets.releases.test_service import COUNTRIES, REASON, rows_of

from publicgsb.datasets import registry_store
from publicgsb.datasets.privacy.model import Finding
from publicgsb.datasets.privacy.report import PrivacyReport
from publicgsb.datasets.privacy.watching import RowWatch
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases import delta, store
from publicgsb.datasets.releases.model import Outcome, Stage
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.service import list_releases, release_file, rollback, withdraw
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, DatasetWithdrawn, InvalidRequest

Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Outcome]]
Documents = Callable[..., dict[str, Any]]
NAME = "standards/countries"
HEAD = ["code", "name"]


async def current(connections: Connections) -> tuple[Registry, list[tuple[Any, ...]]]:
    async with connections.use() as connection:
        registry = await load_registry(connection)
    release = registry.dataset("standards", "countries").current
    assert release is not None
    return registry, await rows_of(connections, release.table)


def changes_of(outcome: Outcome) -> dict[str, Any] | None:
    changes: dict[str, Any] | None = outcome.report.as_json()["changes"]
    return changes


@pytest.fixture
async def countries(declare: Declare, country: Documents, release: Release) -> None:
    await declare(country())
    await release(NAME, COUNTRIES)


async def test_appended_rows_follow_those_that_were_there(
    connections: Connections, countries: None, release: Release
) -> None:
    outcome = await release(NAME, [HEAD, ["DE", "Germany"], ["FR", "France"]], Mode.APPEND)
    assert changes_of(outcome) == {"mode": "append", "base": 1, "added": 2, "replaced": 0}
    _, rows = await current(connections)
    assert rows == [("IR", "Iran", 1), ("JP", "Japan", 2), ("DE", "Germany", 3), ("FR", "France", 4)]


async def test_an_upserted_row_takes_the_place_of_its_key_or_is_added(
    connections: Connections, countries: None, release: Release
) -> None:
    outcome = await release(NAME, [HEAD, ["DE", "Germany"], ["IR", "ایران"]], Mode.UPSERT)
    assert changes_of(outcome) == {"mode": "upsert", "base": 1, "added": 1, "replaced": 1}
    _, rows = await current(connections)
    assert rows == [("IR", "ایران", 1), ("JP", "Japan", 2), ("DE", "Germany", 3)]


async def test_a_correction_replaces_and_is_recorded_with_the_release(
    connections: Connections, countries: None, release: Release
) -> None:
    await release(NAME, [HEAD, ["JP", "Nippon"]], Mode.CORRECTION)
    line = (await list_releases(connections, "standards", "countries"))[0]
    assert (line.seq, line.change_kind, line.added, line.replaced, line.rows) == (2, "correction", 0, 1, 2)


@pytest.mark.parametrize(
    ("mode", "rows", "found"),
    [
        (Mode.APPEND, [["DE", "Germany"], ["IR", "x"]], [(2, "primary-key")]),
        (Mode.CORRECTION, [["IR", "x"], ["DE", "Germany"]], [(2, "primary-key")]),
        (Mode.UPSERT, [["DE", "x"], ["FR", "y"], ["DE", "z"]], [(3, "primary-key")]),
        (Mode.APPEND, [["DE", "Germany"], ["FR", "Japan"]], [(2, "unique-error")]),
        (Mode.UPSERT, [["DE", "Germany"], ["JP", "Iran"]], [(2, "unique-error")]),
    ],
)
async def test_what_a_mode_does_not_allow_is_told_by_the_rows_of_the_file(
    connections: Connections, declare: Declare, country: Documents, release: Release,
    mode: Mode, rows: list[list[str]], found: list[tuple[int, str]],
) -> None:  # fmt: skip
    await declare(country(uniqueKeys=[["name"]]))
    await release(NAME, COUNTRIES)
    outcome = await release(NAME, [HEAD, *rows], mode)
    assert outcome.release is None
    assert [(error.row, str(error.code)) for error in outcome.report.errors] == found
    assert (await current(connections))[0].dataset("standards", "countries").current.seq == 1  # type: ignore[union-attr]


async def test_a_clash_of_rows_that_are_not_in_the_file_has_no_row_number(
    declare: Declare, country: Documents, release: Release
) -> None:
    """The second of the two is row 3 of the release, which the sender has never seen as a row 3."""
    await declare(country(uniqueKeys=[["name"]]))
    await release(NAME, [*COUNTRIES, ["DE", "Germany"]])
    (error,) = (await release(NAME, [HEAD, ["IR", "Germany"]], Mode.CORRECTION)).report.errors
    assert (error.row, str(error.code)) == (None, "unique-error")


async def test_the_hash_is_that_of_one_file_with_all_the_rows(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    fields = [
        column("code"), column("n", "number"), column("m", "number", format="decimal"), column("t", "datetime"),
        column("b", "boolean"), column("d", "date"), column("y", "year"), column("text"),
    ]  # fmt: skip
    await declare(country(fields=fields, orderings=None))
    head = ["code", "n", "m", "t", "b", "d", "y", "text"]
    rows = [
        ["a", "1", "1.50", "2026-01-02T08:30:00Z", "true", "2026-03-21", "1404", "a\tb\\c\nd\x0b\x08\x0c\\v"],
        ["b", "1e300", "-0.0", "2026-01-02T08:30:00.25+03:30", "false", "0999-01-01", "", "ی"],
        ["c", "-0", "", "", "", "", "", ""],
        ["d", "0.1", "12345678901234567890.000", "1999-12-31T23:59:59.000001Z", "1", "2026-11-27", "1405", "x"],
    ]
    whole = await release(NAME, [head, *rows])
    await release(NAME, [head, *rows[:2]])
    appended = await release(NAME, [head, *rows[2:]], Mode.APPEND)
    assert whole.release is not None and appended.release is not None
    assert appended.release.sha256 == whole.release.sha256
    corrected = await release(NAME, [head, rows[1]], Mode.CORRECTION)
    assert corrected.release is not None and corrected.release.sha256 == whole.release.sha256


async def test_the_gate_does_not_stop_the_loop_that_awaits_it(
    countries: None, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()

    class Watch(RowWatch):
        def observe(self, copied: Mapping[str, Sequence[str]]) -> None:
            threads.add(threading.current_thread().name)
            super().observe(copied)

        def report(self, findings: Iterable[Finding]) -> PrivacyReport:
            threads.add(threading.current_thread().name)
            return super().report(findings)

    monkeypatch.setattr(delta, "RowWatch", Watch)
    assert (await release(NAME, [HEAD, ["DE", "Germany"]], Mode.APPEND)).release is not None
    assert threads and threading.current_thread().name not in threads


async def test_hidden_columns_come_along(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    fields = [column("code"), column("name", filters=["contains"])]
    ordering = {"name": "name", "fields": ["name"], "alphabet": "persian"}
    await declare(country(fields=fields, search=["name"], orderings=[ordering]))
    rows = [["a", "علی‌آباد"], ["b", "كوير"]]
    await release(NAME, [HEAD, *rows])
    whole = (await current(connections))[1]
    await release(NAME, [HEAD, rows[0]])
    await release(NAME, [HEAD, rows[1]], Mode.APPEND)
    assert (await current(connections))[1] == whole


async def test_rows_without_a_key_can_only_be_appended(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country(primaryKey=None))
    await release(NAME, COUNTRIES)
    await release(NAME, [HEAD, ["IR", "Iran"]], Mode.APPEND)
    assert (await current(connections))[1] == [("IR", "Iran", 1), ("JP", "Japan", 2), ("IR", "Iran", 3)]
    with pytest.raises(InvalidRequest, match="no primaryKey"):
        await release(NAME, COUNTRIES, Mode.UPSERT)


async def test_without_a_current_release_there_is_nothing_to_build_on(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    with pytest.raises(Conflict, match="no current release"):
        await release(NAME, COUNTRIES, Mode.APPEND)
    await release(NAME, COUNTRIES)
    await withdraw(connections, "standards", "countries", REASON, "test")
    with pytest.raises(DatasetWithdrawn):
        await release(NAME, COUNTRIES, Mode.APPEND)


async def test_a_contract_that_reads_rows_otherwise_begins_with_a_whole_file(
    declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release(NAME, COUNTRIES)
    words = [column("code", filters=["eq", "in"]), column("name", label={"fa": "نام", "en": "Called"})]
    await declare(country(version="1.1.0", fields=[*words[:1], column("name", filters=["eq", "startsWith"])]))
    assert (await release(NAME, [HEAD, ["DE", "x"]], Mode.APPEND)).release is not None
    more = [*country()["fields"], column("area", "number")]
    await declare(country(version="1.2.0", fields=[column("code", filters=["eq", "in"]), *more[1:]]))
    with pytest.raises(Conflict, match="reads rows otherwise"):
        await release(NAME, [[*HEAD, "area"], ["FR", "x", "1"]], Mode.APPEND)


async def test_a_rollback_moves_the_ground_and_the_next_file_builds_on_it(
    connections: Connections, countries: None, release: Release
) -> None:
    await release(NAME, [HEAD, ["DE", "Germany"]], Mode.APPEND)
    await rollback(connections, "standards", "countries", 1, "test")
    outcome = await release(NAME, [HEAD, ["FR", "France"]], Mode.APPEND)
    assert changes_of(outcome) == {"mode": "append", "base": 1, "added": 1, "replaced": 0}


async def test_a_rollback_in_the_middle_refuses_the_file(
    connections: Connections, countries: None, release: Release, state_dir: Path, write_csv: Callable[..., Path]
) -> None:
    await release(NAME, [*COUNTRIES, ["DE", "Germany"]])
    registry, _ = await current(connections)
    entry = registry.dataset("standards", "countries")
    swapping = asyncio.Event()

    def told(stage: Stage, *_: int) -> None:
        if stage is Stage.SWAPPING:
            swapping.set()

    async with connections.transaction() as connection:
        await registry_store.lock(connection)  # the swap waits for it
        path = write_csv([HEAD, ["FR", "France"]])
        work = release_file(
            connections, state_dir, "standards", "countries", path, "test", mode=Mode.APPEND, progress=told
        )
        task = asyncio.create_task(work)
        await swapping.wait()
        version = await registry_store.next_version(connection, schema_changed=False)
        await store.set_current(connection, entry.id, version, entry.releases[1].id)
    with pytest.raises(Conflict, match="no longer the current"):
        await task


async def test_personal_data_cannot_come_in_a_few_rows_at_a_time(
    declare: Declare, country: Documents, release: Release
) -> None:
    """Four national ids are too few to judge a column by; they are judged with those that are there."""
    await declare(country())
    ids = [f"{n:09}" for n in range(100_200_300, 100_200_320)]
    rows = [[f"c{at}", one + _check(one)] for at, one in enumerate(ids)]
    outcomes = [await release(NAME, [HEAD, *rows[:4]])]
    outcomes += [await release(NAME, [HEAD, *rows[at : at + 4]], Mode.APPEND) for at in (4, 8, 12)]
    assert outcomes[0].release is not None
    refused = next(outcome for outcome in outcomes if outcome.release is None)
    assert any(finding.is_blocking for finding in refused.report.findings)


def _check(nine: str) -> str:
    rest = sum(int(digit) * (10 - at) for at, digit in enumerate(nine)) % 11
    return str(rest if rest < 2 else 11 - rest)
