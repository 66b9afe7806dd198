"""A plain request whose head was read before is answered from its body alone, as the long way would answer it."""

import asyncio
from typing import Any

import httpx2
import orjson
import pytest

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.restricting import RestrictionChange
from publicgsb.apikeys.restrictions import Restrictions
from publicgsb.platform.kernel.addresses import Networks, read_networks
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.schema.serving.answer import Answer
from tests.app import Service
from tests.journeys.plain import endpoint, headers_of, request

LOOK_UP = "query($k: String!) { air { airport(by: {icao: $k}) { icao city country { name } } } }"


def body(document: str, **variables: Any) -> bytes:
    return orjson.dumps({"query": document, "variables": variables})


BODIES = {
    "a look-up": body(LOOK_UP, k="OIIE"),
    "a look-up that finds nothing": body(LOOK_UP, k="NONE"),
    "a page": body("{ air { airports(first: 2) { totalCount nodes { icao } } } }"),
    "a static field": body("{ me { plan } }"),
    "records and a static field": body("{ me { plan } air { airports(first: 1) { nodes { icao } } } }"),
    "introspection": body("{ __schema { queryType { name } } }"),
    "an error at its path": body('{ air { airport(by: {icao: "OIIE"}) { icao manager } } }'),
    "a document that does not parse": body("{ air {"),
    "a field that is not there": body("{ air { airfields { icao } } }"),
    "a variable of another type": body(LOOK_UP, k=1),
    "no JSON": b"{",
    "a list": b"[]",
    "two members of one name": b'{"query": "{ me { plan } }", "query": "{ me { plan } }"}',
    "nothing": b"",
}


async def usual(service: Service, data: bytes) -> httpx2.Response:
    content = data.partition(b"\r\n\r\n")[2]
    return await service.http.post("/graphql", content=content, headers=dict(headers_of(data)))


async def short(service: Service, data: bytes) -> Answer:
    answering = endpoint(service).ask(data)
    assert answering is not None
    return await answering


def told(status: int, headers: dict[str, str], content: bytes) -> Any:
    """All but what differs from one request to the next."""
    names = sorted(headers)
    found = orjson.loads(content)
    found.get("extensions", {}).pop("requestId", None)
    found.get("extensions", {}).get("cost", {}).pop("remaining", None)
    for error in found.get("errors", ()):
        assert error["extensions"].pop("requestId")
    return status, names, headers["content-type"], found


@pytest.mark.parametrize("content", BODIES.values(), ids=BODIES)
async def test_it_is_the_answer_of_the_long_way(service: Service, key: str, content: bytes) -> None:
    data = request(key, content)
    for _ in range(2):  # a document never seen before costs more
        long = await usual(service, data)
    answer = await short(service, data)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    assert told(answer.status, headers, answer.body) == told(long.status_code, dict(long.headers), long.content)
    assert int(headers["content-length"]) == len(answer.body)


@pytest.mark.parametrize(
    "change",
    [
        {"gsb_datasets": "air/airports"},
        {"origin": "https://a.example"},
        {"content_type": "text/plain"},
        {"accept": "text/html"},
        {"x_api_key": "gsbl_" + "0" * 46},
        {"connection": "close"},
        {"transfer_encoding": "chunked"},
    ],
)
async def test_what_is_unusual_goes_the_long_way_each_time(service: Service, key: str, change: dict[str, str]) -> None:
    data = request(key, BODIES["a look-up"], **change)
    for _ in range(2):
        assert endpoint(service).ask(data) is None


async def test_a_key_that_nobody_asked_with_yet_goes_the_long_way_once(service: Service, key: str) -> None:
    data = request(key, BODIES["a look-up"])
    assert endpoint(service).ask(data) is None
    assert (await usual(service, data)).status_code == 200
    assert (await short(service, data)).status == 200


