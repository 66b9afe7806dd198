"""An aggregate-only dataset over GraphQL, asked by somebody who is after the cells that were suppressed."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from tests.cells import MIN_CELL, Cell, Key, asked, cells_of, patients, published, release_patients
from tests.schema.conftest import Ask, asking

from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.types.graft import graft, static_schema

Keeps: TypeAlias = Callable[[Key], bool]

ROWS = patients(11)
FINEST = "groupBy: [PROVINCE, BORN_JALALI_YEAR, SEEN_MONTH], first: 1000"
FIGURES = "count sum { cost days } avg { cost days }"
SEXES = ["f", "m", None]


@pytest.fixture
async def attack(connections: Connections, state_dir: Path) -> Ask:
    outcome = await release_patients(connections, state_dir, ROWS)
    assert outcome.release is not None
    return asking(connections)


def filters() -> Iterator[tuple[str, Keeps]]:
    """What narrows down to one person best, and its complement."""
    singles: list[tuple[str, Keeps]] = [
        ("{}", lambda key: True),
        ('{province: {eq: "قم"}}', lambda key: key.province == "قم"),
        ('{province: {in: ["یزد", "قم"]}}', lambda key: key.province in ("یزد", "قم")),
        ('{sex: {eq: "f"}}', lambda key: key.sex == "f"),
        ("{sex: {isNull: true}}", lambda key: key.sex is None),
        ('{born: {gte: "1990-03-21"}}', lambda key: key.born >= 1369),
        ('{born: {gte: "1990-03-22"}}', lambda key: False),
        ('{born: {lt: "1990-03-20"}}', lambda key: key.born < 1369),
        ('{seen: {gte: "2025-02-01T00:00:00Z"}}', lambda key: key.seen >= "2025-02"),
        ('{seen: {gt: "2025-01-31T23:00:00Z"}}', lambda key: key.seen >= "2025-02"),
    ]
    yield from singles
    for (a, keeps_a), (b, keeps_b) in combinations(singles[1:], 2):
        yield f"{{and: [{a}, {b}]}}", lambda key, f=keeps_a, g=keeps_b: f(key) and g(key)  # type: ignore[misc]
        yield f"{{not: {{or: [{a}, {b}]}}}}", lambda key, f=keeps_a, g=keeps_b: not (f(key) or g(key))  # type: ignore[misc]


def added(cells: list[Cell]) -> dict[str, Any]:
    """Published cells added up: all that any answer may be made of."""
    costs, days = sum(cell.costs for cell in cells), sum(cell.stays for cell in cells)
    cost = sum((cell.cost for cell in cells if cell.cost is not None), Decimal())
    stay = sum(cell.days for cell in cells if cell.days is not None)
    return {
        "count": sum(cell.rows for cell in cells),
        "sum": {"cost": str(cost) if costs else None, "days": str(stay) if days else None},
        "avg": {"cost": None if not costs else cost / costs, "days": None if not days else stay / days},
    }


def assert_added(group: dict[str, Any], cells: list[Cell]) -> None:
    wanted = added(cells)
    assert (group["count"], group["sum"]) == (wanted["count"], wanted["sum"])
    assert group["count"] == 0 or group["count"] >= MIN_CELL
    for measure, mean in wanted["avg"].items():
        shown = group["avg"][measure]
        assert (shown is None) == (mean is None) and (mean is None or float(shown) == pytest.approx(float(mean)))


@pytest.mark.prove
async def test_whatever_is_filtered_and_grouped_is_a_sum_of_published_cells(attack: Ask) -> None:
    cells = published(ROWS)
    groupings: list[tuple[str, Callable[[Key], tuple[Any, ...]]]] = [
        ("", lambda key: ()),
        ("PROVINCE", lambda key: (key.province,)),
        ("SEX", lambda key: (key.sex,)),
        ("BORN_JALALI_YEAR", lambda key: (key.born,)),
        ("SEEN_YEAR, PROVINCE", lambda key: (int(key.seen[:4]), key.province)),
        ("PROVINCE, SEX, SEEN_MONTH", lambda key: (key.province, key.sex, key.seen)),
    ]
    members = {"PROVINCE": "province", "SEX": "sex", "BORN_JALALI_YEAR": "bornJalaliYear", "SEEN_YEAR": "seenYear",
               "SEEN_MONTH": "seenMonth"}  # fmt: skip
    for where, keeps in filters():
        condition = "" if where == "{}" else f"where: {where}, "
        kept = {key: cell for key, cell in cells.items() if keeps(key)}
        for by, of in groupings:
            names = [members[name] for name in by.split(", ") if name]
            key_part = f"key {{ {' '.join(names)} }}" if names else ""
            selection = f"groups {{ {key_part} {FIGURES} }}"
            answer = await attack(f"{{ health {{ patientsAggregate({condition}groupBy: [{by}]) {{ {selection} }} }} }}")
            found = answer["data"]["health"]["patientsAggregate"]["groups"]
            wanted: dict[tuple[Any, ...], list[Cell]] = {} if names else {(): []}
            for key, cell in kept.items():
                wanted.setdefault(of(key), []).append(cell)
            assert {tuple(group.get("key", {}).values()) for group in found} == wanted.keys()
            for group in found:
                assert_added(group, wanted[tuple(group.get("key", {}).values())])


async def test_the_finest_question_names_no_suppressed_cell(attack: Ask) -> None:
    found: dict[Key, Cell] = {}
    for sex in SEXES:
        where = f'{{sex: {{eq: "{sex}"}}}}' if sex else "{sex: {isNull: true}}"
        selection = f"groups {{ key {{ province bornJalaliYear seenMonth }} {FIGURES} }}"
        answer = await attack(f"{{ health {{ patientsAggregate({FINEST}, where: {where}) {{ {selection} }} }} }}")
        for group in answer["data"]["health"]["patientsAggregate"]["groups"]:
            key, cell = asked({**group, "key": {**group["key"], "sex": sex}})
            found[key] = cell
    assert found == published(ROWS)
    assert found.keys() < cells_of(ROWS).keys()


async def test_how_many_cells_are_suppressed_and_from_which_size_on_is_told(attack: Ask) -> None:
    answer = await attack("{ health { patientsAggregate(first: 1) { suppressedCells minCell totalGroups } } }")
    suppressed = len(cells_of(ROWS)) - len(published(ROWS))
    assert answer["data"]["health"]["patientsAggregate"] == {
        "suppressedCells": suppressed,
        "minCell": MIN_CELL,
        "totalGroups": 1,
    }
    assert answer["receipt"][0]["dataset"] == "health/patients"


async def test_there_is_no_other_way_in(attack: Ask, connections: Connections) -> None:
    for document in (
        "{ health { patients { totalCount } } }",
        "{ health { patientsAggregate { groups { countDistinct { sex } } } } }",
        "{ health { patientsAggregate { groups { max { cost } } } } }",
        "{ health { patientsAggregate(groupBy: BORN_DAY) { totalGroups } } }",
        "{ health { patientsAggregate(groupBy: SEEN_JALALI_MONTH) { totalGroups } } }",
        '{ health { patientsAggregate(where: {cost: {gt: "1"}}) { totalGroups } } }',
        "{ health { patientsAggregate(groupBy: FILE_NUMBER) { totalGroups } } }",
    ):
        with pytest.raises(RefusedDocument):
            await attack(document)
    async with connections.use() as connection:
        sdl = graft(await load_registry(connection), static_schema()).sdl()
    assert "type HealthPatientAggregate " in sdl
    assert "type HealthPatient " not in sdl and "HealthPatientConnection" not in sdl
