"""Queries by GET: stable bytes with a name, kept by the caller and asked for again for one point."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.service import withdraw
from tests.app import GRAPHQL, Service
from tests.schema.worlds import AIRPORT_ROWS, COUNTRY_ROWS, release

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city } } }'
JOINED = '{ air { airport(by: {icao: "OIIE"}) { country { name } } } }'
PAGE = "query Page($n: Int) { air { airports(first: $n) { nodes { icao } pageInfo { endCursor } } } }"


async def get(service: Service, key: str, document: str, *, head: str = "GET", **more: Any) -> httpx2.Response:
    """`variables` are written as JSON; every other name is a header, with dashes."""
    params = {"query": document}
    if "variables" in more:
        params["variables"] = json.dumps(more.pop("variables"))
    headers = {"authorization": f"Bearer {key}", "accept": GRAPHQL, "accept-encoding": "identity"}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    return await service.http.request(head, "/graphql", params=params, headers=headers)


async def test_terms_of_several_datasets_stand_beside_the_receipt_by_get_too(service: Service, key: str) -> None:
    posted, answer = (await service.ask(key, JOINED)).json(), (await get(service, key, JOINED)).json()
    assert answer["extensions"] == {name: posted["extensions"][name] for name in ("receipt", "terms")}


async def test_a_query_by_get_answers_what_a_post_answers_and_tells_its_cost_in_a_header(
    service: Service, key: str
) -> None:
    posted = (await service.ask(key, PAGE, {"n": 2})).json()
    answer = await get(service, key, PAGE, variables={"n": 2})
    assert answer.status_code == 200
    assert answer.json() == {"data": posted["data"], "extensions": {"receipt": posted["extensions"]["receipt"]}}
    assert answer.headers["gsb-cost"].startswith("requested=1, actual=1, remaining=")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert {"Accept", "Accept-Encoding", "Authorization", "X-API-Key"} <= set(answer.headers["vary"].split(", "))
    assert answer.headers["x-request-id"].startswith("req_")


async def test_an_answer_that_is_kept_costs_one_point_and_no_table_to_confirm(service: Service, key: str) -> None:
    first = await get(service, key, PAGE, variables={"n": 1000})
    async with service.connections.use() as connection:
        for (table,) in await connection.fetch("select format('%I.%I', schemaname, tablename) from pg_tables "
                                               "where schemaname = 'released'"):  # fmt: skip
            await connection.execute(f"drop table {table}")
    again = await get(service, key, PAGE, variables={"n": 1000}, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["gsb-cost"].startswith("requested=1, actual=1, ")
    assert "content-type" not in again.headers
    assert (await get(service, key, PAGE, variables={"n": 999})).status_code == 500  # the tables are gone indeed


async def test_bytes_and_tag_outlive_the_releases_of_others_and_change_with_its_own(
    service: Service, key: str, state_dir: Path
) -> None:
    first = await get(service, key, PAGE, variables={"n": 2})
    await release(service.connections, state_dir, "geo/countries", COUNTRY_ROWS.replace("ایران", "Iran"))
    await service.caught_up()
    same = await get(service, key, PAGE, variables={"n": 2})
    assert (same.content, same.headers["etag"]) == (first.content, first.headers["etag"])
    await release(service.connections, state_dir, "air/airports", AIRPORT_ROWS.replace("OIIE", "AAAA"))
    await service.caught_up()
    other = await get(service, key, PAGE, variables={"n": 2}, if_none_match=first.headers["etag"])
    assert (other.status_code, other.json()["data"]["air"]["airports"]["nodes"][0]) == (200, {"icao": "AAAA"})
    assert other.headers["etag"] != first.headers["etag"]


async def test_the_tag_tells_documents_variables_operations_and_media_types_apart(service: Service, key: str) -> None:
    both = "query A { air { airports(first: 1) { totalCount } } } query B { geo { countries { totalCount } } }"
    params: list[dict[str, str]] = [
        {"query": PAGE, "variables": '{"n": 1}'},
        {"query": PAGE, "variables": '{"n": 2}'},
        {"query": PAGE, "variables": '{"n": null}'},
        {"query": PAGE},
        {"query": PAGE + " "},
        {"query": both, "operationName": "A"},
        {"query": both, "operationName": "B"},
    ]
    tags = set()
    for accept in (GRAPHQL, "application/json"):
        headers = {"authorization": f"Bearer {key}", "accept": accept}
        for one in params:
            answer = await service.http.get("/graphql", params=one, headers=headers)
            tags.add(answer.headers["etag"])
    assert len(tags) == 2 * len(params)
    order = [await get(service, key, PAGE + "#", variables=v) for v in ({"n": 1, "x": 2}, {"x": 3, "n": 1})]
    assert order[0].headers["etag"] == order[1].headers["etag"]  # what the operation does not declare is not asked


@pytest.mark.parametrize(
    "document",
    [
        "{ me { plan } }",
        "{ rateLimit(dryRun: true) { cost } air { airports { nodes { icao } } } }",
        "{ datasets { name } air { airports(first: 1) { nodes { icao } } } }",
        '{ air { airport(by: {icao: "OIIE"}) { icao manager } } }',
        "{ air { nope } }",
    ],
)
async def test_static_fields_and_errors_are_neither_named_nor_kept(service: Service, key: str, document: str) -> None:
    answer = await get(service, key, document, if_none_match="*")
    assert answer.status_code in (200, 400)
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_rights_are_checked_before_a_tag_is_compared(service: Service) -> None:
    registered = await service.register()
    key, owner = registered["key"]["secret"], registered["ownerToken"]
    tag = (await get(service, key, LOOK_UP)).headers["etag"]
    assert (await get(service, await service.agency_key("air"), LOOK_UP, if_none_match=tag)).status_code == 403
    await service.http.request(
        "DELETE", f"/api/v1/keys/{registered['key']['id']}", headers={"authorization": f"Bearer {owner}"}
    )
    assert (await get(service, key, LOOK_UP, if_none_match=tag)).status_code == 401
    assert (await get(service, await service.data_key(), LOOK_UP, if_none_match=tag)).status_code == 304


async def test_what_was_withdrawn_is_not_confirmed(service: Service, key: str) -> None:
    tag = (await get(service, key, LOOK_UP)).headers["etag"]
    await withdraw(service.connections, "air", "airports", Label("نادرست", "It was wrong"), "tests")
    answer = await get(service, key, LOOK_UP, if_none_match=tag)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "DATASET_WITHDRAWN"


async def test_a_condition_may_be_a_list_weak_or_any(service: Service, key: str) -> None:
    tag = (await get(service, key, LOOK_UP)).headers["etag"]
    for condition in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        assert (await get(service, key, LOOK_UP, if_none_match=condition)).status_code == 304
    for condition in ('"other"', tag.strip('"'), ""):
        assert (await get(service, key, LOOK_UP, if_none_match=condition)).status_code == 200
    posted = await service.http.post(
        "/graphql", json={"query": LOOK_UP}, headers={"authorization": f"Bearer {key}", "if-none-match": "*"}
    )
    assert (posted.status_code, "etag" in posted.headers) == (200, False)


async def test_head_is_a_get_without_the_body(service: Service, key: str) -> None:
    answer, head = [await get(service, key, LOOK_UP, head=method) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-length", "content-type"):
        assert head.headers[name] == answer.headers[name]


@pytest.mark.parametrize(
    ("query_string", "status", "reason"),
    [
        ("", 400, "body"),
        ("query=", 400, "body"),
        ("query={me{plan}}&query={me{plan}}", 400, "body"),
        ("query={me{plan}}&variables={", 400, "body"),
        ("query={me{plan}}&variables=[]", 400, "body"),
        ("query={me{plan}}&extensions=1", 400, "body"),
        ("query=%ff%fe", 400, "body"),
        ("&".join(f"x{i}=1" for i in range(50)), 400, "body"),
        ("query=" + "%20" * 6000, 414, "too_large"),
        ("query={me{plan}}&api_key=1", 400, "key_in_url"),
        ("query={me{plan}}&documentId=md5:1", 400, "document_id"),
    ],
)
async def test_a_url_of_another_form_is_refused(
    service: Service, key: str, query_string: str, status: int, reason: str
) -> None:
    answer = await service.http.get(f"/graphql?{query_string}", headers={"authorization": f"Bearer {key}"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["details"]["reason"]) == (status, reason)
