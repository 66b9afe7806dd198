"""`GET …/quality` tells both figures, each metric and part, and what would raise it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publicgsb.datasets.exports.known import MadeFiles
from publicgsb.datasets.quality.asking import ask_due
from publicgsb.datasets.quality.http import QualityRoutes
from publicgsb.datasets.quality.known import KnownAnswers
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
Release = Callable[..., Awaitable[Any]]

BASE = "https://gsb.example"
PATH = "/api/v1/datasets/standards/countries/quality"


class House:
    """The routes alone, over the registry as it was last loaded, on a day that tests turn."""

    def __init__(self, connections: Connections) -> None:
        self.day = datetime.now(UTC).date()
        self.registry: Registry | None = None
        self._connections = connections
        self._answers = KnownAnswers(connections, clock=iter(range(0, 10_000, 10)).__next__)
        routes = QualityRoutes(
            self._registry, MadeFiles(connections).known, self._answers.known, BASE, today=self._today
        ).routes()
        self.app = Starlette(routes=routes, exception_handlers={GsbError: _refused})

    async def load(self) -> None:
        async with self._connections.use() as connection:
            self.registry = await load_registry(connection)

    def _registry(self) -> Registry:
        assert self.registry is not None
        return self.registry

    def _today(self) -> date:
        return self.day


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, GsbError)
    return JSONResponse({"code": error.code}, status_code=error.status)


@pytest.fixture
async def house(connections: Connections, declare: Declare, country: Documents, release: Release) -> House:
    await declare(country())
    await release("standards/countries", [["code", "name"], ["IR", "ایران"], ["JP", ""]])
    house = House(connections)
    await house.load()
    return house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=house.app), base_url=BASE) as client:
        yield client


async def test_both_figures_are_told_with_what_would_raise_them(client: httpx2.AsyncClient) -> None:
    told = (await client.get(PATH)).json()
    assert (told["dataset"], told["release"], told["mqa"]["of"]) == ("standards/countries", 1, 405)
    parts = {part["name"]: part["points"] for part in told["data"]["parts"]}
    assert parts == {
        "completeness": 22.5, "validity": 20.0, "keyUniqueness": 15.0, "linkMatch": 0.0, "timeliness": 20.0,
    }  # fmt: skip
    assert told["data"]["score"] == pytest.approx(sum(parts.values())) == 77.5
    metrics = [metric for one in told["mqa"]["dimensions"] for metric in one["metrics"]]
    assert sum(metric["points"] for metric in metrics) == told["mqa"]["points"]
    assert sum(metric["of"] for metric in metrics) == sum(one["of"] for one in told["mqa"]["dimensions"]) == 405
    assert all((metric["raisedBy"] is None) is (metric["points"] > 0) for metric in metrics)


async def test_addresses_count_once_they_were_asked(client: httpx2.AsyncClient, connections: Connections) -> None:
    async def fine(url: str) -> int | None:
        return 200

    before = (await client.get(PATH)).json()["mqa"]
    await ask_due(connections, BASE, fine)
    after = (await client.get(PATH)).json()["mqa"]
    assert (before["askedAt"], after["points"] - before["points"]) == (None, 80)


async def test_an_answer_is_known_by_its_tag_until_the_day_turns(client: httpx2.AsyncClient, house: House) -> None:
    etag = (await client.get(PATH)).headers["etag"]
    assert (await client.get(PATH, headers={"If-None-Match": etag})).status_code == 304
    house.day += timedelta(days=366 + 183)
    late = await client.get(PATH, headers={"If-None-Match": etag})
    timeliness = late.json()["data"]["parts"][-1]
    assert (late.status_code, timeliness["points"]) == (200, 10.0)
    assert "183 days late" in timeliness["raisedBy"]["en"]


async def test_there_is_nothing_of_what_is_not_there(client: httpx2.AsyncClient) -> None:
    refused = await client.get("/api/v1/datasets/standards/rivers/quality")
    assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")


async def test_a_file_that_had_to_be_put_right_is_less_valid(
    declare: Declare, country: Documents, release: Release, house: House, client: httpx2.AsyncClient
) -> None:
    """Persian digits in one cell of four; the number is the same, and the file was not."""
    fields = country()["fields"]
    fields[0] |= {"normalise": ["digits"]}
    await declare(country(version="1.0.1", fields=fields))
    await release("standards/countries", [["code", "name"], ["۱۲", "Iran"], ["13", "Japan"]])
    await house.load()
    parts = {part["name"]: part for part in (await client.get(PATH)).json()["data"]["parts"]}
    assert (parts["validity"]["share"], parts["validity"]["points"]) == (0.75, 15.0)
    assert parts["completeness"]["points"] == 30.0
