"""Answers from memory: no statement, the same bytes, the same price, and never older than the data."""

from pathlib import Path

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.service import withdraw
from publicgsb.schema.serving.endpoint import GraphQLEndpoint
from publicgsb.schema.serving.execute import Runner
from tests.app import Service
from tests.schema.worlds import AIRPORT_ROWS, release

PAGE = "{ air { airports(first: 2) { nodes { icao city } pageInfo { endCursor } } } }"


def runner(service: Service) -> Runner:
    endpoint = next(route.endpoint for route in service.app.routes if getattr(route, "path", "") == "/graphql")  # type: ignore[attr-defined]
    assert isinstance(endpoint, GraphQLEndpoint)
    return endpoint.runner


async def test_a_repeated_question_is_answered_from_memory_at_the_same_price(service: Service, key: str) -> None:
    first, second, third = [(await service.ask(key, PAGE)).json() for _ in range(3)]
    assert first["data"] == second["data"] == third["data"]
    assert second["extensions"]["cost"]["actual"] == third["extensions"]["cost"]["actual"] == 1
    assert (runner(service).kept.hits, runner(service).kept.misses) == (2, 1)


async def test_a_new_release_is_answered_at_once(service: Service, key: str, state_dir: Path) -> None:
    await service.ask(key, PAGE)
    await release(service.connections, state_dir, "air/airports", AIRPORT_ROWS.replace("İstanbul", "Istanbul"))
    await service.caught_up()
    answer = (await service.ask(key, PAGE)).json()
    assert answer["data"]["air"]["airports"]["nodes"][0]["city"] == "Istanbul"


async def test_a_withdrawn_dataset_is_refused_though_its_answer_was_kept(service: Service, key: str) -> None:
    await service.ask(key, PAGE)
    await withdraw(service.connections, "air", "airports", Label("خطا", "A mistake"), "tests")
    await service.caught_up()
    (error,) = (await service.ask(key, PAGE)).json()["errors"]
    assert error["extensions"]["code"] == "DATASET_WITHDRAWN"


async def test_another_callers_kept_answer_is_not_for_one_without_a_key(service: Service, key: str) -> None:
    await service.ask(key, PAGE)
    assert (await service.ask("gsbl_nothing", PAGE)).status_code == 401
