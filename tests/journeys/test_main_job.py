"""The main job, from an agency's file to a startup's answer, and the exact account of it afterwards."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb_sdk import Client
from tests.processes import gsb, served, settings_env
from tests.schema.worlds import AIRPORT_ROWS, AIRPORTS, COUNTRIES, COUNTRY_ROWS, FLIGHT_ROWS, FLIGHTS, declare, release

THREE_AGENCIES = """{ fly { flights(first: 1) { nodes { number originAirport { city country { name } } } } } }"""
READ = {
    *(("fly", "day"), ("fly", "number"), ("fly", "origin")),
    *(("air", "icao"), ("air", "city"), ("air", "country_code")),
    *(("geo", "code"), ("geo", "name")),
}


@pytest.fixture
async def env(settings: Settings, connections: Connections, state_dir: Path) -> dict[str, str]:
    """Two agencies are there already; the third comes by the command line."""
    for slug, contract, rows, dataset in (
        ("geo", COUNTRIES, COUNTRY_ROWS, "geo/countries"),
        ("air", AIRPORTS, AIRPORT_ROWS, "air/airports"),
    ):
        await add_agency(connections, slug, Label("نمونه", "Sample"), "tests")
        await declare(connections, contract)
        await release(connections, state_dir, dataset, rows)
    return settings_env(settings)


def publish_flights(env: dict[str, str], folder: Path) -> None:
    """What an agency's administrator types, while the server runs."""
    contract, file = folder / "flights.yaml", folder / "flights.csv"
    contract.write_text(FLIGHTS, encoding="utf-8")
    file.write_text(FLIGHT_ROWS, encoding="utf-8")
    gsb(env, "agency", "add", "fly", "--name-fa", "پرواز", "--name-en", "Flights")
    gsb(env, "dataset", "add", str(contract))
    released = gsb(env, "dataset", "release", "fly/flights", str(file))
    assert (released["release"], released["rows"], released["workersBehind"]) == (1, 5, 0)


def register(url: str) -> tuple[str, int]:
    """A new startup's key, and the number of its application."""
    answer = httpx2.post(
        f"{url}/api/v1/register",
        json={"name": "A startup", "email": "a@example.org", "purpose": "Trying it"},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["key"]["secret"], answer.json()["application"]["id"]


def combined(url: str, key: str) -> int:
    """One query over three agencies; what it cost."""
    answer = httpx2.post(
        f"{url}/graphql", json={"query": THREE_AGENCIES}, headers={"authorization": f"Bearer {key}"}, timeout=60
    ).json()
    assert "errors" not in answer, answer
    (flight,) = answer["data"]["fly"]["flights"]["nodes"]
    assert flight == {"number": 1, "originAirport": {"city": "تهران", "country": {"name": "ایران"}}}
    receipt = {(row["dataset"], row["release"]) for row in answer["extensions"]["receipt"]}
    assert receipt == {("fly/flights", 1), ("air/airports", 1), ("geo/countries", 1)}
    return int(answer["extensions"]["cost"]["actual"])


def by_sdk(url: str, key: str) -> int:
    """The same flights through the SDK, in pages of two; what they cost."""
    with Client(base_url=url, api_key=key) as client:
        pages = list(client.dataset("fly.flights").select("number", "origin_airport.city").pages(size=2))
        assert client.whoami().organisation is not None
    assert [len(page.rows) for page in pages] == [2, 2, 1]
    assert sum(1 for page in pages for row in page.rows if row["origin_airport"]["city"] == "تهران") == 3
    return sum(page.cost.actual for page in pages if page.cost)


async def test_from_a_file_to_an_answer_and_every_point_of_it_accounted_for(
    env: dict[str, str], connections: Connections, tmp_path: Path
) -> None:
    with served(env, workers=2) as server:
        await asyncio.to_thread(publish_flights, env, tmp_path)
        key, application = await asyncio.to_thread(register, server.url)
        paid = [await asyncio.to_thread(combined, server.url, key) for _ in range(3)]
        paid.append(await asyncio.to_thread(by_sdk, server.url, key))
    assert paid[1] == paid[2] == 1
    async with connections.use() as connection:
        whole = await connection.fetchrow(
            "select sum(requests) as requests, sum(points) as points, sum(errors) as errors "
            "from gsb.usage_fact where dataset_id = 0 and application_id = $1",
            application,
        )
        touched = await connection.fetch(
            "select a.slug, sum(f.requests)::int as requests from gsb.usage_fact f "
            "join gsb.dataset d on d.id = f.dataset_id join gsb.agency a on a.id = d.agency_id group by a.slug"
        )
        month = await connection.fetchrow("select used, allotted from gsb.quota_account where policy = 'month'")
        read = await connection.fetch(
            "select distinct a.slug, o.field from gsb.operation_field o "
            "join gsb.dataset d on d.id = o.dataset_id join gsb.agency a on a.id = d.agency_id"
        )
    assert whole and month
    assert tuple(whole) == (6, sum(paid), 0)
    assert dict(map(tuple, touched)) == {"fly": 6, "air": 6, "geo": 3}
    assert tuple(month) == (sum(paid), sum(paid))  # the workers have left: nothing is set aside any more
    assert set(map(tuple, read)) == READ
