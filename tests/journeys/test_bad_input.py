"""Bad input gets a clear error with a code and a next step, and nothing is lost by it."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.service import withdraw
from publicgsb.datasets.releases.sweep import sweep
from tests.app import GRAPHQL, Service
from tests.schema.worlds import AIRPORT_ROWS, COUNTRY_ROWS, release

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city } } }'


def only_error(body: dict[str, Any]) -> dict[str, Any]:
    (error,) = body["errors"]
    assert error["message"]
    assert error["extensions"]["requestId"].startswith("req_")
    extensions: dict[str, Any] = error["extensions"]
    return extensions


@pytest.mark.parametrize(
    ("headers", "status", "code", "reason"),
    [
        ({}, 401, "UNAUTHENTICATED", "missing"),
        ({"authorization": "Bearer nonsense"}, 401, "UNAUTHENTICATED", "malformed"),
        ({"authorization": "Basic abc"}, 401, "UNAUTHENTICATED", "malformed"),
        ({"x-api-key": "gsbl_" + "0" * 46}, 401, "UNAUTHENTICATED", "malformed"),
        ({"authorization": "Bearer one", "x-api-key": "two"}, 400, "INVALID_REQUEST", "two_credentials"),
    ],
)
async def test_wrong_credentials_say_what_is_wrong(
    service: Service, headers: dict[str, str], status: int, code: str, reason: str
) -> None:
    answer = await service.http.post("/graphql", json={"query": LOOK_UP}, headers=headers)
    extensions = only_error(answer.json())
    assert (answer.status_code, extensions["code"], extensions["details"]["reason"]) == (status, code, reason)
    assert extensions["hint"]
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_truncated_key_is_named_as_such(service: Service, key: str) -> None:
    answer = await service.ask(key[:-3], LOOK_UP)
    assert only_error(answer.json())["details"]["reason"] == "truncated"


async def test_a_mistyped_key_is_told_apart_offline(service: Service, key: str) -> None:
    answer = await service.ask(key[:20] + ("a" if key[20] != "a" else "b") + key[21:], LOOK_UP)
    assert only_error(answer.json())["details"]["reason"] == "malformed"


async def test_a_key_in_the_url_is_refused_even_when_it_is_right(service: Service, key: str) -> None:
    answer = await service.http.post(f"/graphql?key={key}", json={"query": LOOK_UP})
    assert answer.status_code == 400
    assert only_error(answer.json())["details"]["reason"] == "key_in_url"
    assert key not in answer.text


async def test_a_revoked_key_is_refused_at_once_and_told_so(service: Service) -> None:
    registered = await service.register()
    key, owner = registered["key"]["secret"], registered["ownerToken"]
    assert (await service.ask(key, LOOK_UP)).status_code == 200
    gone = await service.http.request(
        "DELETE", f"/api/v1/keys/{registered['key']['id']}", headers={"authorization": f"Bearer {owner}"}
    )
    assert gone.json()["effective"] == "everywhere"
    answer = await service.ask(key, LOOK_UP)
    assert answer.status_code == 401
    assert only_error(answer.json())["details"]["reason"] == "revoked"


async def test_a_data_key_manages_no_keys_and_an_agency_key_reads_no_data(service: Service, key: str) -> None:
    listing = await service.http.get("/api/v1/keys", headers={"authorization": f"Bearer {key}"})
    assert (listing.status_code, listing.json()["code"]) == (403, "NOT_PERMITTED")
    reading = await service.ask(await service.agency_key("air"), LOOK_UP)
    assert (reading.status_code, only_error(reading.json())["code"]) == (403, "NOT_PERMITTED")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"1", b"null", b'"x"', b"[]", b"[" * 2000, b"{}", b"\xff\xfe"),
        *(b'{"query": 1}', b'{"query": null}', b'{"query": "{ x }", "variables": []}'),
        *(b'{"query": "{ x }", "operationName": {}}', b'{"query": "{ x }", "extensions": 1}'),
    ],
)
async def test_a_body_of_another_form_is_refused(service: Service, key: str, body: bytes) -> None:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    answer = await service.http.post("/graphql", content=body, headers=headers)
    assert (answer.status_code, only_error(answer.json())["details"]["reason"]) == (400, "body")


async def test_ten_mebibytes_are_refused_before_they_are_read(service: Service, key: str) -> None:
    sent = 0

    async def pieces() -> Any:
        nonlocal sent
        for _ in range(160):
            sent += 65_536
            yield b" " * 65_536

    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    declared = await service.http.post("/graphql", content=b" " * 10_485_760, headers=headers)
    streamed = await service.http.post("/graphql", content=pieces(), headers=headers)
    for answer in (declared, streamed):
        assert (answer.status_code, only_error(answer.json())["details"]["reason"]) == (413, "too_large")


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_another_content_type_is_refused(service: Service, key: str, media: str) -> None:
    headers = {"authorization": f"Bearer {key}", "content-type": media}
    answer = await service.http.post("/graphql", content=json.dumps({"query": LOOK_UP}), headers=headers)
    assert (answer.status_code, only_error(answer.json())["details"]["reason"]) == (415, "media_type")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_is_refused_with_those_that_are_answered(service: Service, key: str, method: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    answer = await service.http.request(method, "/graphql", params={"query": LOOK_UP}, headers=headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("document", ["mutation { x }", "mutation { __typename }", "subscription { x }"])
@pytest.mark.parametrize("accept", [GRAPHQL, "application/json"])
async def test_a_mutation_by_get_is_405_and_not_run(service: Service, key: str, document: str, accept: str) -> None:
    headers = {"authorization": f"Bearer {key}", "accept": accept}
    answer = await service.http.get("/graphql", params={"query": document}, headers=headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert only_error(answer.json())["details"]["reason"] == "method"


async def test_a_media_type_that_cannot_be_made_is_406_and_plain_json_keeps_document_errors_at_200(
    service: Service, key: str
) -> None:
    assert (await service.ask(key, LOOK_UP, accept="text/html")).status_code == 406
    assert (await service.ask(key, "{ nope }", accept="application/json")).status_code == 200
    assert (await service.ask(key, "{ nope }", accept=GRAPHQL)).status_code == 400
    ok = await service.ask(key, LOOK_UP, accept=f"text/html, {GRAPHQL};q=0.9")
    assert ok.headers["content-type"].startswith(GRAPHQL)


@pytest.mark.parametrize(
    "document",
    [
        "{ air { nope } }",
        "{ " + " ".join(f"missspelt{i}" for i in range(100)) + " }",
        "mutation { x }",
        "subscription { x }",
        "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { me { plan } ...A }",
        "{ " + "air { airports { nodes { departures { nodes { originAirport { " * 3 + "x" + " } } } } } }" * 3 + " }",
        "{ air { airports(first: -1) { nodes { icao } } } }",
        "{ air { airports(first: 9223372036854775808) { nodes { icao } } } }",
        "{ air { airports(where: {elevation: {gt: 1e400}}) { nodes { icao } } } }",
        "{ air { airports(where: {}) { nodes { icao } } } }",
        '{ air { airports(after: "AAAA") { nodes { icao } } } }',
        "{ air { airports @defer { nodes { icao } } } }",
    ],
)
async def test_a_document_that_cannot_run_is_refused_and_costs_one_point(
    service: Service, key: str, document: str
) -> None:
    answer = await service.ask(key, document)
    assert answer.status_code == 400, answer.text
    errors = answer.json()["errors"]
    assert 1 <= len(errors) <= 5
    assert all(error["extensions"]["code"] == "INVALID_REQUEST" for error in errors)
    assert "data" not in answer.json()
    assert not any(word in answer.text for word in ("Did you mean", "select ", "released.", "Traceback"))


async def test_a_cursor_outlives_new_releases_until_its_own_is_past_retention(
    service: Service, key: str, state_dir: Path
) -> None:
    page = await service.ask(key, "{ air { airports(first: 1) { pageInfo { endCursor } } } }")
    cursor = page.json()["data"]["air"]["airports"]["pageInfo"]["endCursor"]
    air, geo = "air { airports(first: 1, after: $c) { nodes { icao } } }", "geo { countries { totalCount } }"
    on = f"query($c: String) {{ {air} {geo} }}"
    await release(service.connections, state_dir, "air/airports", AIRPORT_ROWS.replace("OIIE", "ZZZZ"))
    still = await service.ask(key, on, {"c": cursor})
    assert still.json()["data"]["air"]["airports"]["nodes"] == [{"icao": "OIIE"}]
    await sweep(service.connections, state_dir, keep_releases=1, keep_days=0, grace_seconds=0)
    await service.caught_up()
    gone = (await service.ask(key, on, {"c": cursor})).json()
    assert gone["data"] == {"air": {"airports": None}, "geo": {"countries": {"totalCount": 3}}}
    assert gone["errors"][0]["path"] == ["air", "airports"]
    assert only_error(gone)["code"] == "RELEASE_GONE"


async def test_an_earlier_release_is_read_by_number_with_the_links_of_its_time(
    service: Service, key: str, state_dir: Path
) -> None:
    await release(service.connections, state_dir, "geo/countries", COUNTRY_ROWS.replace("ایران", "Iran"))
    await release(service.connections, state_dir, "air/airports", AIRPORT_ROWS.replace("تهران", "Tehran"))
    ask = 'query($r: Release) { air { airport(by: {icao: "OIIE"}, release: $r) { city country { name } } } }'
    expected = {1: ("تهران", "Iran"), 2: ("Tehran", "Iran"), "latest": ("Tehran", "Iran"), None: ("Tehran", "Iran")}
    for number, (city, country) in expected.items():
        answer = (await service.ask(key, ask, {"r": number})).json()
        assert answer["data"]["air"]["airport"] == {"city": city, "country": {"name": country}}
    missing = (await service.ask(key, ask, {"r": 9})).json()
    assert missing["data"]["air"]["airport"] is None
    assert only_error(missing)["code"] == "NOT_FOUND"


async def test_a_withdrawn_dataset_says_so_and_the_rest_of_the_query_answers(service: Service, key: str) -> None:
    await withdraw(service.connections, "geo", "countries", Label("نادرست", "It was wrong"), "tests")
    ask = '{ geo { countries { totalCount } } air { airport(by: {icao: "OIIE"}) { icao country { name } } } }'
    answer = (await service.ask(key, ask)).json()
    assert answer["data"] == {"geo": {"countries": None}, "air": {"airport": {"icao": "OIIE", "country": None}}}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"DATASET_WITHDRAWN"}
    assert [error["path"] for error in answer["errors"]] == [["geo", "countries"], ["air", "airport", "country"]]
    assert answer["errors"][0]["extensions"]["details"]["why"]["en"] == "It was wrong"


async def test_full_introspection_is_answered_within_the_depth_of_tools(service: Service, key: str) -> None:
    answer = await service.ask(key, get_introspection_query())
    types = {type_["name"] for type_ in answer.json()["data"]["__schema"]["types"]}
    assert {"AirAirport", "AirAirportConnection", "Query", "DatasetInfo"} <= types


async def test_an_unknown_path_and_method_get_problem_details(service: Service) -> None:
    missing = await service.http.get("/nowhere")
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")
    assert missing.headers["content-type"] == "application/problem+json"
    wrong = await service.http.post("/catalog.json")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "INVALID_REQUEST")
    assert missing.json()["requestId"] == missing.headers["x-request-id"]
