"""The routes through ASGI: who may manage whose webhooks, and that a secret leaves once."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from tests.apikeys.conftest import Worker

from publicgsb.apikeys.asking import Dependencies
from publicgsb.apikeys.http import routes
from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.webhooks.courier import Courier
from publicgsb.apikeys.webhooks.http import WebhookRoutes
from publicgsb.apikeys.webhooks.service import Webhooks
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError

from .conftest import announce
from .receiver import Receiver, status

REGISTRATION = {"name": "شرکت راه", "email": "rah@example.ir", "purpose": "سفر ارزان"}
PATH = "/api/v1/webhooks"


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, GsbError)
    return JSONResponse(error.as_problem("req_test"), error.http_status, media_type="application/problem+json")


@pytest.fixture
async def client(
    keys: ApiKeys, worker: Worker, webhooks: Webhooks, people: People
) -> AsyncIterator[httpx2.AsyncClient]:
    who = Dependencies(keys, worker.keyring, lambda endpoint: endpoint, people)
    app = Starlette(
        routes=[
            *routes(who),
            *WebhookRoutes(webhooks, who, lambda endpoint: endpoint).routes(),
        ],
        exception_handlers={GsbError: _problem},
    )
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://gsb.test") as client:
        yield client


@pytest.fixture
async def owner(client: httpx2.AsyncClient) -> dict[str, str]:
    return await _register(client)


async def _register(client: httpx2.AsyncClient) -> dict[str, str]:
    made = (await client.post("/api/v1/register", json=REGISTRATION)).json()
    return {"authorization": f"Bearer {made['ownerToken']}", "x-test-key": made["key"]["secret"]}


async def _made(client: httpx2.AsyncClient, owner: dict[str, str], receiver: Receiver) -> dict[str, Any]:
    answer = await client.post(
        PATH, headers=owner, json={"url": receiver.url(), "kinds": ["release.*"], "label": "راه"}
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_registration_shows_the_secret_once_and_how_the_ping_went(
    client: httpx2.AsyncClient, owner: dict[str, str], receiver: Receiver
) -> None:
    made = await _made(client, owner, receiver)
    assert made["secret"].startswith("whsec_")
    assert made["test"] == {"ok": True, "status": 204, "error": None}
    listed = await client.get(PATH, headers=owner)
    assert listed.headers["cache-control"] == "no-store"
    assert [(one["label"], one["state"]) for one in listed.json()["webhooks"]] == [("راه", "active")]
    assert made["secret"] not in listed.text


async def test_a_receiver_that_is_not_there_yet_is_tested_again_later(
    client: httpx2.AsyncClient, owner: dict[str, str], receiver: Receiver, connections: Connections
) -> None:
    receiver.answers = [status(404)]
    made = await _made(client, owner, receiver)
    assert (made["webhook"]["state"], made["test"]["status"]) == ("unverified", 404)
    test = f"{PATH}/{made['webhook']['id']}/test"
    too_soon = await client.post(test, headers=owner)
    assert (too_soon.status_code, too_soon.json()["code"]) == (429, "RATE_LIMITED")
    async with connections.use() as connection:
        await connection.execute("update gsb.webhook set tested_at = tested_at - interval '10 s'")
    assert (await client.post(test, headers=owner)).json()["webhook"]["state"] == "active"


async def test_a_data_key_manages_no_webhooks(client: httpx2.AsyncClient, owner: dict[str, str]) -> None:
    answer = await client.get(PATH, headers={"authorization": f"Bearer {owner['x-test-key']}"})
    assert (answer.status_code, answer.json()["details"]["reason"]) == (403, "data_key")


async def test_without_a_credential_nobody_is_told_anything(client: httpx2.AsyncClient) -> None:
    assert (await client.get(PATH)).status_code == 401


async def test_an_agency_key_manages_its_agencys_webhooks(
    client: httpx2.AsyncClient, keys: ApiKeys, agency_id: int, owner: dict[str, str], receiver: Receiver
) -> None:
    issued = await keys.create_agency_key(agency_id, "زهرا", "zahra@caa.example", OPERATOR)
    agency = {"authorization": f"Bearer {issued.secret}"}
    made = await _made(client, agency, receiver)
    assert len((await client.get(PATH, headers=agency)).json()["webhooks"]) == 1
    assert (await client.get(PATH, headers=owner)).json()["webhooks"] == []
    gone = await client.delete(f"{PATH}/{made['webhook']['id']}", headers=agency)
    assert (gone.status_code, gone.content) == (204, b"")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/deliveries"),
        ("POST", "/replay"),
        ("POST", "/rotate"),
        ("POST", "/test"),
    ],
)
@pytest.mark.parametrize("webhook_id", [None, "0", "abc", "9" * 30])
async def test_somebody_elses_webhook_answers_like_none(
    client: httpx2.AsyncClient,
    owner: dict[str, str],
    receiver: Receiver,
    method: str,
    path: str,
    webhook_id: str | None,
) -> None:
    target = webhook_id or (await _made(client, owner, receiver))["webhook"]["id"]
    other = await _register(client)
    body = {"from": "2026-11-27T00:00:00Z"} if path == "/replay" else None
    answer = await client.request(method, f"{PATH}/{target}{path}", headers=other, json=body)
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such webhook.")


async def test_another_address_is_pinged_before_it_gets_anything(
    client: httpx2.AsyncClient, owner: dict[str, str], receiver: Receiver
) -> None:
    made = await _made(client, owner, receiver)
    receiver.answers = [status(500)]
    change = {"url": receiver.url("/new"), "kinds": ["*"]}
    answer = (await client.patch(f"{PATH}/{made['webhook']['id']}", headers=owner, json=change)).json()
    assert (answer["webhook"]["state"], answer["webhook"]["kinds"]) == ("unverified", ["*"])
    assert receiver.requests[-1].path == "/new"
    assert answer["test"]["status"] == 500


async def test_an_owner_turns_a_webhook_off(
    client: httpx2.AsyncClient, owner: dict[str, str], receiver: Receiver
) -> None:
    made = await _made(client, owner, receiver)
    path = f"{PATH}/{made['webhook']['id']}"
    answer = (await client.patch(path, headers=owner, json={"state": "disabled"})).json()
    assert (answer["webhook"]["state"], answer["webhook"]["disabledReason"]) == ("disabled", "owner")
    refused = await client.post(f"{path}/replay", headers=owner, json={"from": "2026-11-27T00:00:00Z"})
    assert (refused.status_code, refused.json()["details"]["reason"]) == (409, "disabled")


async def test_deliveries_are_listed_page_by_page_and_replayed_by_id(
    client: httpx2.AsyncClient,
    owner: dict[str, str],
    receiver: Receiver,
    connections: Connections,
    courier: Courier,
) -> None:
    path = f"{PATH}/{(await _made(client, owner, receiver))['webhook']['id']}"
    for _ in range(3):
        await announce(connections)
    await courier.run_once()
    first = (await client.get(f"{path}/deliveries?limit=2", headers=owner)).json()["deliveries"]
    rest = (await client.get(f"{path}/deliveries?before={first[-1]['id']}", headers=owner)).json()["deliveries"]
    assert [len(first), len(rest)] == [2, 1]
    assert {one["state"] for one in first + rest} == {"delivered"}
    assert {one["messageId"] for one in first + rest} == {heard.id for heard in receiver.messages}
    replayed = await client.post(f"{path}/replay", headers=owner, json={"messages": [rest[0]["messageId"]]})
    assert (replayed.status_code, replayed.json()) == (202, {"messages": 1})


async def test_a_rotation_shows_the_new_secret_once(
    client: httpx2.AsyncClient, owner: dict[str, str], receiver: Receiver
) -> None:
    made = await _made(client, owner, receiver)
    path = f"{PATH}/{made['webhook']['id']}"
    rotated = (await client.post(f"{path}/rotate", headers=owner, json={"overlapHours": 2})).json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert rotated["webhook"]["previousSecretUntil"] is not None
    at_once = (await client.post(f"{path}/rotate", headers=owner, json={"overlapHours": 0})).json()
    assert at_once["webhook"]["previousSecretUntil"] is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"url": "https://hooks.test/"}, "members"),
        ({"url": "https://hooks.test/", "kinds": []}, "members"),
        ({"url": "https://hooks.test/", "kinds": "release.*"}, "members"),
        ({"url": "https://hooks.test/", "kinds": ["weather.*"]}, "kinds"),
        ({"url": "https://hooks.test/", "kinds": ["*"], "secret": "mine"}, "members"),
        ({"url": "ftp://hooks.test/", "kinds": ["*"]}, "url"),
        ({"kinds": ["*"]}, "members"),
    ],
)
async def test_a_body_that_is_not_right_registers_nothing(
    client: httpx2.AsyncClient, owner: dict[str, str], body: dict[str, Any], reason: str
) -> None:
    answer = await client.post(PATH, headers=owner, json=body)
    assert (answer.status_code, answer.json()["details"]["reason"]) == (400, reason)
    assert (await client.get(PATH, headers=owner)).json()["webhooks"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": ["msg_1"]},
        {"from": "yesterday"},
        {"until": "2026-11-27T00:00:00Z"},
        {"messages": ["msg_" + "0" * 32], "from": "2026-11-27T00:00:00Z"},
        {"from": "2026-11-27T00:00:00Z", "state": "pending"},
    ],
)
async def test_a_replay_says_which_messages(
    client: httpx2.AsyncClient, owner: dict[str, str], receiver: Receiver, body: dict[str, Any]
) -> None:
    made = await _made(client, owner, receiver)
    answer = await client.post(f"{PATH}/{made['webhook']['id']}/replay", headers=owner, json=body)
    assert answer.status_code == 400


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "before=-1", "state=lost", "before=" + "9" * 20])
async def test_a_page_that_cannot_be_is_refused(
    client: httpx2.AsyncClient, owner: dict[str, str], receiver: Receiver, query: str
) -> None:
    made = await _made(client, owner, receiver)
    answer = await client.get(f"{PATH}/{made['webhook']['id']}/deliveries?{query}", headers=owner)
    assert answer.status_code == 400
