"""The graft leans on Strawberry's internals: this is what would break first under a new version of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.many import registry
from graphql import GraphQLObjectType, execute, parse, print_schema, validate
from tests.examples.conftest import demo_registry
from tests.schema.worlds import COUNTRIES, declare

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.schema.types.graft import Grafted, graft, static_schema
from publicgsb.schema.types.static import StaticContext

SDL = Path(__file__).with_name("small_world.graphql")


@pytest.fixture
async def grafted(world: Connections) -> Grafted:
    async with world.use() as connection:
        registry = await load_registry(connection)
    return graft(registry, static_schema())


async def test_the_schema_of_the_small_world_is_the_one_that_was_reviewed(grafted: Grafted) -> None:
    """A change of the SDL is a change of every caller's world, so it shows in a diff. Delete the file to renew it."""
    if not SDL.exists():
        SDL.write_text(grafted.sdl(), encoding="utf-8")
        pytest.fail(f"{SDL.name} was written: review it and run again")
    assert grafted.sdl() == SDL.read_text(encoding="utf-8")


async def test_static_fields_still_resolve_on_the_grafted_schema(world: Connections, grafted: Grafted) -> None:
    async with world.use() as connection:
        registry = await load_registry(connection)
    caller = Caller("k", KeyKind.LIVE, 7, 8, "open")
    context = StaticContext(caller, registry, None, 1, 0)  # type: ignore[arg-type]
    document = parse(
        '{ me { organisation plan } dataset(id: "air/airports") { path current { seq asOf publishedAt } } }'
    )
    assert not validate(grafted.core, document)
    result = execute(grafted.core, document, context_value=context)
    assert not hasattr(result, "__await__")
    data = json.loads(json.dumps(result.data))
    assert data["me"] == {"organisation": 7, "plan": "open"}
    assert data["dataset"]["path"] == "air.airports"
    assert data["dataset"]["current"]["seq"] == 1
    assert "T" in data["dataset"]["current"]["publishedAt"]


def test_a_list_below_a_record_says_which_records_it_holds() -> None:
    """Flights that leave an airport and flights that arrive there had one description."""
    airport = graft(demo_registry(), static_schema()).core.type_map["AviationAirport"]
    assert isinstance(airport, GraphQLObjectType)
    told = {name: str(field.description).splitlines() for name, field in airport.fields.items()}
    assert told["departures"][1:] == ["Those whose originAirport is this record."]
    assert told["arrivals"][1:] == ["Those whose destAirport is this record."]
    assert told["airlines"][0] == "Airlines that fly to it / شرکت‌هایی که به آن پرواز دارند"
    assert told["airlines"][1:] == ["What rows of transport/flights tie to this record, each once: Airlines."]


async def test_the_static_schema_itself_is_left_as_it_was(grafted: Grafted) -> None:
    assert "AirAirport" not in print_schema(static_schema()._schema)
    assert "AirAirport" in str(grafted.strawberry)


async def test_two_types_of_one_name_are_refused_and_named(world: Connections) -> None:
    async with world.use() as connection:
        registry = await load_registry(connection)
    twin = {**registry.datasets, ("air", "again"): registry.datasets["air", "airports"]}
    with pytest.raises(Conflict):
        graft(replace(registry, datasets=twin), static_schema())


async def test_a_dataset_without_a_release_is_not_in_the_schema_yet(connections: Connections) -> None:
    await add_agency(connections, "geo", Label("جغرافیا", "Geography"), "tests")
    await declare(connections, COUNTRIES)
    async with connections.use() as connection:
        registry = await load_registry(connection)
    assert "GeoCountry" not in graft(registry, static_schema()).sdl()


@pytest.mark.prove
def test_a_chain_of_1400_links_fits_the_default_recursion_limit() -> None:
    """GraphQLSchema collects types by recursion along their fields."""
    grafted = graft(registry(1_400), static_schema())
    assert "Agency49Record1399" in grafted.core.type_map
    assert "type Agency49Record1399 " in grafted.sdl()
