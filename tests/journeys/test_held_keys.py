"""Keys that are held to something, replaced keys and test keys, over every way that leads to data."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from publicgsb.apikeys.model import Owner
from publicgsb.apikeys.restrictions import Restrictions
from publicgsb.platform.kernel.addresses import read_networks
from publicgsb.platform.kernel.caller import KeyKind
from tests.app import Service
from tests.journeys.plain import BODY, endpoint, long_way, request, short_way

HERE, ELSEWHERE = "127.0.0.1", "192.0.2.9"
FLIGHTS = "{ fly { flights(first: 1) { totalCount } } }"
BOTH = "{ fly { flights(first: 1) { nodes { originAirport { city } } } } }"


@pytest.fixture
async def owner(service: Service) -> Owner:
    registered = await service.keys.register("A startup", "a@example.org", "Trying it")
    return await service.keys.owner(registered.owner_token.text)


async def _held(service: Service, owner: Owner, **held: Any) -> str:
    return (await service.keys.create_key(owner, restrictions=Restrictions(**held))).secret


@asynccontextmanager
async def _from(service: Service, address: str) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(service.app, client=(address, 50000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://gsb") as http:
        yield http


def _refused(answer: httpx2.Response) -> tuple[int, str]:
    body = answer.json()
    details = body["errors"][0]["extensions"]["details"] if "errors" in body else body["details"]
    return answer.status_code, details["reason"]


async def test_a_key_of_a_network_is_answered_there_and_nowhere_else(service: Service, owner: Owner) -> None:
    headers = {"authorization": f"Bearer {await _held(service, owner, networks=read_networks(['127.0.0.0/8', '::1']))}"}
    for address in (HERE, "::1", "::ffff:127.0.0.1"):
        async with _from(service, address) as http:
            assert (await http.post("/graphql", content=BODY, headers=headers | _JSON)).status_code == 200
            assert (await http.get("/api/v1/quota", headers=headers)).status_code == 200
    async with _from(service, ELSEWHERE) as http:
        for forged in ({}, {"x-forwarded-for": HERE}):  # no proxy is trusted here, so nobody's word is taken
            answers = [
                await http.post("/graphql", content=BODY, headers=headers | _JSON | forged),
                await http.get("/graphql", params={"query": FLIGHTS}, headers=headers | forged),
                *[await http.get(path, headers=headers | forged) for path in _PATHS],
            ]
            assert [_refused(answer) for answer in answers] == [(403, "address")] * len(answers)
            assert not any("ratelimit" in answer.headers for answer in answers)


async def test_a_key_of_a_network_never_takes_the_short_way(service: Service, owner: Owner) -> None:
    """Where a request comes from is not in its bytes, and the short way reads nothing else."""
    key = await _held(service, owner, networks=read_networks(["127.0.0.0/8"]))
    await long_way(service, key, 3)
    assert await short_way(service, request(key)) is None
    free = await _held(service, owner)
    await long_way(service, free, 3)
    assert await short_way(service, request(free)) is not None


async def test_a_key_of_a_dataset_reads_that_alone_whichever_way_it_asks(service: Service, owner: Owner) -> None:
    key = await _held(service, owner, datasets=frozenset({"air/airports"}))
    headers = {"authorization": f"Bearer {key}"}
    assert (await long_way(service, key, 3)).status_code == 200
    for document in (FLIGHTS, BOTH):
        assert _refused(await service.ask(key, document)) == (403, "key_dataset")
    assert (await service.http.get("/files/air/airports/latest.csv", headers=headers)).status_code == 200
    assert _refused(await service.http.get("/files/fly/flights/latest.csv", headers=headers)) == (403, "key_dataset")


async def test_an_answer_kept_for_others_is_not_given_to_a_key_of_another_dataset(
    service: Service, owner: Owner, key: str
) -> None:
    await long_way(service, key, 3)
    held = await _held(service, owner, datasets=frozenset({"fly/flights"}))
    for _ in range(3):
        answer = await service.http.post("/graphql", content=BODY, headers=_JSON | {"authorization": f"Bearer {held}"})
        assert _refused(answer) == (403, "key_dataset")
        assert endpoint(service).again(request(held)) is None


async def test_a_replaced_key_is_told_so_with_every_answer_and_its_successor_is_not(
    service: Service, owner: Owner
) -> None:
    (key,) = await service.keys.list_keys(owner.organisation.id)
    first = await service.keys.rotate_key(owner, key.id)
    second = await service.keys.rotate_key(owner, (await service.keys.create_key(owner)).key.id)
    old = await service.keys.create_key(owner)
    await long_way(service, old.secret, 3)
    assert await short_way(service, request(old.secret)) is not None
    rotated = await service.keys.rotate_key(owner, old.key.id)
    await service.caught_up()
    assert rotated.old.replaced_at is not None
    replaced = f"@{int(rotated.old.replaced_at.timestamp())}"
    headers = {"authorization": f"Bearer {old.secret}"}
    answers = [
        await long_way(service, old.secret, 3),
        await service.ask(old.secret, "{ nothing }"),
        await service.http.get("/api/v1/quota", headers=headers),
        await service.http.get("/api/v1/keys", headers=headers),
        await service.http.get("/files/air/airports/latest.csv", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 200, 403, 200]
    assert {answer.headers["deprecation"] for answer in answers} == {replaced}
    assert all(answer.headers["sunset"].endswith(" GMT") for answer in answers)
    short = await short_way(service, request(old.secret))
    assert short is not None
    assert (b"deprecation", replaced.encode()) in short.headers
    assert b"sunset" in dict(short.headers)
    for successor in (first, second, rotated):
        assert "deprecation" not in (await long_way(service, successor.new.secret)).headers


async def test_what_a_test_key_uses_is_not_taken_from_the_live_quota(service: Service, owner: Owner) -> None:
    live = (await service.keys.create_key(owner)).secret
    test = (await service.keys.create_key(owner, kind=KeyKind.TEST)).secret
    first = (await long_way(service, test)).json()["extensions"]["cost"]
    assert first["remaining"] == 10_000 - first["actual"]
    assert await _month(service, live) == ("open", 100_000, 100_000)
    cost = (await long_way(service, live)).json()["extensions"]["cost"]
    assert cost["remaining"] == 100_000 - cost["actual"]
    plan, limit, remaining = await _month(service, test)
    assert (plan, limit, remaining < 10_000) == ("test", 10_000, True)


async def test_rotating_never_refills_the_quota(service: Service, owner: Owner) -> None:
    before = await service.keys.create_key(owner)
    left = (await long_way(service, before.secret, 4)).json()["extensions"]["cost"]["remaining"]
    after = (await service.keys.rotate_key(owner, before.key.id)).new.secret
    assert await _month(service, after) == await _month(service, before.secret)
    for key in (after, before.secret):
        cost = (await long_way(service, key)).json()["extensions"]["cost"]
        assert cost["remaining"] == left - cost["actual"]
        left = cost["remaining"]


async def _month(service: Service, key: str) -> tuple[str, int, int]:
    body = (await service.http.get("/api/v1/quota", headers={"authorization": f"Bearer {key}"})).json()
    month = next(policy for policy in body["policies"] if policy["name"] == "month")
    return body["plan"], month["limit"], month["remaining"]


_JSON = {"content-type": "application/json"}
_PATHS = ("/api/v1/quota", "/api/v1/whoami", "/api/v1/keys", "/files/air/airports/latest.csv")
