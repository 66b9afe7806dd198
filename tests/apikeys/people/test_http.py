"""The routes around people, through ASGI."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from tests.apikeys.conftest import Worker

from publicgsb.apikeys import asking
from publicgsb.apikeys import http as apikeys_http
from publicgsb.apikeys.asking import Endpoint, owner_of
from publicgsb.apikeys.people.http import Dependencies, routes
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.errors import GsbError

from .conftest import MailedCode

REGISTRATION = {"name": "شرکت راه", "email": "rah@example.ir", "purpose": "سفر ارزان"}
USE = {"url": "https://rah.example.ir/", "description": "Finds cheap ways to travel."}
Made = dict[str, Any]


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, GsbError)
    return JSONResponse(error.as_problem("req_test"), error.http_status)


@pytest.fixture
def guarded() -> list[str]:
    """The names of the endpoints that are limited per address."""
    return []


@pytest.fixture
async def client(
    keys: ApiKeys, people: People, worker: Worker, guarded: list[str]
) -> AsyncIterator[httpx2.AsyncClient]:
    def limit(endpoint: Endpoint) -> Endpoint:
        guarded.append(getattr(endpoint, "__name__", ""))
        return endpoint

    apikeys = asking.Dependencies(keys, worker.keyring, limit, people)
    own = Dependencies(people, partial(owner_of, with_=apikeys), limit)
    app = Starlette(routes=[*apikeys_http.routes(apikeys), *routes(own)], exception_handlers={GsbError: _problem})
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gsb.test") as client:
        yield client


def _as(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def _confirmed(client: httpx2.AsyncClient, mailed_code: MailedCode, **more: str) -> Made:
    made: Made = (await client.post("/api/v1/register", json=REGISTRATION | more)).json()
    answer = await client.post("/api/v1/confirm", json={"code": await mailed_code()})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return made


async def test_a_journey_of_an_organisation(client: httpx2.AsyncClient, mailed_code: MailedCode) -> None:
    made = await _confirmed(client, mailed_code, legalId="۱۰۳۸۰۲۸۴۷۹۰")
    owner = _as(made["ownerToken"])
    declared = await client.post("/api/v1/organisation/use", headers=owner, json=USE)
    assert (declared.status_code, declared.json()["organisation"]["plan"]) == (201, "registered_use")
    invited = await client.post("/api/v1/organisation/people", headers=owner, json={"email": "sara@example.ir"})
    assert invited.status_code == 202
    joined = await client.post("/api/v1/invitations/accept", json={"code": await mailed_code(), "name": "Sara"})
    assert (joined.status_code, joined.json()["person"]["role"]) == (201, "member")
    member = _as(joined.json()["ownerToken"])
    whoami = (await client.get("/api/v1/whoami", headers=member)).json()
    assert (whoami["person"]["name"], whoami["person"]["role"]) == ("Sara", "member")
    profile = (await client.get("/api/v1/organisation", headers=member)).json()
    assert (profile["legalId"], profile["use"]["url"]) == ("10380284790", USE["url"])
    assert profile["applications"] == [made["application"]]
    listed = (await client.get("/api/v1/organisation/people", headers=member)).json()["people"]
    assert [one["role"] for one in listed] == ["owner", "member"]
    path = f"/api/v1/organisation/people/{listed[1]['id']}"
    refused = await client.delete(f"/api/v1/organisation/people/{listed[0]['id']}", headers=member)
    assert (refused.status_code, refused.json()["details"]["reason"]) == (403, "member")
    removed = await client.request("DELETE", path, headers=owner, json={"reason": "left", "revokeKeys": True})
    assert (removed.status_code, removed.json()["effective"]) == (200, "everywhere")
    assert (await client.get("/api/v1/whoami", headers=member)).status_code == 401
    ended = await client.request("DELETE", "/api/v1/organisation/use", headers=owner, json={"reason": "closed"})
    assert (ended.json()["organisation"]["plan"], ended.json()["use"]) == ("open", None)


async def test_the_answer_to_a_lost_token_does_not_say_whether_anybody_has_the_address(
    client: httpx2.AsyncClient, mailed_code: MailedCode
) -> None:
    made = await _confirmed(client, mailed_code)
    known = await client.post("/api/v1/owner-token/request", json={"email": "rah@example.ir"})
    unknown = await client.post("/api/v1/owner-token/request", json={"email": "nobody@example.ir"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json()) == (202, known.json())
    renewed = await client.post("/api/v1/owner-token", json={"code": await mailed_code()})
    assert renewed.status_code == 201
    assert (await client.get("/api/v1/keys", headers=_as(renewed.json()["ownerToken"]))).status_code == 200
    assert (await client.get("/api/v1/keys", headers=_as(made["ownerToken"]))).status_code == 401


async def test_what_anybody_may_send_is_limited_per_address(client: httpx2.AsyncClient, guarded: list[str]) -> None:
    assert guarded == ["register", "confirm", "accept", "request_token", "renew_token"]


async def test_the_legal_id_is_shown_to_its_own_people_only(
    client: httpx2.AsyncClient, mailed_code: MailedCode
) -> None:
    made = await _confirmed(client, mailed_code, legalId="10380284790")
    by_key = await client.get("/api/v1/whoami", headers=_as(made["key"]["secret"]))
    taken = await client.post("/api/v1/register", json=REGISTRATION | {"legalId": "10380284790"})
    assert (taken.status_code, taken.json()["details"]["reason"]) == (409, "legal_id")
    for text in (str(made), by_key.text, taken.text):
        assert "10380284790" not in text


@pytest.mark.parametrize(
    "change",
    [
        {"legalId": "10380284791"},
        {"legalId": 10380284790},
        {"kind": "person", "legalId": "10380284790"},
        {"kind": "company"},
        {"kind": None},
    ],
)
async def test_a_registration_with_a_wrong_legal_id_or_kind_is_refused(
    client: httpx2.AsyncClient, change: dict[str, Any]
) -> None:
    answer = await client.post("/api/v1/register", json=REGISTRATION | change)
    assert (answer.status_code, answer.json()["details"]["reason"]) == (400, "members")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/organisation"),
        ("POST", "/api/v1/organisation/confirmation"),
        ("POST", "/api/v1/organisation/use"),
        ("DELETE", "/api/v1/organisation/use"),
        ("GET", "/api/v1/organisation/people"),
        ("POST", "/api/v1/organisation/people"),
        ("DELETE", "/api/v1/organisation/people/1"),
    ],
)
async def test_a_key_manages_no_organisation(
    client: httpx2.AsyncClient, mailed_code: MailedCode, method: str, path: str
) -> None:
    made = await _confirmed(client, mailed_code)
    answer = await client.request(method, path, headers=_as(made["key"]["secret"]))
    assert (answer.status_code, answer.json()["details"]["reason"]) == (403, "data_key")
    assert (await client.request(method, path)).status_code == 401


@pytest.mark.parametrize("person", ["x", "-1", "9" * 19, "%00", "۱"])
async def test_a_person_who_is_no_number_is_not_found(
    client: httpx2.AsyncClient, mailed_code: MailedCode, person: str
) -> None:
    made = await _confirmed(client, mailed_code)
    answer = await client.delete(f"/api/v1/organisation/people/{person}", headers=_as(made["ownerToken"]))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "url", ["ftp://rah.example.ir/", "https://user:pass@rah.example.ir/", "javascript:alert(1)", "https://"]
)
async def test_a_use_is_declared_by_a_plain_web_address(
    client: httpx2.AsyncClient, mailed_code: MailedCode, url: str
) -> None:
    made = await _confirmed(client, mailed_code)
    body = USE | {"url": url}
    answer = await client.post("/api/v1/organisation/use", headers=_as(made["ownerToken"]), json=body)
    assert answer.status_code == 400
