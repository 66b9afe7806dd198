"""Every identified caller is told its limits in fields that any client can parse, and a time to wait that holds."""

import asyncio

import pytest

from tests.app import Service
from tests.journeys.test_limits import LOOK_UP, plan, until_refused
from tests.structured import room_of, seconds_to_wait


def _as(credential: str) -> dict[str, str]:
    return {"authorization": f"Bearer {credential}"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/whoami", 200),
        ("GET", "/api/v1/quota", 200),
        ("GET", "/api/v1/keys", 403),  # a key manages no keys, and is known all the same
        ("POST", "/api/v1/keys", 403),
        ("GET", "/api/v1/jobs/00000000-0000-0000-0000-000000000000", 403),
        ("GET", "/files/geo/countries/latest.csv", 200),
        ("GET", "/files/geo/countries/99.csv", 404),
        ("POST", "/graphql", 415),
    ],
)
async def test_every_route_that_knows_its_caller_tells_what_is_left(
    service: Service, key: str, method: str, path: str, status: int
) -> None:
    assert (await service.ask(key, LOOK_UP)).status_code == 200
    answer = await service.http.request(method, path, headers=_as(key))
    assert answer.status_code == status
    assert room_of(answer).keys() == {"burst", "minute", "month", "database", "database_key"}
    assert [name for name, _ in answer.headers.multi_items()].count("ratelimit-policy") == 1


async def test_who_is_on_a_plan_that_there_is_not_is_told_so_on_every_route(service: Service) -> None:
    key = await service.data_key()
    async with service.connections.use() as connection:
        await connection.execute("update gsb.organisation set plan = 'gone'")
    for answer in (await service.ask(key, LOOK_UP), await service.http.get("/api/v1/quota", headers=_as(key))):
        assert (answer.status_code, "There is no plan 'gone'." in answer.text) == (404, True)
    assert (await service.http.get("/api/v1/whoami", headers=_as(key))).status_code == 200


async def test_who_has_no_account_is_told_of_no_limit(service: Service) -> None:
    registered = await service.register()
    agency_key = await service.agency_key("air")
    for path, credential in (("/api/v1/whoami", registered["ownerToken"]), ("/api/v1/whoami", agency_key)):
        answer = await service.http.get(path, headers=_as(credential))
        assert answer.status_code == 200
        assert not {"ratelimit", "ratelimit-policy"} & set(answer.headers)
    for path in ("/", "/api/v1/plans", "/files/geo/countries/latest.csv"):
        assert "ratelimit-policy" not in (await service.http.get(path)).headers
    assert "ratelimit-policy" not in (await service.http.get("/api/v1/whoami", headers=_as("gsbl_no"))).headers


@pytest.mark.prove
async def test_asked_again_right_after_the_time_to_wait_the_request_passes(service: Service, key: str) -> None:
    """Ten seconds of a strict window, three times: a wait that is too short by anything would be refused again."""
    await plan(service, burst=12)
    for _ in range(3):
        refused = await until_refused(service, key)
        assert refused.status_code == 429
        assert room_of(refused)["burst"]["r"] == 0
        await asyncio.sleep(seconds_to_wait(refused))
        assert (await service.ask(key, LOOK_UP)).status_code == 200


async def test_a_guarded_route_says_when_to_come_back(service: Service) -> None:
    answers = [await service.http.post("/api/v1/keys/revoke-exposed", json={"keys": ["a"]}) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [202] * 60 + [429]
    assert answers[-1].json()["code"] == "RATE_LIMITED"
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert 3500 < seconds_to_wait(answers[-1]) <= 3600
