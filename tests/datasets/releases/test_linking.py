"""What a file's links would find is told before anything is declared or released."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from tests.datasets.releases.test_service import AIRPORTS, COUNTRIES

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.ingest.report import Report
from publicgsb.datasets.releases.model import Outcome
from publicgsb.datasets.releases.service import validate_file
from publicgsb.platform.kernel.database import Connections

Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Outcome]]
Documents = Callable[..., dict[str, Any]]
WriteCsv = Callable[[Iterable[Iterable[object]]], Path]


async def _validated(
    connections: Connections | None, state_dir: Path, document: dict[str, Any], file: Path
) -> dict[str, Any]:
    report: Report = await validate_file(parse(document), state_dir, file, connections=connections)
    return report.as_json() | {"notes": [note.en for note in report.notes]}


async def test_a_file_of_an_undeclared_dataset_is_told_how_its_links_would_match(
    connections: Connections, state_dir: Path, declare: Declare, country: Documents, airport: Documents,
    release: Release, write_csv: WriteCsv,
) -> None:  # fmt: skip
    await declare(country())
    await release("standards/countries", COUNTRIES)
    rows = [*AIRPORTS, ["A1", "x", "12", ""], ["A2", "x", "7-b", ""]]
    told = await _validated(connections, state_dir, airport(), write_csv(rows))
    (link,) = told["links"]
    assert (link["name"], link["rows"], link["matched"], link["unmatchedKeys"]) == ("countryRecord", 5, 2, 3)
    assert {"shape": "99", "keys": 1} in link["unmatchedShapes"]
    assert (told["isReleasable"], told["notes"]) == (True, [])
    async with connections.use() as connection:
        left = await connection.fetchval("select count(*) from pg_tables where tablename like 'check\\_%'")
    assert left == 0


async def test_it_tells_what_the_release_tells(
    connections: Connections, state_dir: Path, declare: Declare, country: Documents, airport: Documents,
    release: Release, write_csv: WriteCsv,
) -> None:  # fmt: skip
    await declare(country())
    await release("standards/countries", COUNTRIES)
    rows = [*AIRPORTS, ["A1", "x", "12", ""]]
    told = await _validated(connections, state_dir, airport(), write_csv(rows))
    await declare(airport())
    assert told["links"] == (await release("aviation/airports", rows)).report.as_json()["links"]


async def test_a_link_that_would_find_nothing_refuses_the_file_as_its_release_would(
    connections: Connections, state_dir: Path, declare: Declare, country: Documents, airport: Documents,
    release: Release, write_csv: WriteCsv,
) -> None:  # fmt: skip
    await declare(country())
    await release("standards/countries", [["code", "name"], ["01", "Iran"]])
    told = await _validated(
        connections, state_dir, airport(), write_csv([AIRPORTS[0], ["OIIE", "x", "1", ""], ["RJTT", "x", "2", ""]])
    )
    assert (told["isReleasable"], told["counts"]) == (False, {"foreign-key": 1})
    assert told["links"][0]["unmatchedShapes"] == [{"shape": "9", "keys": 2}]


async def test_what_cannot_be_looked_at_is_said(
    connections: Connections, state_dir: Path, airport: Documents, country: Documents, write_csv: WriteCsv
) -> None:
    file = write_csv(AIRPORTS)
    assert "no database is configured" in (await _validated(None, state_dir, airport(), file))["notes"][0]
    assert (
        "standards/countries has no release" in (await _validated(connections, state_dir, airport(), file))["notes"][0]
    )
    file_of_countries = write_csv(COUNTRIES)
    broken = write_csv([*AIRPORTS, [*AIRPORTS[1]][:1]])
    assert "once the file has no errors" in (await _validated(connections, state_dir, airport(), broken))["notes"][0]
    assert "keys repeat" in (await _validated(None, state_dir, country(), file_of_countries))["notes"][0]
    without_key = country(primaryKey=None, orderings=None)
    assert (await _validated(None, state_dir, without_key, file_of_countries))["notes"] == []


async def test_rows_that_share_a_key_are_told_as_their_release_would(
    connections: Connections, state_dir: Path, declare: Declare, country: Documents, release: Release,
    write_csv: WriteCsv,
) -> None:  # fmt: skip
    rows = [*COUNTRIES, COUNTRIES[1]]
    told = await _validated(connections, state_dir, country(), write_csv(rows))
    await declare(country())
    refused = (await release("standards/countries", rows)).report.as_json()
    assert (told["isReleasable"], told["counts"]) == (False, {"primary-key": 1})
    assert (told["errors"], told["notes"]) == (refused["errors"], [])
