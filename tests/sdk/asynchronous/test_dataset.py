"""A walk by tasks: the same rows, and a walk that is cancelled leaves nothing behind."""

import asyncio
from typing import Any

import httpx2
import pytest
from tests.sdk.conftest import AIRPORTS, KEY, URL

from publicgsb_sdk import AsyncClient, Client, InvalidRequest, Withheld

NODE = {"code": "007", "passengers": "9007199254740993", "fee": "1.10", "openedOn": "1990-01-02", "homeCountry": None}
WANTED = ("code", "passengers", "fee", "opened_on", "home_country.name_fa")


async def test_rows_come_to_the_end_page_after_page_by_one_document(async_client: AsyncClient, service: Any) -> None:
    service.reply(service.page([{"icao": "A"}, {"icao": "B"}], cursor="c1"), service.page([{"icao": "C"}]))
    query = async_client.dataset("aviation.airports").select("icao").release(2)
    assert [row["icao"] async for row in query.rows()] == ["A", "B", "C"]
    first, second = service.asked()
    assert first["query"] == second["query"]
    assert first["variables"] == {"first": 1000, "release": 2}
    assert second["variables"] == {"first": 1000, "after": "c1"}


async def test_both_halves_send_and_read_the_same(async_client: AsyncClient, client: Client, service: Any) -> None:
    service.reply(lambda request: service.page([NODE]))
    by_tasks = await async_client.dataset("aviation.airports").where(code="007").select(*WANTED).first()
    by_waiting = client.dataset("aviation.airports").where(code="007").select(*WANTED).first()
    assert by_tasks == by_waiting and by_tasks is not None and by_tasks["passengers"] == 9007199254740993
    assert service.asked()[0] == service.asked()[1]


async def test_count_price_and_contract_are_awaited(async_client: AsyncClient, service: Any) -> None:
    query = async_client.dataset("aviation.airports")
    service.reply(httpx2.Response(200, json={"data": {"aviation": {"airports": {"totalCount": 7}}}}))
    assert await query.limit(5).count() == 5
    service.reply(httpx2.Response(200, json={"data": {"rateLimit": {"cost": 11}}}))
    assert await query.price() == 11
    assert (await query.contract).primary_key == ("icao",)


async def test_refusals_are_the_same(async_client: AsyncClient, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidRequest, match="icao"):
        await async_client.dataset("aviation.airports").select("icoa").first()
    monkeypatch.setitem(service.airports["contract"], "access", "withheld")
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(service)) as http:
        with pytest.raises(Withheld):
            await AsyncClient(KEY, URL, http_client=http).dataset("aviation.airports").first()


async def test_a_frame_is_the_same_as_by_waiting(async_client: AsyncClient, client: Client, service: Any) -> None:
    service.reply(service.page([NODE | {"code": "008"}], cursor="c1"), service.page([NODE]))
    by_tasks = await async_client.dataset("aviation.airports").select(*WANTED).to_pandas()
    service.reply(service.page([NODE | {"code": "008"}], cursor="c1"), service.page([NODE]))
    by_waiting = client.dataset("aviation.airports").select(*WANTED).to_pandas()
    assert by_tasks.equals(by_waiting) and list(by_tasks["code"]) == ["008", "007"]


async def test_a_cancelled_walk_can_be_begun_again(service: Any) -> None:
    """The contract is being fetched when the task is cancelled: it must not stay half known."""
    reached = asyncio.Event()

    async def slow(request: httpx2.Request) -> httpx2.Response:
        reached.set()
        if request.method == "GET" and not service.requests:
            service.requests.append(request)
            await asyncio.Event().wait()
        return httpx2.Response(200, json=AIRPORTS) if request.method == "GET" else service.page([{"icao": "A"}])

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(slow)) as http:
        query = AsyncClient(KEY, URL, http_client=http).dataset("aviation.airports").select("icao")
        walk = asyncio.create_task(query.first())
        await reached.wait()
        walk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await walk
        assert await query.first() == {"icao": "A"}
