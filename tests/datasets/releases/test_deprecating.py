"""A dataset on its way out says so everywhere, and is answered until somebody withdraws it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry import DatasetEntry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.deprecating import deprecate, deprecation_headers, undeprecate
from publicgsb.datasets.releases.service import rollback, withdraw
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, DatasetWithdrawn, InvalidRequest
from publicgsb.schema.types.graft import graft, static_schema

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
Release = Callable[..., Awaitable[Any]]

WHY = Label("جای خود را به دیگری می‌دهد.", "Another one takes its place.")
LAST_DAY = date(2099, 3, 20)


@pytest.fixture
async def two(declare: Declare, country: Documents, airport: Documents, release: Release) -> None:
    await declare(country())
    await declare(airport())
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    await release("aviation/airports", [["icao", "name", "country", "elevation"], ["OIIE", "Imam", "IR", "3305"]])


async def go(connections: Connections, successor: str | None = "standards/countries") -> None:
    await deprecate(connections, "aviation", "airports", LAST_DAY, WHY, "person:7 key:k", successor=successor)


async def entry_of(connections: Connections) -> DatasetEntry:
    async with connections.use() as connection:
        return (await load_registry(connection)).dataset("aviation", "airports")


@pytest.mark.usefixtures("two")
async def test_it_is_answered_as_before_and_says_until_when(connections: Connections) -> None:
    await go(connections)
    entry = await entry_of(connections)
    assert (entry.shown_state, entry.current is not None) == ("deprecated", True)
    assert entry.deprecation is not None
    assert (entry.deprecation.sunset_on, entry.deprecation.successor) == (LAST_DAY, "standards/countries")


@pytest.mark.usefixtures("two")
async def test_the_schema_marks_the_way_into_it_and_nothing_else(connections: Connections) -> None:
    before = graft((await registry(connections)), static_schema())
    await go(connections)
    now = await registry(connections)
    after = graft(now, static_schema())
    added = set(after.sdl().splitlines()) - set(before.sdl().splitlines())
    told = "Answered until 2099-03-20: Another one takes its place. Use standards/countries instead."
    assert added and all(f'@deprecated(reason: "{told}")' in line for line in added)
    types = {line.split("): ")[1].split(" @")[0] for line in added}
    assert types == {"AviationAirport", "AviationAirportConnection", "AviationAirportChangeConnection"}
    assert after.shape != before.shape and now.schema_version > 0


async def registry(connections: Connections) -> Any:
    async with connections.use() as connection:
        return await load_registry(connection)


@pytest.mark.usefixtures("two")
async def test_its_headers_are_those_of_the_standards(connections: Connections) -> None:
    await go(connections)
    entry = await entry_of(connections)
    headers = deprecation_headers(entry, "https://gsb.example")
    assert entry.deprecation is not None
    assert headers == {
        "Deprecation": f"@{int(entry.deprecation.at.timestamp())}",
        "Sunset": "Fri, 20 Mar 2099 23:59:59 GMT",
        "Link": '<https://gsb.example/api/v1/agencies/standards/datasets/countries>; rel="successor-version"',
    }


@pytest.mark.usefixtures("two")
async def test_it_can_stay_after_all(connections: Connections) -> None:
    with pytest.raises(Conflict):
        await undeprecate(connections, "aviation", "airports", "test")
    await go(connections)
    await undeprecate(connections, "aviation", "airports", "test")
    entry = await entry_of(connections)
    assert (entry.shown_state, deprecation_headers(entry, "")) == ("active", {})


@pytest.mark.usefixtures("two")
async def test_said_again_it_keeps_since_when(connections: Connections) -> None:
    await go(connections)
    first = (await entry_of(connections)).deprecation
    await go(connections, successor=None)
    again = (await entry_of(connections)).deprecation
    assert first is not None and again is not None
    assert (again.at, again.successor) == (first.at, None)


@pytest.mark.usefixtures("two")
async def test_the_last_day_lies_ahead_and_nobody_succeeds_themselves(connections: Connections) -> None:
    with pytest.raises(InvalidRequest):
        await deprecate(connections, "aviation", "airports", datetime.now(UTC).date(), WHY, "test")
    with pytest.raises(InvalidRequest):
        await go(connections, successor="aviation/airports")


@pytest.mark.usefixtures("two")
async def test_of_a_withdrawn_dataset_stays_when_by_whom_why_and_on_which_ground(connections: Connections) -> None:
    await withdraw(connections, "aviation", "airports", WHY, "person:7 key:k", legal_ground="IR-FOI-14")
    entry = await entry_of(connections)
    assert entry.tombstone is not None
    assert (entry.tombstone.by, entry.tombstone.legal_ground, entry.withdrawn_reason) == ("agency", "IR-FOI-14", WHY)
    with pytest.raises(DatasetWithdrawn):
        await go(connections)
    await rollback(connections, "aviation", "airports", 1, "operator:test")
    assert (await entry_of(connections)).tombstone is None


@pytest.mark.usefixtures("two")
async def test_webhooks_hear_of_it(connections: Connections) -> None:
    await go(connections)
    async with connections.use() as connection:
        kinds = await connection.fetch("select kind from gsb.outbox where kind like 'dataset.%' order by id")
    assert [row["kind"] for row in kinds] == ["dataset.deprecated"]
