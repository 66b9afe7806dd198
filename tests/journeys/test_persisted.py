"""Documents asked by hash: by Apollo's protocol and by `documentId`, on every worker, and only what was checked."""

import hashlib
import json
from typing import Any

import httpx2
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import GRAPHQL, Service, running

LOOK_UP = 'query Up { air { airport(by: {icao: "OIIE"}) { city } } }'
CITY = {"air": {"airport": {"city": "تهران"}}}


def sha256(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


def apollo(source: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(source)}}}


async def post(service: Service, key: str, body: dict[str, Any], accept: str = GRAPHQL) -> httpx2.Response:
    return await service.http.post("/graphql", json=body, headers={"authorization": f"Bearer {key}", "accept": accept})


async def get(service: Service, key: str, body: dict[str, Any]) -> httpx2.Response:
    params = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
    return await service.http.get("/graphql", params=params, headers={"authorization": f"Bearer {key}"})


def is_unknown(answer: httpx2.Response) -> bool:
    (error,) = answer.json()["errors"]
    reason = error["extensions"].get("details", {}).get("reason")
    return (error["message"], reason) == ("PersistedQueryNotFound", "persisted_query_not_found")


async def test_an_unknown_hash_is_answered_as_clients_of_the_protocol_expect(service: Service, key: str) -> None:
    for accept, status in ((GRAPHQL, 400), ("application/json", 200)):
        answer = await post(service, key, apollo(LOOK_UP), accept)
        assert answer.status_code == status
        assert is_unknown(answer)
        assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_REQUEST"
    assert is_unknown(await get(service, key, {"documentId": f"sha256:{sha256(LOOK_UP)}"}))


async def test_a_document_that_was_sent_once_is_asked_by_its_hash_in_every_way_and_on_every_worker(
    service: Service, key: str, settings: Settings, connections: Connections
) -> None:
    by_hash, by_id = apollo(LOOK_UP), {"documentId": f"sha256:{sha256(LOOK_UP).upper()}"}
    assert (await get(service, key, {"query": LOOK_UP} | by_hash)).json()["data"] == CITY
    async with running(settings, connections) as other:
        for worker in (service, other):
            for body in (by_hash, by_id, by_hash | by_id | {"operationName": "Up"}):
                assert (await post(worker, key, body)).json()["data"] == CITY
                assert (await get(worker, key, body)).json()["data"] == CITY


async def test_a_hash_gets_no_other_text_than_its_own(service: Service, key: str) -> None:
    answer = await post(service, key, {"query": "{ me { plan } }"} | apollo(LOOK_UP))
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["details"]["reason"]) == (400, "persisted_query_mismatch")
    assert is_unknown(await post(service, key, apollo(LOOK_UP)))
    await post(service, key, {"query": LOOK_UP} | apollo(LOOK_UP))
    assert (await post(service, key, {"query": "{ me { plan } }"} | apollo(LOOK_UP))).status_code == 400
    assert (await post(service, key, apollo(LOOK_UP))).json()["data"] == CITY


@pytest.mark.parametrize(
    "source", ["{", "{ nope }", "mutation { x }", "{ air { airports(first: -1) { totalCount } } }"]
)
async def test_a_document_that_cannot_run_is_not_kept(service: Service, key: str, source: str) -> None:
    assert (await post(service, key, {"query": source} | apollo(source))).status_code == 400
    assert is_unknown(await post(service, key, apollo(source)))


async def test_documents_belong_to_the_application_and_rights_are_checked_at_each_request(service: Service) -> None:
    registered = await service.register()
    key = registered["key"]["secret"]
    await post(service, key, {"query": LOOK_UP} | apollo(LOOK_UP))
    assert is_unknown(await post(service, await service.data_key(), apollo(LOOK_UP)))
    gone = await service.http.request(
        "DELETE",
        f"/api/v1/keys/{registered['key']['id']}",
        headers={"authorization": f"Bearer {registered['ownerToken']}"},
    )
    assert gone.status_code == 200
    assert (await post(service, key, apollo(LOOK_UP))).status_code == 401


async def test_keeping_a_free_document_takes_a_point_once_and_asking_it_stays_free(service: Service, key: str) -> None:
    free = "{ me { plan } }"
    costs = [
        (await post(service, key, body)).json()["extensions"]["cost"]["actual"]
        for body in ({"query": free}, {"query": free} | apollo(free), {"query": free} | apollo(free), apollo(free))
    ]
    assert costs == [0, 1, 0, 0]


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": 1},
        {"documentId": "md5:00"},
        {"documentId": "sha256:00"},
        {"extensions": {"persistedQuery": 1}},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "0" * 64}}},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "g" * 64}}},
        apollo("a") | {"documentId": f"sha256:{sha256('b')}"},
    ],
)
async def test_a_name_of_another_form_is_refused(service: Service, key: str, body: dict[str, Any]) -> None:
    answer = await post(service, key, body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["details"]["reason"]) == (400, "document_id")
