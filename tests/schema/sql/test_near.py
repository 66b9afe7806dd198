"""Lists around a place, against the same question answered by brute force."""

import itertools
import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.schema.conftest import Ask
from tests.schema.worlds import COMMON, declare, release

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.sql.near import EARTH_KM, boxes_around
from publicgsb.schema.types.graft import graft, static_schema

PLACES = (
    COMMON
    + """
agency: lab
dataset: places
recordName: Place
title: { fa: "جاها", en: "Places" }
primaryKey: [id]
orderings: [kind]
coordinates: { lat: north, lon: east }
fields:
  - { name: id, type: integer, label: { fa: "الف", en: "a" }, constraints: { required: true } }
  - { name: kind, type: string, label: { fa: "الف", en: "a" }, filters: [eq] }
  - { name: near_id, type: integer, label: { fa: "الف", en: "a" } }
  - { name: north, type: number, label: { fa: "الف", en: "a" } }
  - { name: east, type: number, format: decimal, label: { fa: "الف", en: "a" } }
links:
  - name: neighbour
    fields: [near_id]
    to: lab/places
    toFields: [id]
    reverse: neighbours
    label: { fa: "الف", en: "a" }
"""
)

EDGES = [
    (lat, lon) for lat in (-90, -89.9, -60, 0, 1e-300, 35.7, 89.5, 90) for lon in (-180, -179.95, 0, 51.4, 179.9, 180)
]
_draw = random.Random(7)
AROUND = [(35.7 + _draw.gauss(0, 2), 51.4 + _draw.gauss(0, 2)) for _ in range(150)]
ANYWHERE = [(math.degrees(math.asin(_draw.uniform(-1, 1))), _draw.uniform(-180, 180)) for _ in range(250)]
POINTS = [(lat, round(lon, 6)) for lat, lon in (*EDGES, *EDGES[:10], *AROUND, *ANYWHERE)]
ROWS = "id,kind,near_id,north,east\n" + "".join(
    f"{at},{'even' if at % 2 == 0 else 'odd'},{at // 2},{lat},{lon}\n" for at, (lat, lon) in enumerate(POINTS)
)
NOWHERE = f"{len(POINTS)},even,,,\n{len(POINTS) + 1},even,,10,\n"

LIST = """query($near: NearPoint, $w: LabPlaceWhere, $n: Int, $after: String) {
  lab { places(near: $near, where: $w, first: $n, after: $after) {
    totalCount edges { cursor distanceKm node { id } } pageInfo { hasNextPage endCursor } } } }"""


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    (lat, lon), (lat_there, lon_there) = (map(math.radians, one), map(math.radians, other))
    a = math.sin((lat_there - lat) / 2) ** 2
    a += math.cos(lat) * math.cos(lat_there) * math.sin((lon_there - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(a)))


@pytest.fixture
async def lab(connections: Connections, state_dir: Path) -> Connections:
    await add_agency(connections, "lab", Label("آزمایشگاه", "Lab"), "tests")
    await declare(connections, PLACES)
    outcome = await release(connections, state_dir, "lab/places", ROWS + NOWHERE)
    assert outcome.release is not None, outcome.report.as_table("en")
    return connections


@pytest.fixture
def around(lab: Connections, ask: Ask) -> Any:
    async def run(lat: float, lon: float, km: float, **more: Any) -> Any:
        answer = await ask(LIST, {"near": {"lat": lat, "lon": lon, "withinKm": km}, "n": 1000, **more})
        return answer["data"]["lab"]["places"]

    return run


