"""The three routes of quotas, over ASGI."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted, RateLimited
from publicgsb.quotas.allowance import Allowance, looks
from publicgsb.quotas.http import QuotaRoutes

from .conftest import StartWorker, Worker


async def _get(
    worker: Worker, path: str, caller: Caller, free: Allowance | None = None, **headers: str
) -> httpx2.Response:
    async def authenticate(_: Request) -> Caller:
        return caller

    routes = QuotaRoutes(worker.purses, worker.plans, authenticate, looks=free or looks())
    app = Starlette(routes=routes.routes())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        return await client.get(path, headers=headers)


DATA = Caller("k", KeyKind.LIVE, 8, 80, "open")
AGENCY = Caller("a", KeyKind.AGENCY, 0, 0, "", agency_id=3)


async def test_the_quota_shows_every_policy_and_costs_nothing(start_worker: StartWorker) -> None:
    worker = await start_worker()
    (await worker.purses.take(DATA.account, "open", 6)).settle(6)
    answers = [await _get(worker, "/api/v1/quota", DATA) for _ in range(2)]
    policies: dict[str, Any] = {policy["name"]: policy for policy in answers[1].json()["policies"]}
    assert list(policies) == ["burst", "minute", "month", "concurrency", "files_day", "database", "database_key"]
    assert (policies["burst"]["used"], policies["minute"]["remaining"]) == (6, 994)
    month = policies["month"]
    assert month["used"] + month["reserved"] + month["remaining"] == 100_000
    assert policies["files_day"]["resetsAt"].endswith("T00:00:00Z")
    assert answers[1].headers["ratelimit-policy"].startswith('"burst";q=200;w=10')


async def test_an_agency_key_has_no_quota(start_worker: StartWorker) -> None:
    with pytest.raises(NotPermitted):
        await _get(await start_worker(), "/api/v1/quota", AGENCY)


async def test_the_quota_is_told_so_often_in_a_minute_and_no_more(start_worker: StartWorker) -> None:
    worker, once = await start_worker(), Allowance("looks", 1, "wait")
    assert (await _get(worker, "/api/v1/quota", DATA, once)).status_code == 200
    with pytest.raises(RateLimited) as refused:
        await _get(worker, "/api/v1/quota", DATA, once)
    assert 1 <= (refused.value.retry_after_seconds or 0) <= 60


async def test_plans_and_prices_are_public(start_worker: StartWorker) -> None:
    worker = await start_worker()
    plans = (await _get(worker, "/api/v1/plans", AGENCY)).json()["plans"]
    assert [plan["name"] for plan in plans] == ["open", "registered_use", "approved", "test"]
    prices = (await _get(worker, "/pricing", AGENCY)).json()["prices"]
    assert {price["name"]: price["points"] for price in prices} == {
        "request": 1, "records": 1, "search": 10, "contains": 5, "count": 1, "aggregate": 10, "changes": 10, "near": 5,
        "shortcut": 1, "catalogue": 1, "newOperation": 5,
    }  # fmt: skip
    text = await _get(worker, "/pricing", AGENCY, accept="text/plain")
    assert " 10 points per aggregate" in text.text
    assert "inquiry" not in text.text, "there are none yet"
