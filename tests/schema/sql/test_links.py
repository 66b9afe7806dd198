"""Links in every direction: to themselves, by composite keys, several between two datasets, many to many, and far down."""

from pathlib import Path
from typing import Any

import pytest
from tests.schema.conftest import Ask
from tests.schema.worlds import COMMON, FLIGHT_ROWS, FLIGHTS, declare, release

from publicgsb.datasets.catalogue import dataset_page
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import withdraw
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, QueryTooCostly
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.explain import explain
from publicgsb.schema.planning.price import price
from publicgsb.schema.types.graft import graft, static_schema

UNITS = (
    COMMON
    + """
agency: geo
dataset: units
recordName: Unit
title: { fa: "واحدها", en: "Units" }
primaryKey: [code]
orderings: [size]
fields:
  - { name: code, type: string, label: { fa: "کد", en: "Code" }, constraints: { required: true }, filters: [eq] }
  - { name: within, type: string, label: { fa: "درون", en: "Within" }, filters: [eq, isNull] }
  - { name: size, type: integer, label: { fa: "اندازه", en: "Size" }, filters: [range] }
links:
  - { name: parent, fields: [within], to: geo/units, toFields: [code], reverse: parts, label: { fa: "دربر", en: "Parent" } }
"""
)
# A tree of four levels, a unit that lies within itself, and one whose parent is not there.
UNIT_ROWS = (
    "code,within,size\nIR,,9\nIR-1,IR,5\nIR-2,IR,\nIR-1-1,IR-1,2\nIR-1-2,IR-1,3\nIR-1-1-1,IR-1-1,1\nXX,XX,\nYY,NONE,\n"
)
PARENT = {row.split(",")[0]: row.split(",")[1] for row in UNIT_ROWS.splitlines()[1:]}

PEOPLE = (
    COMMON
    + """
agency: fly
dataset: people
recordName: Person
title: { fa: "کسان", en: "People" }
primaryKey: [id]
fields:
  - { name: id, type: integer, label: { fa: "شماره", en: "Id" }, constraints: { required: true }, filters: [eq] }
  - { name: name, type: string, label: { fa: "نام", en: "Name" }, filters: [eq] }
"""
)
CREW = (
    COMMON
    + """
agency: fly
dataset: crew
recordName: CrewDuty
title: { fa: "خدمه", en: "Crew" }
primaryKey: [day, number, person, role]
fields:
  - { name: day, type: date, label: { fa: "روز", en: "Day" }, constraints: { required: true } }
  - { name: number, type: integer, label: { fa: "شماره", en: "Number" }, constraints: { required: true } }
  - { name: person, type: integer, label: { fa: "کس", en: "Person" }, constraints: { required: true } }
  - { name: role, type: string, label: { fa: "نقش", en: "Role" }, constraints: { required: true }, filters: [eq] }
links:
  - { name: flight, fields: [day, number], to: fly/flights, toFields: [day, number], reverse: duties, label: { fa: "پرواز", en: "Flight" } }
  - { name: member, fields: [person], to: fly/people, toFields: [id], reverse: duties, label: { fa: "کس", en: "Person" } }
shortcuts:
  - { name: crew, from: flight, to: member, label: { fa: "خدمه", en: "Crew" } }
  - { name: flights, from: member, to: flight, label: { fa: "پروازها", en: "Flights" } }
"""
)
PEOPLE_ROWS = "id,name\n1,Shirin\n2,Farhad\n3,Nobody\n"
CREW_ROWS = """day,number,person,role
2026-01-01,1,1,captain
2026-01-01,1,1,steward
2026-01-01,1,2,cabin
2026-01-02,1,1,captain
2026-01-03,1,2,cabin
2026-01-03,9,9,ghost
"""


@pytest.fixture
async def units(world: Connections, state_dir: Path) -> None:
    await declare(world, UNITS)
    await release(world, state_dir, "geo/units", UNIT_ROWS)


@pytest.fixture
async def crew(world: Connections, state_dir: Path) -> None:
    for name, contract, rows in (("people", PEOPLE, PEOPLE_ROWS), ("crew", CREW, CREW_ROWS)):
        await declare(world, contract)
        assert (await release(world, state_dir, f"fly/{name}", rows)).release is not None


def up(code: str, levels: int) -> dict[str, Any] | None:
    """The unit with its ancestors, as the answer should tell them."""
    if code not in PARENT:
        return None
    return {"code": code} | ({"parent": up(PARENT[code], levels - 1)} if levels else {})