async def test_another_key_goes_the_long_way(service: Service, key: str) -> None:
    await usual(service, request(key, BODIES["a look-up"]))
    for other in (key[:-1] + ("0" if key[-1] != "0" else "1"), "", await service.agency_key("air")):
        assert endpoint(service).ask(request(other, BODIES["a look-up"])) is None


async def test_a_body_of_another_length_under_the_same_head_goes_the_long_way(service: Service, key: str) -> None:
    data = request(key, BODIES["a look-up"])
    await usual(service, data)
    assert (await short(service, data)).status == 200
    assert endpoint(service).ask(data + b" ") is None


async def test_a_known_head_without_a_body_is_answered_when_its_blank_line_has_come(service: Service, key: str) -> None:
    """Until then it may go on, and `Content-Length: 0` become `Content-Length: 017`."""
    data = request(key, b"")
    await usual(service, data)
    assert (await short(service, data)).status == 400
    for missing in (4, 2, 1):
        assert endpoint(service).ask(data[:-missing]) is None
        assert endpoint(service).again(data[:-missing]) is None


async def test_a_key_that_is_bound_to_networks_leaves_the_short_way_at_once_and_comes_back_when_it_is_bound_no_more(
    service: Service,
) -> None:
    registered = await service.register()
    data, key_id = request(registered["key"]["secret"], BODIES["a look-up"]), KeyId(registered["key"]["id"])
    await usual(service, data)
    assert (await short(service, data)).status == 200
    await hold(service, key_id, read_networks(["127.0.0.0/8"]))
    for _ in range(3):  # not known yet, read anew, and remembered
        assert endpoint(service).ask(data) is None
        assert (await usual(service, data)).status_code == 200
    await hold(service, key_id, None)
    assert endpoint(service).ask(data) is None
    assert (await usual(service, data)).status_code == 200
    assert (await short(service, data)).status == 200


async def hold(service: Service, key_id: KeyId, networks: Networks | None) -> None:
    change = RestrictionChange(frozenset({"networks"}), Restrictions(networks=networks))
    restricted = await service.keys.restrict_key(key_id, change, "a test", OPERATOR)
    assert restricted.spread.is_everywhere


async def test_a_key_that_was_revoked_is_not_answered_though_its_head_is_remembered(service: Service) -> None:
    registered = await service.register()
    data = request(registered["key"]["secret"], BODIES["a look-up"])
    await usual(service, data)
    assert (await short(service, data)).status == 200
    headers = {"authorization": f"Bearer {registered['ownerToken']}"}
    revoked = await service.http.delete(f"/api/v1/keys/{registered['key']['id']}", headers=headers)
    assert revoked.status_code == 200, revoked.text
    assert endpoint(service).ask(data) is None
    assert (await usual(service, data)).status_code == 401


async def test_wishes_of_the_head_are_met(service: Service, key: str) -> None:
    data = request(key, BODIES["a look-up"], accept="application/graphql-response+json", prefer="gsb-signature")
    long = await usual(service, data)
    answer = await short(service, data)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    assert headers["content-type"].startswith("application/graphql-response+json")
    assert ("gsb-signature" in headers, "gsb-signature" in long.headers) == (True, True)


async def test_it_is_paid_for_and_written_down(service: Service, key: str) -> None:
    data = request(key, BODIES["a look-up"])
    long = await usual(service, data)
    answers = [await short(service, data) for _ in range(5)]
    contents = [long.content, *(answer.body for answer in answers)]
    points = sum(orjson.loads(content)["extensions"]["cost"]["actual"] for content in contents)
    async with asyncio.timeout(60), service.connections.use() as connection:
        while True:  # facts are written each second
            noted = await connection.fetchrow(
                "select sum(requests)::int, sum(points)::int, sum(bytes)::int from gsb.usage_fact where dataset_id = 0"
            )
            if noted is not None and noted[0] == 6:
                break
            await asyncio.sleep(0.05)
    assert tuple(noted) == (6, points, sum(map(len, contents)))
