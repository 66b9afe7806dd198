"""The asynchronous client: the same questions, many at once."""

import asyncio
from typing import Any

import httpx2
import pytest
from tests.sdk.conftest import KEY, URL

import publicgsb_sdk
from publicgsb_sdk import AsyncClient, InvalidRequest, NotPermitted, QuotaExhausted, Unauthenticated


async def test_a_result_comes_with_its_request_id(async_client: AsyncClient, service: Any) -> None:
    service.reply(httpx2.Response(200, json={"data": {"a": 1}}, headers={"x-request-id": "r-9"}))
    result = await async_client.graphql("query A($x: Int) { a(x: $x) }", {"x": 1}, "A")
    assert (result.data, result.request_id) == ({"a": 1}, "r-9")
    assert service.asked() == [{"query": "query A($x: Int) { a(x: $x) }", "variables": {"x": 1}, "operationName": "A"}]


async def test_whoami_limits_catalogue_and_token_are_asked_by_the_same_names(
    async_client: AsyncClient, service: Any
) -> None:
    service.reply(
        httpx2.Response(200, json={"credential": "key", "key": {"id": "k1"}}),
        httpx2.Response(200, json={"policies": [{"name": "month", "limit": 9, "remaining": 4}]}),
        httpx2.Response(200, json={"agencies": []}),
        httpx2.Response(200, json={"token": "eyJ", "expiresAt": "2026-11-27T10:00:00+00:00", "datasets": None}),
    )
    assert (await async_client.whoami()).key_id == "k1"
    assert (await async_client.limits())[0].remaining == 4
    assert await async_client.datasets.search("فرودگاه") == ()
    assert (await async_client.token()).text == "eyJ"


async def test_a_hundred_questions_at_once_each_get_their_own_answer(async_client: AsyncClient, service: Any) -> None:
    service.reply(lambda request: httpx2.Response(200, json={"data": {"asked": request.content.decode()}}))
    results = await asyncio.gather(*(async_client.graphql(f"{{ a{number} }}") for number in range(100)))
    assert all(f"a{number} " in result.data["asked"] for number, result in enumerate(results))


async def test_a_spent_quota_causes_exactly_one_request(async_client: AsyncClient, service: Any) -> None:
    service.reply(service.refusal(429, "QUOTA_EXHAUSTED", 1))
    with pytest.raises(QuotaExhausted):
        await async_client.graphql("{ a }")
    assert len(service.requests) == 1


async def test_a_page_of_something_else_is_named_as_such(async_client: AsyncClient, service: Any) -> None:
    service.reply(httpx2.Response(403, html="<h1>Welcome to the proxy</h1>"))
    with pytest.raises(NotPermitted, match="base_url"):
        await async_client.graphql("{ a }")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSB_API_KEY", raising=False)
    monkeypatch.delenv("PGSB_URL", raising=False)
    with pytest.raises(Unauthenticated, match="PGSB_API_KEY"):
        AsyncClient(base_url=URL)
    with pytest.raises(InvalidRequest, match="PGSB_URL"):
        AsyncClient(KEY)


async def test_a_client_closes_the_connections_that_it_opened_and_no_others() -> None:
    async with httpx2.AsyncClient() as http:
        async with AsyncClient(KEY, URL) as own, AsyncClient(KEY, URL, http_client=http):
            connections = own._own_http
        assert connections is not None and connections.is_closed
        assert not http.is_closed


def test_outside_asyncio_it_says_so_instead_of_half_working() -> None:
    coroutine = AsyncClient(KEY, URL).graphql("{ a }")
    with pytest.raises(InvalidRequest, match="asyncio only"):
        coroutine.send(None)  # what another event loop would do


def test_a_name_that_is_not_there_is_no_attribute_of_the_package() -> None:
    with pytest.raises(AttributeError, match="AsyncClinet"):
        publicgsb_sdk.AsyncClinet  # noqa: B018


async def test_each_task_has_its_own_last_response(async_client: AsyncClient, service: Any) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"data": {}}, headers={"x-request-id": request.content.decode()[11:20]})

    async def ask(number: int) -> bool:
        await async_client.graphql(f"{{ a{number} }}")
        await asyncio.sleep(0)
        last = async_client.last_response
        return last is not None and f"a{number} " in str(last.request_id)

    service.reply(answer)
    assert all(await asyncio.gather(*(ask(number) for number in range(30))))
    assert async_client.last_response is None


async def test_a_cancelled_call_leaves_no_points_reserved(service: Any) -> None:
    """What it may have cost counts as spent; nothing stays set aside, and the next call is not kept waiting."""
    reached, asked = asyncio.Event(), 0

    async def answer(request: httpx2.Request) -> httpx2.Response:
        nonlocal asked
        if b"dryRun" in request.content:
            return httpx2.Response(200, json={"data": {"gsbPrice": {"cost": 10}}})
        asked += 1
        if asked == 1:
            reached.set()
            await asyncio.Event().wait()
        cost = {"requested": 10, "actual": 2, "remaining": 1}
        return httpx2.Response(200, json={"data": {"a": 1}, "extensions": {"cost": cost}})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        job = AsyncClient(KEY, URL, http_client=http).budget(points=100)
        call = asyncio.create_task(job.graphql("{ a }"))
        await reached.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert job.spending is not None and (job.spending.spent, job.spending.left) == (15, 85)
        assert (await job.graphql("{ a }")).data == {"a": 1}
        assert (job.spending.spent, job.spending.left) == (17, 83)