def down(code: str, levels: int) -> dict[str, Any]:
    parts = sorted(child for child, parent in PARENT.items() if parent == code)
    found: dict[str, Any] = {"totalCount": len(parts)}
    return found | ({"nodes": [{"code": part, "parts": down(part, levels - 1)} for part in parts]} if levels else {})


@pytest.mark.usefixtures("units")
async def test_a_link_to_its_own_dataset_is_followed_upward_to_the_limit_of_depth(ask: Ask) -> None:
    levels = 8
    inner = "code"
    for _ in range(levels):
        inner = f"code parent {{ {inner} }}"
    answer = await ask(f"{{ geo {{ units {{ nodes {{ {inner} }} }} }} }}")
    assert answer["data"]["geo"]["units"]["nodes"] == [up(code, levels) for code in sorted(PARENT)]
    assert [row["dataset"] for row in answer["receipt"]] == ["geo/units"]
    with pytest.raises(InvalidRequest) as caught:
        await ask(f"{{ geo {{ units {{ nodes {{ parent {{ {inner} }} }} }} }} }}")
    assert caught.value.details["reason"] == "limits"


@pytest.mark.usefixtures("units")
async def test_a_link_to_its_own_dataset_is_followed_downward_with_counts_of_every_level(ask: Ask) -> None:
    inner = "totalCount"
    for _ in range(4):
        inner = f"totalCount nodes {{ code parts(first: 5) {{ {inner} }} }}"
    answer = await ask(f'{{ geo {{ unit(by: {{code: "IR"}}) {{ parts(first: 5) {{ {inner} }} }} }} }}')
    assert answer["data"]["geo"]["unit"]["parts"] == down("IR", 4)
    assert answer["counts"] == {1: 2, 2: 2, 3: 1, 4: 0, 5: 0}
    assert answer["sql"].count(";") == 0


@pytest.mark.usefixtures("units")
async def test_up_and_down_alternate_and_each_level_has_its_own_order_and_page(ask: Ask) -> None:
    answer = await ask(
        """{ geo { unit(by: {code: "IR-1-1-1"}) { parent { parent { code
              parts(last: 1, orderBy: SIZE_DESC) { pageInfo { hasPreviousPage } nodes { code parent { parent {
                parts(orderBy: SIZE_DESC) { nodes { size } } } } } } } } } } }"""
    )
    assert answer["data"]["geo"]["unit"]["parent"]["parent"] == {
        "code": "IR-1",
        "parts": {
            "pageInfo": {"hasPreviousPage": True},
            "nodes": [{"code": "IR-1-1", "parent": {"parent": {"parts": {"nodes": [{"size": 5}, {"size": None}]}}}}],
        },
    }


async def test_two_links_between_two_datasets_are_two_fields_on_either_side(ask: Ask) -> None:
    answer = await ask(
        """{ air { airport(by: {icao: "OIIE"}) { departures { nodes { number destAirport { icao } } }
             arrivals { nodes { number originAirport { icao } destAirport { icao } } } } } }"""
    )
    assert answer["data"]["air"]["airport"] == {
        "departures": {
            "nodes": [
                {"number": 1, "destAirport": {"icao": "LTFM"}},
                {"number": 2, "destAirport": {"icao": "OIYY"}},
                {"number": 1, "destAirport": None},
            ]
        },
        "arrivals": {
            "nodes": [
                {"number": 1, "originAirport": {"icao": "OIYY"}, "destAirport": {"icao": "OIIE"}},
                {"number": 2, "originAirport": {"icao": "LTFM"}, "destAirport": {"icao": "OIIE"}},
            ]
        },
    }


@pytest.mark.usefixtures("crew")
async def test_many_to_many_is_read_through_the_link_dataset_with_what_it_says_of_each_pair(ask: Ask) -> None:
    answer = await ask(
        """{ fly { flights { nodes { day number duties { nodes { role member { name } } } } }
                   people { nodes { name duties(where: {role: {eq: "captain"}}) { totalCount nodes { flight { day origin } } } } }
                   crew(last: 1) { nodes { role flight { origin } member { name } } } } }"""
    )
    fly = answer["data"]["fly"]
    assert [
        [(duty["role"], duty["member"]["name"]) for duty in flight["duties"]["nodes"]]
        for flight in fly["flights"]["nodes"]
    ] == [
        [("captain", "Shirin"), ("steward", "Shirin"), ("cabin", "Farhad")],
        [],
        [("captain", "Shirin")],
        [],
        [("cabin", "Farhad")],
    ]
    assert fly["people"]["nodes"][0]["duties"] == {
        "totalCount": 2,
        "nodes": [
            {"flight": {"day": "2026-01-01", "origin": "OIIE"}},
            {"flight": {"day": "2026-01-02", "origin": "OIYY"}},
        ],
    }
    assert [person["duties"]["totalCount"] for person in fly["people"]["nodes"]] == [2, 0, 0]
    assert fly["crew"]["nodes"] == [{"role": "ghost", "flight": None, "member": None}]