CENTRES = st.one_of(
    st.sampled_from(EDGES),
    st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    st.tuples(st.floats(33, 38), st.floats(49, 54)),
    st.tuples(st.floats(85, 90), st.floats(-180, 180)),
    st.tuples(st.floats(-5, 5), st.sampled_from([-180, -178.5, 178.5, 180])),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(centre=CENTRES, km=st.one_of(st.floats(0.001, 200), st.just(200)))
async def test_the_records_of_a_circle_come_nearest_first_as_brute_force_finds_them(
    around: Any, centre: tuple[float, float], km: float
) -> None:
    page = await around(*centre, km)
    distances = {at: haversine(centre, point) for at, point in enumerate(POINTS)}
    found = [edge["node"]["id"] for edge in page["edges"]]
    assert {at for at, there in distances.items() if there < km - 1e-6} <= set(found)
    assert set(found) <= {at for at, there in distances.items() if there <= km + 1e-6}
    for one, other in itertools.pairwise(found):
        assert distances[one] <= distances[other] + 1e-6
        assert POINTS[one] != POINTS[other] or one < other
    assert all(abs(edge["distanceKm"] - distances[edge["node"]["id"]]) < 0.001 for edge in page["edges"])
    assert page["totalCount"] == len(found)


@given(centre=CENTRES, km=st.floats(0.001, 200), points=st.lists(CENTRES, max_size=20))
def test_the_boxes_hold_every_point_of_their_circle(
    centre: tuple[float, float], km: float, points: list[tuple[float, float]]
) -> None:
    boxes = boxes_around(*centre, km)
    for lat, lon in (*points, *POINTS, centre):
        is_held = any(
            west <= lon <= east and south <= lat <= north for west, south, east, north in (boxes[:4], boxes[4:])
        )
        assert is_held or haversine(centre, (lat, lon)) > km


async def test_pages_of_a_circle_walk_it_to_its_end_exactly_once(around: Any) -> None:
    whole = [edge["node"]["id"] for edge in (await around(35.7, 51.4, 200))["edges"]]
    assert len(whole) > 40
    seen: list[int] = []
    after = None
    while True:
        page = await around(35.7, 51.4, 200, n=17, after=after)
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert after == page["edges"][-1]["cursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == whole


async def test_a_circle_is_read_backward_too(lab: Connections, ask: Ask, around: Any) -> None:
    whole = [edge["node"]["id"] for edge in (await around(35.7, 51.4, 200))["edges"]]
    near = "near: {lat: 35.7, lon: 51.4, withinKm: 200}"
    last = await ask(f"{{ lab {{ places({near}, last: 5) {{ nodes {{ id }} pageInfo {{ startCursor }} }} }} }}")
    page = last["data"]["lab"]["places"]
    assert [node["id"] for node in page["nodes"]] == whole[-5:]
    before = await ask(
        f"query($b: String) {{ lab {{ places({near}, last: 5, before: $b) {{ nodes {{ id }} }} }} }}",
        {"b": page["pageInfo"]["startCursor"]},
    )
    assert [node["id"] for node in before["data"]["lab"]["places"]["nodes"]] == whole[-10:-5]


async def test_a_cursor_goes_on_around_its_own_place_only(around: Any) -> None:
    page = await around(35.7, 51.4, 200, n=5)
    for other in ((35.7, 51.4, 199), (35.8, 51.4, 200)):
        with pytest.raises(InvalidRequest):
            await around(*other, after=page["pageInfo"]["endCursor"])


async def test_a_condition_and_links_stand_beside_a_place(lab: Connections, ask: Ask, around: Any) -> None:
    even = await around(35.7, 51.4, 200, w={"kind": {"eq": "even"}})
    whole = [edge["node"]["id"] for edge in (await around(35.7, 51.4, 200))["edges"]]
    assert [edge["node"]["id"] for edge in even["edges"]] == [at for at in whole if at % 2 == 0]
    answer = await ask(
        """{ lab { places(near: {lat: 35.7, lon: 51.4, withinKm: 100}, first: 3) { nodes { id neighbour { id
             neighbours(near: {lat: 35.7, lon: 51.4, withinKm: 200}, first: 5) {
             edges { distanceKm node { id } } } } } } } }"""
    )
    for node in answer["data"]["lab"]["places"]["nodes"]:
        assert node["neighbour"]["id"] == node["id"] // 2
        children = [edge["node"]["id"] for edge in node["neighbour"]["neighbours"]["edges"]]
        assert children and all(child // 2 == node["neighbour"]["id"] for child in children)
    assert answer["points"] == 11


async def test_without_a_place_there_is_no_distance(lab: Connections, ask: Ask) -> None:
    answer = await ask("{ lab { places(first: 1) { edges { km: distanceKm node { id } } } } }")
    assert answer["data"]["lab"]["places"]["edges"] == [{"km": None, "node": {"id": 0}}]
    assert answer["points"] == 1


@pytest.mark.parametrize(
    "near",
    [
        {"lat": 90.01, "lon": 0, "withinKm": 1},
        {"lat": 0, "lon": -180.5, "withinKm": 1},
        {"lat": 0, "lon": 0, "withinKm": 0},
        {"lat": 0, "lon": 0, "withinKm": -1},
        {"lat": 0, "lon": 0, "withinKm": 200.1},
        {"lat": float("nan"), "lon": 0, "withinKm": 1},
        {"lat": 0, "lon": float("inf"), "withinKm": 1},
        {"lat": 0, "lon": 10**400, "withinKm": 1},
        {"lat": "0", "lon": 0, "withinKm": 1},
        {"lat": None, "lon": 0, "withinKm": 1},
        {"lat": 0, "lon": 0},
    ],
)
async def test_what_is_no_place_on_the_earth_is_refused(lab: Connections, ask: Ask, near: Any) -> None:
    with pytest.raises(InvalidRequest):
        await ask(LIST, {"near": near, "n": 1})


@pytest.mark.parametrize(
    "arguments", ["near: {lat: 1e400, lon: 0, withinKm: 1}", "near: {lat: 0, lon: 0, withinKm: 1}, orderBy: KIND_ASC"]
)
async def test_a_place_excludes_an_order_and_is_finite(lab: Connections, ask: Ask, arguments: str) -> None:
    with pytest.raises(InvalidRequest):
        await ask(f"{{ lab {{ places({arguments}) {{ nodes {{ id }} }} }} }}")


async def test_a_cell_that_is_no_place_on_the_earth_is_an_error_of_its_row(lab: Connections, state_dir: Path) -> None:
    for cells in ("90.5,0", "0,180.001", "-91,0"):
        outcome = await release(lab, state_dir, "lab/places", f"{ROWS}9999,odd,,{cells}\n")
        assert outcome.release is None and outcome.report.errors_total == 1


async def test_a_release_from_before_the_coordinates_has_no_near(
    connections: Connections, state_dir: Path, ask: Ask
) -> None:
    await add_agency(connections, "lab", Label("آزمایشگاه", "Lab"), "tests")
    await declare(connections, PLACES.replace("coordinates: { lat: north, lon: east }", ""))
    await release(connections, state_dir, "lab/places", ROWS)
    await declare(connections, PLACES.replace('version: "1.0.0"', 'version: "1.1.0"'))
    await release(connections, state_dir, "lab/places", ROWS)
    document = "query($r: Release) { lab { places(near: {lat: 0, lon: 0, withinKm: 9}, release: $r) { totalCount } } }"
    assert (await ask(document))["data"]["lab"]["places"]["totalCount"] == 2
    with pytest.raises(InvalidRequest):
        await ask(document, {"r": 1})


async def test_the_circle_is_found_by_the_index(lab: Connections, ask: Ask) -> None:
    sql = (await ask(LIST, {"near": {"lat": 35.7, "lon": 51.4, "withinKm": 10}, "n": 10}))["sql"]
    async with lab.use() as connection:
        await connection.execute(
            "insert into released.lab__places__r1 (id, kind, north, east, _row) "
            "select g, 'x', (g::int8 * 7919 % 180000) / 1000.0 - 90, (g::int8 * 104729 % 360000) / 1000.0 - 180, g "
            "from generate_series(1000, 60000) g"
        )
        await connection.execute("analyze released.lab__places__r1")
        await connection.execute("set plan_cache_mode = force_generic_plan")
        await connection.execute(f"prepare q as {sql}")
        count = await connection.fetchval(
            "select cardinality(parameter_types) from pg_prepared_statements where name = 'q'"
        )
        plan = await connection.fetch(f"explain execute q({', '.join(['null'] * count)})")
    text = "\n".join(row[0] for row in plan)
    assert "Bitmap Index Scan on lab__places__r1_point_idx" in text
    assert "Seq Scan" not in text


async def test_only_datasets_with_coordinates_have_it_in_the_schema(lab: Connections, state_dir: Path) -> None:
    await declare(
        lab,
        PLACES.replace("coordinates: { lat: north, lon: east }", "")
        .replace("places", "spots")
        .replace("Place", "Spot"),
    )
    await release(lab, state_dir, "lab/spots", ROWS)
    async with lab.use() as connection:
        sdl = graft(await load_registry(connection), static_schema()).sdl()
    assert "distanceKm: Float" in sdl.partition("type LabPlaceEdge")[2].partition("}")[0]
    assert "distanceKm" not in sdl.partition("type LabSpotEdge")[2].partition("}")[0]
    assert "near: NearPoint" in sdl and "input NearPoint" in sdl
