"""The same bytes asked again skip parsing and planning, but neither key, right, price nor data."""

import asyncio
from pathlib import Path

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.service import withdraw
from publicgsb.schema.serving.endpoint import GraphQLEndpoint
from tests.app import Service
from tests.schema.worlds import AIRPORT_ROWS, release

PAGE = "{ air { airports(first: 1) { nodes { icao city } } } }"


def endpoint(service: Service) -> GraphQLEndpoint:
    found = next(route.endpoint for route in service.app.routes if getattr(route, "path", "") == "/graphql")  # type: ignore[attr-defined]
    assert isinstance(found, GraphQLEndpoint)
    return found


async def planned(service: Service) -> float:
    """How often this worker looked for a plan, as it tells itself."""
    text = (await service.http.get("/metrics")).text
    return sum(
        float(line.split()[-1]) for line in text.splitlines() if line.startswith(("gsb_plan_hits{", "gsb_plan_misses{"))
    )


async def plannings(service: Service, key: str, *documents: str) -> float:
    """How often the planner was asked for these documents, one after the other."""
    before = await planned(service)
    for document in documents:
        answer = await service.ask(key, document)
        assert answer.status_code == 200, answer.text
    return await planned(service) - before


async def test_a_document_is_planned_until_it_is_known_and_then_no_more(service: Service, key: str) -> None:
    assert await plannings(service, key, PAGE, PAGE, PAGE, PAGE) == 2


async def test_static_fields_and_errors_are_planned_each_time(service: Service, key: str) -> None:
    for document in ("{ me { plan } }", '{ air { airport(by: {icao: "OIIE"}) { icao manager } } }'):
        assert await plannings(service, key, *[document] * 4) == 4


async def test_a_page_by_its_cursor_is_planned_no_more_than_the_first_page(service: Service, key: str) -> None:
    first = (await service.ask(key, PAGE.replace("nodes", "pageInfo { endCursor } nodes"))).json()
    cursor = first["data"]["air"]["airports"]["pageInfo"]["endCursor"]
    second = PAGE.replace("first: 1", f'first: 1, after: "{cursor}"')
    assert await plannings(service, key, second, second, second, second) == 2


async def test_the_page_of_a_dataset_that_was_withdrawn_is_refused_though_its_cursor_was_seen(
    service: Service, key: str
) -> None:
    first = (await service.ask(key, PAGE.replace("nodes", "pageInfo { endCursor } nodes"))).json()
    second = PAGE.replace("first: 1", f'first: 1, after: "{first["data"]["air"]["airports"]["pageInfo"]["endCursor"]}"')
    for _ in range(4):
        assert "errors" not in (await service.ask(key, second)).json()
    await withdraw(service.connections, "air", "airports", Label("خطا", "A mistake"), "tests")
    await service.caught_up()
    (error,) = (await service.ask(key, second)).json()["errors"]
    assert error["extensions"]["code"] == "DATASET_WITHDRAWN"


async def test_the_short_way_of_a_kept_answer_leaves_the_same_facts_and_headers(service: Service, key: str) -> None:
    answers = [await service.ask(key, PAGE) for _ in range(6)]
    assert endpoint(service).runner.kept.hits == 5
    assert all(answer.headers.keys() == answers[0].headers.keys() for answer in answers)
    async with service.connections.use() as connection:
        async with asyncio.timeout(60):  # facts are written each second
            while True:
                noted = await connection.fetch(
                    "select dataset_id = 0 as whole, sum(requests)::int as requests, sum(points)::int as points,"
                    " sum(bytes)::int as bytes, sum(errors)::int as errors from gsb.usage_fact group by 1 order by 1"
                )
                if noted and noted[-1]["requests"] == 6:
                    break
                await asyncio.sleep(0.05)
    assert [tuple(row) for row in noted] == [
        (False, 6, 11, sum(len(answer.content) for answer in answers), 0),
        (True, 6, 11, sum(len(answer.content) for answer in answers), 0),
    ]


async def test_a_release_is_seen_by_the_next_request(service: Service, key: str, state_dir: Path) -> None:
    for _ in range(3):
        await service.ask(key, PAGE)
    await release(service.connections, state_dir, "air/airports", AIRPORT_ROWS.replace("İstanbul", "Istanbul"))
    await service.caught_up()
    answer = (await service.ask(key, PAGE)).json()
    assert answer["data"]["air"]["airports"]["nodes"] == [{"icao": "LTFM", "city": "Istanbul"}]


async def test_the_right_to_ask_is_looked_at_each_time(service: Service, key: str) -> None:
    for _ in range(3):
        await service.ask(key, PAGE)
    answer = await service.ask(await service.agency_key("air"), PAGE)
    assert answer.status_code == 403


async def test_every_repeat_is_paid_for(service: Service, key: str) -> None:
    costs = [(await service.ask(key, PAGE)).json()["extensions"]["cost"] for _ in range(4)]
    assert [cost["actual"] for cost in costs] == [6, 1, 1, 1]
    assert costs[2]["remaining"] - costs[3]["remaining"] == 1
