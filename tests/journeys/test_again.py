"""A whole request that was asked before is answered at once, as the long way would answer it, or not at once at all."""

import asyncio
from datetime import date, timedelta

import orjson
import pytest

from publicgsb.apikeys.model import Actor
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.deprecating import deprecate
from publicgsb.datasets.releases.service import withdraw
from tests.app import Service
from tests.journeys.plain import BODY, endpoint, long_way, request, short_way


async def test_it_is_the_answer_of_the_long_way(service: Service, key: str) -> None:
    usual = await long_way(service, key, 3)
    answer = await short_way(service, request(key))
    assert answer is not None
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    assert answer.status == 200
    assert list(headers) == list(usual.headers)
    assert int(headers["content-length"]) == len(answer.body)
    found = orjson.loads(answer.body)
    assert found["extensions"].pop("requestId") == headers["x-request-id"]
    wanted = usual.json()
    cost, before = found["extensions"].pop("cost"), wanted["extensions"].pop("cost")
    assert wanted["extensions"].pop("requestId") != headers["x-request-id"]
    assert found == wanted
    assert (cost["requested"], cost["actual"]) == (before["requested"], before["actual"])
    assert cost["remaining"] < before["remaining"]


async def test_it_says_as_well_that_a_dataset_is_on_its_way_out(service: Service, key: str) -> None:
    why = Label("جایگزین دارد", "It is replaced")
    await deprecate(service.connections, "air", "airports", date(2099, 3, 20), why, "test", successor="geo/countries")
    await service.caught_up()
    usual = await long_way(service, key, 3)
    answer = await short_way(service, request(key))
    assert answer is not None
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    for name in ("deprecation", "sunset", "link"):
        assert headers[name] == usual.headers[name]
    assert headers["sunset"] == "Fri, 20 Mar 2099 23:59:59 GMT"


async def test_of_a_replaced_key_and_a_dataset_that_goes_the_end_of_the_key_is_told(service: Service) -> None:
    made = await service.keys.register("A startup", "a@example.org", "Trying it")
    key = made.key.secret
    why = Label("جایگزین دارد", "It is replaced")
    await deprecate(service.connections, "air", "airports", date(2099, 3, 20), why, "test", successor="geo/countries")
    await service.keys.rotate_for(Actor("tests", None), made.key.key.id, timedelta(hours=1))
    await service.caught_up()
    usual = await long_way(service, key, 3)
    answer = await short_way(service, request(key))
    assert answer is not None
    for headers in (usual.headers.multi_items(), [(name.decode(), value.decode()) for name, value in answer.headers]):
        ends = [value for name, value in headers if name in ("sunset", "link")]
        assert len(ends) == 1 and "2099" not in ends[0]


async def test_it_is_paid_for_and_written_down(service: Service, key: str) -> None:
    bodies, at_once = [], 0
    for _ in range(12):
        answer = endpoint(service).again(request(key))
        at_once += answer is not None
        bodies.append(answer.body if answer else (await long_way(service, key)).content)
    assert at_once > 0
    points = sum(orjson.loads(body)["extensions"]["cost"]["actual"] for body in bodies)
    assert points == 17  # five for a document never seen before
    async with asyncio.timeout(60), service.connections.use() as connection:
        while True:  # facts are written each second
            noted = await connection.fetchrow(
                "select sum(requests)::int, sum(points)::int, sum(bytes)::int from gsb.usage_fact where dataset_id = 0"
            )
            if noted is not None and noted[0] == 12:
                break
            await asyncio.sleep(0.05)
    assert tuple(noted) == (12, 17, sum(map(len, bodies)))


@pytest.mark.parametrize(
    "change",
    [
        {"gsb_datasets": "air/airports"},
        {"content_type": "text/plain"},
        {"accept": "text/html"},
        {"x_api_key": "gsbl_" + "0" * 46},
        {"connection": "close"},
        {"transfer_encoding": "chunked"},
    ],
)
async def test_what_is_unusual_goes_the_long_way(service: Service, key: str, change: dict[str, str]) -> None:
    await long_way(service, key, 3)
    assert await short_way(service, request(key)) is not None
    assert endpoint(service).again(request(key, BODY, **change)) is None


async def test_another_key_or_none_goes_the_long_way(service: Service, key: str) -> None:
    await long_way(service, key, 3)
    assert await short_way(service, request(key)) is not None
    for other in (key[:-1] + ("0" if key[-1] != "0" else "1"), "", await service.agency_key("air")):
        assert endpoint(service).again(request(other)) is None


async def test_a_body_of_another_length_under_the_same_head_goes_the_long_way(service: Service, key: str) -> None:
    await long_way(service, key, 3)
    data = request(key)
    assert await short_way(service, data) is not None
    shorter = data.replace(str(len(BODY)).encode(), str(len(BODY) + 1).encode())
    assert endpoint(service).again(shorter) is None


async def test_a_key_that_was_revoked_is_not_answered_though_its_head_is_remembered(service: Service) -> None:
    registered = await service.register()
    key, token = registered["key"]["secret"], registered["ownerToken"]
    await long_way(service, key, 3)
    assert await short_way(service, request(key)) is not None
    revoked = await service.http.delete(
        f"/api/v1/keys/{registered['key']['id']}", headers={"authorization": f"Bearer {token}"}
    )
    assert revoked.status_code == 200, revoked.text
    assert endpoint(service).again(request(key)) is None


async def test_a_dataset_that_was_withdrawn_is_not_answered_though_its_records_are_kept(
    service: Service, key: str
) -> None:
    await long_way(service, key, 3)
    assert await short_way(service, request(key)) is not None
    await withdraw(service.connections, "air", "airports", Label("خطا", "A mistake"), "tests")
    await service.caught_up()
    assert endpoint(service).again(request(key)) is None


async def test_no_key_can_be_read_in_what_is_remembered_of_heads(service: Service, key: str) -> None:
    await long_way(service, key, 3)
    assert await short_way(service, request(key)) is not None
    heads = endpoint(service)._heads._heads._said
    assert heads
    assert key not in repr(heads)
    assert key.encode() not in b"".join(heads)
