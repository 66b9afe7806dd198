"""A token does what its key does, for ten minutes and no longer than its key: on every route that reads."""

import asyncio
import json
from base64 import urlsafe_b64decode
from typing import Any

import httpx2
import pytest

from publicgsb.apikeys.model import Actor
from tests.app import Service
from tests.journeys.plain import BODY, endpoint, long_way, request, short_way

AIRPORTS = "{ air { airports(first: 2) { nodes { icao city } } } }"
BOTH = "{ air { airports(first: 2) { nodes { icao country { name } } } } }"


async def exchange(service: Service, key: str, **body: Any) -> httpx2.Response:
    return await service.http.post("/api/v1/auth/token", json=body, headers={"authorization": f"Bearer {key}"})


async def token_of(service: Service, key: str, *datasets: str) -> str:
    answer = await exchange(service, key, **({"datasets": list(datasets)} if datasets else {}))
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["token"]
    return token


def parts_of(token: str) -> list[dict[str, Any]]:
    return [json.loads(urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def reason(answer: httpx2.Response) -> str:
    body = answer.json()
    found: str = (body["errors"][0]["extensions"] if "errors" in body else body)["details"]["reason"]
    return found


async def test_a_key_is_exchanged_for_a_token_that_says_whose_it_is_and_how_long(service: Service, key: str) -> None:
    answer = await exchange(service, key)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    header, claims = parts_of(answer.json()["token"])
    assert set(header) == {"alg", "typ", "kid"}
    assert header["alg"] == "EdDSA"
    assert set(claims) == {"iss", "aud", "sub", "jti", "key_id", "scope", "iat", "nbf", "exp"}
    assert claims["exp"] - claims["iat"] == answer.json()["expiresInSeconds"] == 600
    assert (claims["key_id"], claims["scope"]) == (key[5:13], "read")
    assert key not in json.dumps(claims)


async def test_a_token_reads_what_its_key_reads_on_every_route(service: Service, key: str) -> None:
    token = await token_of(service, key)
    as_token = {"authorization": f"Bearer {token}"}
    assert (await service.ask(token, AIRPORTS)).json()["data"] == (await service.ask(key, AIRPORTS)).json()["data"]
    assert (await service.http.get("/graphql", params={"query": AIRPORTS}, headers=as_token)).status_code == 200
    assert (await service.http.get("/files/air/airports/latest.csv", headers=as_token)).status_code == 200
    assert (await service.http.get("/api/v1/quota", headers=as_token)).json()["plan"] == "open"
    whoami = (await service.http.get("/api/v1/whoami", headers={"x-api-key": token})).json()
    assert (whoami["credential"], whoami["datasets"], whoami["key"]["id"]) == ("token", None, key[5:13])


async def test_a_narrowed_token_reaches_its_datasets_and_no_others_whoever_asked_before(
    service: Service, key: str
) -> None:
    token = await token_of(service, key, "air/airports")
    for _ in range(3):  # planned, remembered, kept
        assert (await service.ask(key, BOTH)).status_code == 200
        assert (await service.ask(token, AIRPORTS)).status_code == 200
        refused = await service.ask(token, BOTH)
        assert (refused.status_code, reason(refused)) == (403, "key_dataset")
    as_token = {"authorization": f"Bearer {token}"}
    assert (await service.http.get("/files/air/airports/latest.csv", headers=as_token)).status_code == 200
    other = await service.http.get("/files/geo/countries/latest.csv", headers=as_token)
    assert (other.status_code, reason(other)) == (403, "key_dataset")


@pytest.mark.parametrize(
    "body",
    [
        {"datasets": []},
        {"datasets": "air/airports"},
        {"datasets": ["air"]},
        {"datasets": ["air/airports geo/countries"]},
        {"datasets": [f"air/a{number}" for number in range(21)]},
        {"lifetime": 1},
    ],
)
async def test_an_exchange_for_something_else_is_refused(service: Service, key: str, body: dict[str, Any]) -> None:
    answer = await exchange(service, key, **body)
    assert (answer.status_code, reason(answer)) == (400, "members")


async def test_what_is_no_data_key_is_not_exchanged(service: Service, key: str) -> None:
    token = await token_of(service, key)
    owner = (await service.register())["ownerToken"]
    for credential, why in ((token, "token"), (owner, "token"), (await service.agency_key("air"), "agency_key")):
        answer = await exchange(service, credential)
        assert (answer.status_code, reason(answer)) == (403, why)
    assert (await exchange(service, "nonsense")).status_code == 401


async def test_a_token_manages_no_keys_and_an_owner_token_reads_no_data(service: Service, key: str) -> None:
    token = await token_of(service, key)
    refused = await service.http.get("/api/v1/keys", headers={"authorization": f"Bearer {token}"})
    assert (refused.status_code, reason(refused)) == (403, "data_key")
    owner = (await service.register())["ownerToken"]
    answer = await service.ask(owner, AIRPORTS)
    assert (answer.status_code, reason(answer)) == (401, "unknown")


@pytest.mark.parametrize("end", ["revoke", "suspend"])
async def test_what_ends_a_key_ends_its_tokens_in_the_same_moment(service: Service, end: str) -> None:
    """Both ways, the long one and the short one, have met the token before."""
    registered = await service.register()
    token = await token_of(service, registered["key"]["secret"])
    await long_way(service, token, 3)
    assert await short_way(service, request(token)) is not None
    if end == "revoke":
        await service.keys.revoke_key(registered["key"]["id"], "leaked", Actor("tests", None))
    else:
        await service.keys.suspend_organisation(registered["organisation"]["id"], "abuse", Actor("tests", None))
    assert endpoint(service).again(request(token)) is None
    answer = await service.ask(token, AIRPORTS)
    assert (answer.status_code, reason(answer)) == (401, {"revoke": "revoked", "suspend": "suspended"}[end])


async def test_the_short_way_answers_a_token_as_the_long_way_does_and_narrows_it(service: Service, key: str) -> None:
    token, narrow = await token_of(service, key), await token_of(service, key, "geo/countries")
    usual = await long_way(service, token, 3)
    answer = await short_way(service, request(token))
    assert answer is not None
    assert json.loads(answer.body)["data"] == usual.json()["data"]
    headers = {"authorization": f"Bearer {narrow}", "content-type": "application/json"}
    for _ in range(3):
        refused = await service.http.post("/graphql", content=BODY, headers=headers)
        assert (refused.status_code, reason(refused)) == (403, "key_dataset")
        assert endpoint(service).again(request(narrow)) is None


async def test_neither_token_nor_key_is_readable_in_what_a_worker_remembers(service: Service, key: str) -> None:
    token = await token_of(service, key)
    await long_way(service, token, 3)
    assert await short_way(service, request(token)) is not None
    tokens = endpoint(service)._parts.keys._tokens
    assert tokens is not None
    assert tokens._remembered
    assert token.rpartition(".")[2] not in repr(tokens._remembered)
    assert token.encode() not in b"".join(tokens._remembered)


async def test_many_at_once_with_one_new_token_all_get_their_answer(service: Service, key: str) -> None:
    token = await token_of(service, key)
    answers = await asyncio.gather(*(service.ask(token, "{ __typename }") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