@pytest.mark.usefixtures("crew")
async def test_a_shortcut_leads_through_the_link_dataset_and_brings_each_record_once(ask: Ask) -> None:
    """Shirin serves on the first flight in two roles."""
    answer = await ask(
        """{ fly { flights { nodes { number crew(last: 5) { totalCount pageInfo { hasNextPage hasPreviousPage }
                     edges { node { name flights(first: 1, orderBy: KEY_DESC) { totalCount nodes { day } } } } } } }
                   people { nodes { name flights(where: {origin: {eq: "OIIE"}}) { nodes { day } } } } } }"""
    )
    flights = answer["data"]["fly"]["flights"]["nodes"]
    shirin = {"name": "Shirin", "flights": {"totalCount": 2, "nodes": [{"day": "2026-01-02"}]}}
    farhad = {"name": "Farhad", "flights": {"totalCount": 2, "nodes": [{"day": "2026-01-03"}]}}
    ends = {"hasNextPage": False, "hasPreviousPage": False}
    assert flights[0]["crew"] == {"totalCount": 2, "pageInfo": ends, "edges": [{"node": shirin}, {"node": farhad}]}
    assert [flight["crew"]["totalCount"] for flight in flights] == [2, 0, 1, 0, 1]
    assert answer["data"]["fly"]["people"]["nodes"] == [
        {"name": "Shirin", "flights": {"nodes": [{"day": "2026-01-01"}]}},
        {"name": "Farhad", "flights": {"nodes": [{"day": "2026-01-01"}, {"day": "2026-01-03"}]}},
        {"name": "Nobody", "flights": {"nodes": []}},
    ]
    assert {row["dataset"] for row in answer["receipt"]} == {"fly/flights", "fly/crew", "fly/people"}


@pytest.mark.usefixtures("crew")
async def test_pages_of_a_shortcut_are_walked_by_cursors_of_the_records_it_leads_to(ask: Ask) -> None:
    page = """query($after: String) { fly { flight(by: {day_number: {day: "2026-01-01", number: 1}}) {
        crew(first: 1, after: $after) { nodes { name } pageInfo { endCursor hasNextPage hasPreviousPage } } } } }"""
    first = (await ask(page))["data"]["fly"]["flight"]["crew"]
    second = (await ask(page, {"after": first["pageInfo"]["endCursor"]}))["data"]["fly"]["flight"]["crew"]
    assert (first["nodes"], second["nodes"]) == ([{"name": "Shirin"}], [{"name": "Farhad"}])
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    assert (first["pageInfo"]["hasPreviousPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


@pytest.mark.usefixtures("crew")
async def test_a_shortcut_is_priced_by_what_it_brings_and_touches_every_column_that_ties(
    ask: Ask, world: Connections
) -> None:
    document = "{ fly { flights(first: 100) { nodes { crew(first: 20) { nodes { name } } } } } }"
    async with world.use() as connection:
        registry = await load_registry(connection)
    family = PlanCache(graft(registry, static_schema()).core).family(document, None)
    plan, _ = family.plan(registry, {})
    assert {(key[1], column) for key, column in plan.touched} == {
        *(("flights", "day"), ("flights", "number")),
        *(("crew", "day"), ("crew", "number"), ("crew", "person")),
        *(("people", "id"), ("people", "name")),
    }
    assert price(plan, {}, registry)[:2] == (1 + 1 + 20 + 1, (100, 2000))  # of few rows too
    assert "that rows of fly/crew tie to it, each once" in explain(plan, registry, price(plan, {}, registry))[1].reads
    assert registry.dataset("fly", "crew").link_rates["flight"].most == 3, "Shirin is there twice"
    assert (await ask(document))["counts"] == {0: 5, 1: 4}


@pytest.mark.usefixtures("crew")
async def test_the_catalogue_tells_on_whose_records_a_shortcut_stands_and_where_it_leads(world: Connections) -> None:
    async with world.use() as connection:
        registry = await load_registry(connection)
    told = dataset_page(registry.dataset("fly", "crew"), "http://gsb")["contract"]["shortcuts"]
    assert [(one["name"], one["on"], one["to"], one["label"]["en"]) for one in told] == [
        ("crew", "fly/flights", "fly/people", "Crew"),
        ("flights", "fly/people", "fly/flights", "Flights"),
    ]


@pytest.mark.usefixtures("crew")
async def test_a_shortcut_through_a_withdrawn_dataset_is_null_with_the_reason(ask: Ask, world: Connections) -> None:
    await withdraw(world, "fly", "crew", Label("نادرست", "It was wrong"), "tests")
    answer = await ask("{ fly { flights(first: 1) { nodes { number crew { totalCount } } } } }")
    assert answer["data"]["fly"]["flights"]["nodes"] == [{"number": 1, "crew": None}]
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["fly", "flights", "nodes", "crew"], "DATASET_WITHDRAWN")


@pytest.mark.usefixtures("crew")
async def test_many_to_many_is_priced_and_limited_like_any_nesting(ask: Ask) -> None:
    document = "{ fly { people(first: 50) { nodes { duties(first: N) { nodes { flight { duties(first: 20) { nodes { role } } } } } } } } }"
    with pytest.raises(QueryTooCostly) as caught:
        await ask(document.replace("N", "20"))
    assert caught.value.details["records"] == 50 + 1000 + 1000 + 20_000
    assert caught.value.details["cheaper"][1] == {
        "path": "fly.people.nodes.duties",
        "argument": "first",
        "given": 20,
        "fits": 9,
    }
    answer = await ask(document.replace("N", "9"))
    assert answer["counts"] == {0: 3, 1: 5, 3: 11}


async def test_a_link_to_a_withdrawn_dataset_is_null_in_both_directions_with_the_reason(
    ask: Ask, world: Connections
) -> None:
    await withdraw(world, "air", "airports", Label("نادرست", "It was wrong"), "tests")
    answer = await ask(
        "{ fly { flights(first: 1) { nodes { originAirport { city } } } } geo { countries { nodes { code airports { totalCount } } } } }"
    )
    assert answer["data"]["fly"]["flights"]["nodes"] == [{"originAirport": None}]
    assert [row["airports"] for row in answer["data"]["geo"]["countries"]["nodes"]] == [None, None, None]
    assert [error["path"] for error in answer["errors"]] == [
        ["fly", "flights", "nodes", "originAirport"],
        ["geo", "countries", "nodes", "airports"],
    ]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"DATASET_WITHDRAWN"}


