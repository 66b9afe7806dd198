"""A running worker follows the registry: what is released for the first time becomes a field, without a restart."""

import weakref
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.schema.worlds import COUNTRIES, COUNTRY_ROWS, declare, release

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.agencies.store import insert_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.schema.serving.world import Worlds


@pytest.fixture
async def worlds(connections: Connections) -> AsyncIterator[Worlds]:
    pulse = Pulse(connections, "test")
    worlds = Worlds(connections, pulse)
    await pulse.start()
    await worlds.start()
    yield worlds
    await pulse.stop()


async def test_a_first_release_is_a_field_at_once_and_a_second_one_changes_no_schema(
    worlds: Worlds, connections: Connections, state_dir: Path
) -> None:
    await add_agency(connections, "geo", Label("جغرافیا", "Geography"), "tests")
    await declare(connections, COUNTRIES)
    assert "GeoCountry" not in worlds.current.sdl
    first = await release(connections, state_dir, "geo/countries", COUNTRY_ROWS)
    assert first.release is not None
    assert first.release.workers_behind == 0
    assert "GeoCountry" in worlds.current.sdl
    before = worlds.current
    await release(connections, state_dir, "geo/countries", COUNTRY_ROWS.replace("ایران", "Iran"))
    assert worlds.current.registry.version > before.registry.version
    assert worlds.current.plans is before.plans


async def test_a_new_field_of_a_contract_comes_with_the_release_that_has_it(
    worlds: Worlds, connections: Connections, state_dir: Path
) -> None:
    await add_agency(connections, "geo", Label("جغرافیا", "Geography"), "tests")
    await declare(connections, COUNTRIES)
    await release(connections, state_dir, "geo/countries", COUNTRY_ROWS)
    wider = (
        COUNTRIES.replace('"1.0.0"', '"1.1.0"')
        + "  - { name: capital, type: string, label: { fa: پایتخت, en: Capital } }\n"
    )
    await declare(connections, wider)
    assert "capital" not in worlds.current.sdl
    rows = "code,name,population,capital\nIR,ایران,1,تهران\n"
    outcome = await release(connections, state_dir, "geo/countries", rows)
    assert outcome.release is not None, outcome.report.as_table("en")
    assert "capital" in worlds.current.sdl


async def test_a_version_that_is_ahead_is_waited_for_and_given_up_in_time(worlds: Worlds) -> None:
    assert await worlds.wait_for(worlds.current.registry.version, 0.1)
    assert not await worlds.wait_for(worlds.current.registry.version + 1, 0.1)


async def test_a_schema_that_was_replaced_is_let_go(worlds: Worlds, connections: Connections, state_dir: Path) -> None:
    """Whoever kept it would keep megabytes of types alive with every changed contract."""
    await add_agency(connections, "geo", Label("جغرافیا", "Geography"), "tests")
    before = weakref.ref(worlds.current.grafted)
    await declare(connections, COUNTRIES)
    await release(connections, state_dir, "geo/countries", COUNTRY_ROWS)
    assert "GeoCountry" in worlds.current.sdl
    assert before() is None


async def test_a_contract_that_clashes_changes_no_schema_and_is_tried_once(
    worlds: Worlds, connections: Connections, state_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Every try would build all types again, at each release that lands meanwhile."""
    await add_agency(connections, "geo", Label("جغرافیا", "Geography"), "tests")
    await declare(connections, COUNTRIES)
    await release(connections, state_dir, "geo/countries", COUNTRY_ROWS)
    before = worlds.current
    async with connections.transaction() as connection:  # no agency can be added under this name
        await insert_agency(connection, "rate_limit", Label("نرخ", "Rate"), False, "tests")
    await declare(connections, COUNTRIES.replace("agency: geo", "agency: rate_limit"))
    await release(connections, state_dir, "rate_limit/countries", COUNTRY_ROWS)
    refused = worlds.current
    await release(connections, state_dir, "geo/countries", COUNTRY_ROWS.replace("ایران", "Iran"))
    assert worlds.current.registry.version > refused.registry.version > before.registry.version
    assert worlds.current.grafted is before.grafted
    assert worlds.current.plans is refused.plans is not before.plans
    assert [one.message.partition(":")[0] for one in caplog.records] == ["the schema stays as it was"]
