"""The REST routes through ASGI: who is let in, what a body may be, and that secrets leave once."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publicgsb.apikeys.asking import Dependencies, Endpoint
from publicgsb.apikeys.http import routes
from publicgsb.apikeys.mail.outbox import newest
from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError

from .conftest import Worker

REGISTRATION = {"name": "شرکت راه", "email": "rah@example.ir", "purpose": "سفر ارزان"}
Made = dict[str, Any]


class Limit:
    """Notes which endpoints are guarded."""

    def __init__(self) -> None:
        self.guarded: list[str] = []

    def __call__(self, endpoint: Endpoint) -> Endpoint:
        self.guarded.append(getattr(endpoint, "__name__", ""))
        return endpoint


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, GsbError)
    return JSONResponse(error.as_problem("req_test"), error.http_status, media_type="application/problem+json")


@pytest.fixture
def limit() -> Limit:
    return Limit()


@pytest.fixture
async def client(keys: ApiKeys, people: People, worker: Worker, limit: Limit) -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(
        routes=routes(Dependencies(keys, worker.keyring, limit, people)), exception_handlers={GsbError: _problem}
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gsb.test") as client:
        yield client


@pytest.fixture
async def made(client: httpx2.AsyncClient) -> Made:
    answer: Made = (await client.post("/api/v1/register", json=REGISTRATION)).json()
    return answer


def _as(credential: str) -> dict[str, str]:
    return {"authorization": f"Bearer {credential}"}


async def test_what_writes_to_the_audit_is_guarded_per_address_and_the_end_of_a_key_is_not(
    keys: ApiKeys, people: People, worker: Worker, limit: Limit
) -> None:
    routes(Dependencies(keys, worker.keyring, Limit(), people, change_limit=limit))
    assert limit.guarded == ["create_key", "rotate_key", "restrict_key"]


async def test_registering_answers_at_once_with_everything_needed_and_is_not_stored_on_the_way(
    client: httpx2.AsyncClient, limit: Limit, connections: Connections
) -> None:
    answer = await client.post("/api/v1/register", json=REGISTRATION)
    body = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert "شرکت راه" in answer.text
    assert (body["organisation"]["plan"], body["key"]["kind"], body["key"]["state"]) == ("open", "live", "active")
    assert limit.guarded == ["register"]
    assert [mail.to_address for mail in await newest(connections)] == ["rah@example.ir"]


async def test_nothing_is_logged_of_addresses_or_secrets(
    client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = (await client.post("/api/v1/register", json=REGISTRATION)).json()
    await client.get("/api/v1/whoami", headers=_as(body["key"]["secret"]))
    await client.get("/api/v1/whoami", headers=_as(body["key"]["secret"][:-1]))
    for secret in (body["key"]["secret"][13:45], body["ownerToken"], "rah@example.ir"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("content", "media_type", "status", "reason"),
    [
        (b"", "application/json", 400, "members"),
        (b"{", "application/json", 400, "not_json"),
        (b"[]", "application/json", 400, "not_an_object"),
        (b"{}", "text/plain", 415, "media_type"),
        (b"{}", "application/x-www-form-urlencoded", 415, "media_type"),
        (b" " * 8193, "application/json", 413, "body_bytes"),
        (b'{"name": "\x00"}', "application/json", 400, "not_json"),
    ],
)
async def test_a_body_that_is_no_registration_is_refused(
    client: httpx2.AsyncClient, content: bytes, media_type: str, status: int, reason: str
) -> None:
    answer = await client.post("/api/v1/register", content=content, headers={"content-type": media_type})
    assert (answer.status_code, answer.json()["details"]["reason"]) == (status, reason)


async def test_whoami_knows_every_credential(
    client: httpx2.AsyncClient, made: Made, keys: ApiKeys, agency_id: int
) -> None:
    agency_key = await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR)
    by_key = (await client.get("/api/v1/whoami", headers={"x-api-key": made["key"]["secret"]})).json()
    by_token = (await client.get("/api/v1/whoami", headers=_as(made["ownerToken"]))).json()
    by_agency = (await client.get("/api/v1/whoami", headers=_as(agency_key.secret))).json()
    assert (by_key["credential"], by_key["organisation"]) == ("key", made["organisation"])
    assert (by_token["credential"], by_token["organisation"]) == ("ownerToken", made["organisation"])
    assert (by_agency["credential"], by_agency["agency"]) == ("agencyKey", {"slug": "aviation"})


async def test_keys_are_created_listed_rotated_and_revoked_with_the_owner_token(
    client: httpx2.AsyncClient, made: Made
) -> None:
    owner = _as(made["ownerToken"])
    first = made["key"]["id"]
    created = await client.post("/api/v1/keys", headers=owner, json={"label": "CI", "kind": "test"})
    rotated = await client.post(f"/api/v1/keys/{first}/rotate", headers=owner)
    revoked = await client.delete(f"/api/v1/keys/{first}", headers=owner)
    assert [answer.status_code for answer in (created, rotated, revoked)] == [201, 201, 200]
    assert rotated.json()["replaced"]["state"] == "retiring"
    answer = revoked.json()
    assert (answer["status"], answer["effective"], answer["workers"]) == ("revoked", "everywhere", 1)
    listed = (await client.get("/api/v1/keys", headers=owner)).json()["keys"]
    assert {key["id"]: key["state"] for key in listed} == {
        first: "revoked",
        created.json()["key"]["id"]: "active",
        rotated.json()["key"]["id"]: "active",
    }
    assert all("secret" not in key for key in listed)


async def test_a_revoked_key_is_told_so_and_its_replacement_works(client: httpx2.AsyncClient, made: Made) -> None:
    owner, first = _as(made["ownerToken"]), made["key"]
    new = (await client.post(f"/api/v1/keys/{first['id']}/rotate", headers=owner)).json()["key"]["secret"]
    await client.request("DELETE", f"/api/v1/keys/{first['id']}", headers=owner, json={"reason": "leaked"})
    refused = await client.get("/api/v1/whoami", headers=_as(first["secret"]))
    assert (refused.status_code, refused.json()["details"]["reason"]) == (401, "revoked")
    assert (await client.get("/api/v1/whoami", headers=_as(new))).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/keys"),
        ("POST", "/api/v1/keys"),
        ("POST", "/api/v1/keys/00000000/rotate"),
        ("POST", "/api/v1/keys/revoke"),
        ("PATCH", "/api/v1/keys/00000000"),
        ("DELETE", "/api/v1/keys/00000000"),
    ],
)
async def test_a_key_never_manages_keys(
    client: httpx2.AsyncClient, made: Made, keys: ApiKeys, agency_id: int, method: str, path: str
) -> None:
    agency_key = await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR)
    for secret, reason in ((made["key"]["secret"], "data_key"), (agency_key.secret, "agency_key")):
        answer = await client.request(method, path, headers=_as(secret))
        assert (answer.status_code, answer.json()["details"]["reason"]) == (403, reason)
    nobody = await client.request(method, path)
    assert (nobody.status_code, nobody.json()["details"]["reason"]) == (401, "missing")


async def test_the_owner_of_one_organisation_cannot_touch_the_keys_of_another(
    client: httpx2.AsyncClient, made: Made
) -> None:
    other = (await client.post("/api/v1/register", json=REGISTRATION)).json()
    theirs = made["key"]["id"]
    answers = [
        await client.delete(f"/api/v1/keys/{theirs}", headers=_as(other["ownerToken"])),
        await client.delete("/api/v1/keys/00000000", headers=_as(other["ownerToken"])),
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].status_code == 404


async def test_a_key_in_the_url_is_refused(client: httpx2.AsyncClient, made: Made) -> None:
    answer = await client.get("/api/v1/whoami", params={"api_key": made["key"]["secret"]})
    assert (answer.status_code, answer.json()["details"]["reason"]) == (400, "key_in_url")
    assert made["key"]["secret"] not in answer.text


async def test_a_key_id_that_is_no_text_for_the_database_is_not_found(client: httpx2.AsyncClient, made: Made) -> None:
    for path in ("/api/v1/keys/%00", "/api/v1/keys/%ED%A0%80", "/api/v1/keys/" + "x" * 5000):
        answer = await client.delete(path, headers=_as(made["ownerToken"]))
        assert answer.status_code == 404


async def test_a_key_is_held_to_what_its_owner_says_and_so_is_its_successor(
    client: httpx2.AsyncClient, made: Made
) -> None:
    owner, held = _as(made["ownerToken"]), {"levels": ["open"], "addresses": ["127.0.0.0/8"]}
    created = (await client.post("/api/v1/keys", headers=owner, json=held)).json()["key"]
    rotated = (await client.post(f"/api/v1/keys/{created['id']}/rotate", headers=owner)).json()
    for key in (created, rotated["key"], rotated["replaced"]):
        assert (key["levels"], key["addresses"], key["datasets"]) == (["open"], ["127.0.0.0/8"], None)
        assert key["line"] == created["id"]
    assert rotated["replaced"]["replacedAt"] is not None


async def test_what_a_key_is_held_to_is_changed_and_lifted(client: httpx2.AsyncClient, made: Made) -> None:
    owner, path = _as(made["ownerToken"]), f"/api/v1/keys/{made['key']['id']}"
    held = {"levels": ["open"], "addresses": ["127.0.0.0/8"], "expiresInDays": 30}
    changed = await client.patch(path, headers=owner, json=held)
    body = changed.json()
    assert (changed.status_code, body["effective"], body["secrets"]) == (200, "everywhere", [made["key"]["id"]])
    assert (body["key"]["levels"], body["key"]["addresses"]) == (["open"], ["127.0.0.0/8"])
    assert body["key"]["expiresAt"] < made["key"]["expiresAt"]
    lifted = (await client.patch(path, headers=owner, json={"levels": None, "reason": "all of it"})).json()["key"]
    assert (lifted["levels"], lifted["addresses"]) == (None, ["127.0.0.0/8"])
    assert lifted["expiresAt"] == body["key"]["expiresAt"]


@pytest.mark.parametrize(
    "body",
    [{}, {"reason": "nothing"}, {"levels": []}, {"levels": ["withheld"]}, {"expiresInDays": 0}, {"kind": "live"}],
)
async def test_a_change_that_says_nothing_exact_is_refused(
    client: httpx2.AsyncClient, made: Made, body: dict[str, Any]
) -> None:
    owner, path = _as(made["ownerToken"]), f"/api/v1/keys/{made['key']['id']}"
    answer = await client.patch(path, headers=owner, json=body)
    assert (answer.status_code, answer.json()["details"]["reason"]) == (400, "members")
    (listed,) = (await client.get("/api/v1/keys", headers=owner)).json()["keys"]
    assert (listed["levels"], listed["expiresAt"]) == (None, made["key"]["expiresAt"])


async def test_a_key_for_a_dataset_that_does_not_exist_is_not_made(client: httpx2.AsyncClient, made: Made) -> None:
    owner = _as(made["ownerToken"])
    answer = await client.post("/api/v1/keys", headers=owner, json={"datasets": ["air/airprots"]})
    assert (answer.status_code, answer.json()["details"]["reason"]) == (400, "members")
    assert "air/airprots" in answer.text
    assert len((await client.get("/api/v1/keys", headers=owner)).json()["keys"]) == 1


async def test_an_owner_revokes_all_their_keys_at_once_and_nobody_elses(client: httpx2.AsyncClient, made: Made) -> None:
    other = (await client.post("/api/v1/register", json=REGISTRATION)).json()
    owner = _as(made["ownerToken"])
    second = (await client.post("/api/v1/keys", headers=owner, json={})).json()["key"]
    answer = await client.post("/api/v1/keys/revoke", headers=owner, json={"all": True, "reason": "a laptop was lost"})
    body = answer.json()
    assert (answer.status_code, body["effective"], body["open"]) == (200, "everywhere", 0)
    assert set(body["keys"]) == {made["key"]["id"], second["id"]}
    for secret, status in ((made["key"]["secret"], 401), (second["secret"], 401), (other["key"]["secret"], 200)):
        assert (await client.get("/api/v1/whoami", headers=_as(secret))).status_code == status


async def test_a_revocation_that_not_every_worker_has_heard_of_is_202_and_says_how_many(
    client: httpx2.AsyncClient, made: Made, connections: Connections
) -> None:
    async with connections.use() as connection:
        await connection.execute(
            "insert into gsb.worker (boot_id, kind, pid, host, seen_seq, heartbeat_at)"
            " values (gen_random_uuid(), 'api', 1, 'deaf', 0, now() + interval '1 minute')"
        )
    path = f"/api/v1/keys/{made['key']['id']}"
    answers = [
        await client.patch(path, headers=_as(made["ownerToken"]), json={"levels": ["open"]}),
        await client.delete(path, headers=_as(made["ownerToken"])),
        await client.post("/api/v1/keys/revoke", headers=_as(made["ownerToken"]), json={"all": True}),
    ]
    for answer in answers:
        body = answer.json()
        assert (answer.status_code, body["effective"], body["workers"], body["open"]) == (202, "pending", 2, 1)