async def test_a_link_to_a_dataset_without_a_release_comes_with_its_first_one(
    ask: Ask, world: Connections, state_dir: Path
) -> None:
    await declare(world, PEOPLE)
    await declare(world, CREW)
    await release(world, state_dir, "fly/crew", CREW_ROWS)
    with pytest.raises(InvalidRequest):
        await ask("{ fly { crew { nodes { member { name } } } } }")
    await release(world, state_dir, "fly/people", PEOPLE_ROWS)
    answer = await ask("{ fly { crew(first: 1) { nodes { member { name } } } } }")
    assert answer["data"]["fly"]["crew"]["nodes"] == [{"member": {"name": "Shirin"}}]


async def test_a_release_older_than_a_link_or_its_key_links_nothing_and_breaks_nothing(
    ask: Ask, world: Connections, state_dir: Path
) -> None:
    """The key `serial` and a link to it came with version 1.1.0; release 1 of both datasets knows neither."""
    serial = '  - { name: serial, type: integer, label: { fa: "سریال", en: "Serial" } }\nlinks:'
    flights = (
        FLIGHTS.replace('"1.0.0"', '"1.1.0"')
        .replace("links:", serial)
        .replace("orderings:", "uniqueKeys: [[serial]]\norderings:")
    )
    await declare(world, flights)
    header, *rows = FLIGHT_ROWS.splitlines()
    numbered = "\n".join([f"{header},serial", *(f"{row},{n}" for n, row in enumerate(rows, 1)), ""])
    await release(world, state_dir, "fly/flights", numbered)
    await declare(
        world,
        PEOPLE.replace(
            "primaryKey",
            'links:\n  - { name: last, fields: [id], to: fly/flights, toFields: [serial], reverse: lastOf, label: { fa: "آخر", en: "Last" } }\nprimaryKey',
        ),
    )
    await release(world, state_dir, "fly/people", PEOPLE_ROWS)
    asked = "{ fly { flights(first: 1, release: N) { nodes { number serial lastOf { totalCount } } } flight(by: {serial: 2}, release: N) { number } } }"
    new = (await ask(asked.replace("N", "2")))["data"]["fly"]
    assert new == {
        "flights": {"nodes": [{"number": 1, "serial": 1, "lastOf": {"totalCount": 1}}]},
        "flight": {"number": 2},
    }
    old = await ask(asked.replace("N", "1"))
    assert old["data"]["fly"]["flight"] is None
    assert old["data"]["fly"]["flights"] == {"nodes": [{"number": 1, "serial": None, "lastOf": None}]}
