"""What comes by the thousand grows nothing without end and is answered right all the same."""

import asyncio
import hashlib
from typing import Any

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.planning.limits import SHAPES_MAX
from publicgsb.schema.serving import persisted, slices
from publicgsb.schema.serving.world import World
from tests.app import Service
from tests.attacks.direct import WEBSOCKET
from tests.journeys.load import unlimited

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city%s } } }'


@pytest.fixture(autouse=True)
async def _much(connections: Connections) -> None:
    """What a slow machine's database takes for thousands of questions is more than a plan gives."""
    await unlimited(connections)


def world_of(service: Service) -> World:
    route = next(route for route in service.app.routes if getattr(route, "path", "") == "/schema.graphql")
    world: World = route.endpoint.__self__.worlds.current  # type: ignore[attr-defined]
    return world


def cost(answer: Any) -> int:
    found: int = answer.json()["extensions"]["cost"]["actual"]
    return found


async def test_each_new_document_costs_five_points_more_and_the_plans_stay_bounded(service: Service, key: str) -> None:
    plans = world_of(service).plans
    plans._documents_max = 20
    for number in range(50):
        novel = LOOK_UP % f" a{number}: icao"
        answers = [await service.ask(key, novel) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert cost(answers[0]) == cost(answers[1]) + 5
        assert (await service.ask(key, LOOK_UP % f" nope{number}")).status_code == 400
    assert len(plans) == 20


async def test_a_flood_of_one_refused_text_is_validated_once(service: Service, key: str) -> None:
    plans = world_of(service).plans
    answers = [await service.ask(key, "{ air { nope } }") for _ in range(30)]
    assert {answer.status_code for answer in answers} == {400}
    assert (plans.misses, plans.hits) == (1, 29)


async def test_of_256_shapes_of_one_document_each_is_answered_right_and_sixteen_are_kept(
    service: Service, key: str
) -> None:
    names = [f"b{bit}" for bit in range(8)]
    declared = " ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"f{name}: icao @include(if: ${name})" for name in names)
    document = f'query({declared}) {{ air {{ airport(by: {{icao: "OIIE"}}) {{ icao {fields} }} }} }}'
    for number in range(256):
        switches = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        answer = await service.ask(key, document, switches)
        assert answer.status_code == 200, answer.text
        wanted = {"icao"} | {f"f{name}" for name, is_on in switches.items() if is_on}
        assert answer.json()["data"]["air"]["airport"] == dict.fromkeys(wanted, "OIIE")
    family = world_of(service).plans.family(document, None)
    assert len(family._plans) == SHAPES_MAX


async def test_persisted_documents_of_one_application_do_not_grow_without_end(
    service: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persisted, "DOCUMENTS_MAX", 10)
    other = await service.data_key()
    for number, asker in enumerate([other, *[key] * 30]):
        source = LOOK_UP % f" a{number}: icao"
        named = {"version": 1, "sha256Hash": hashlib.sha256(source.encode()).hexdigest()}
        body = {"query": source, "extensions": {"persistedQuery": named}}
        answer = await service.http.post("/graphql", json=body, headers={"authorization": f"Bearer {asker}"})
        assert answer.status_code == 200
    async with service.connections.use() as connection:
        kept = await connection.fetch("select count(*) from gsb.persisted_document group by application_id")
    assert sorted(row[0] for row in kept) == [1, 10]


async def test_names_of_documents_that_nobody_kept_leave_nothing_behind(service: Service, key: str) -> None:
    plans = world_of(service).plans
    documents: persisted.PersistedDocuments = service.app._endpoint._parts.documents  # type: ignore[attr-defined]
    before = len(plans)
    for number in range(100):
        body = {"documentId": f"sha256:{number:064x}"}
        answer = await service.http.post("/graphql", json=body, headers={"authorization": f"Bearer {key}"})
        (error,) = answer.json()["errors"]
        assert error["extensions"]["details"]["reason"] == "persisted_query_not_found"
    assert (len(plans), len(documents._remembered), len(documents._looked_up)) == (before, 0, 0)


async def test_slices_that_nobody_asks_again_make_room(
    service: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICES_MAX", 2)
    for named in ("air/airports", "geo/countries", "fly/flights", "air/airports,geo/countries", "air/airports"):
        headers = {"authorization": f"Bearer {key}", "gsb-datasets": named}
        answer = await service.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
        assert answer.json()["data"] == {"__typename": "Query"}
    assert len(world_of(service).slices._kept) == 2


@pytest.mark.parametrize(
    "elsewhere",
    [
        "{ geo { countries(after: $c) { totalCount } } }",
        "{ air { airports(orderBy: CITY_ASC, after: $c) { totalCount } } }",
        "{ air { airportsChanges(since: 1, after: $c) { nodes { __typename } } } }",
        '{ air { airports(search: "tehran", after: $c) { totalCount } } }',
    ],
)
async def test_a_cursor_leads_nowhere_but_where_it_came_from(service: Service, key: str, elsewhere: str) -> None:
    page = await service.ask(key, "{ air { airports(first: 1) { pageInfo { endCursor } } } }")
    cursor = page.json()["data"]["air"]["airports"]["pageInfo"]["endCursor"]
    answer = await service.ask(key, f"query($c: String) {elsewhere}", {"c": cursor})
    (error,) = answer.json()["errors"]
    assert error["extensions"]["details"]["reason"] == "cursor", answer.text
    assert "OI" not in answer.text  # of no airport


async def test_a_websocket_is_closed_before_it_is_accepted(service: Service) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(60):
        await service.app(dict(WEBSOCKET), receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]
