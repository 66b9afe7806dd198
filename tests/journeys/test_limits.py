"""Limits as a caller meets them: which refusal, when to come back, what it cost, and never a point too many."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx2
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.plans import set_plan
from tests.app import Service, running
from tests.journeys.tables import held
from tests.structured import room_of

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city } } }'


async def plan(service: Service, *, burst: int = 10_000, minute: int = 10_000, month: int = 100_000) -> None:
    """Replace plan `open`, and wait until this worker goes by it."""
    windows = [
        Policy(name, PolicyKind.WINDOW, limit, PolicyUnit.POINTS, window_seconds=seconds)
        for name, limit, seconds in (("burst", burst, 10), ("minute", minute, 60))
    ]
    ledger = Policy("month", PolicyKind.PERIOD, month, PolicyUnit.POINTS, period=Period.MONTH)
    await set_plan(service.connections, Plan("open", (*windows, ledger)), actor="tests")
    await until_known(service, {"burst": burst, "minute": minute, "month": month})


async def until_known(service: Service, limits: dict[str, int]) -> None:
    with anyio.fail_after(60):
        while True:
            plans = (await service.http.get("/api/v1/plans")).json()["plans"]
            known = next(one["policies"] for one in plans if one["name"] == "open")
            if {policy["name"]: policy["limit"] for policy in known} == limits:
                return
            await anyio.sleep(0.02)


async def standing(service: Service, key: str) -> dict[str, dict[str, Any]]:
    answer = await service.http.get("/api/v1/quota", headers={"authorization": f"Bearer {key}"})
    return {policy["name"]: policy for policy in answer.json()["policies"]}


def refusal(answer: httpx2.Response) -> dict[str, Any]:
    (error,) = answer.json()["errors"]
    extensions: dict[str, Any] = error["extensions"]
    return extensions


async def until_refused(service: Service, key: str) -> httpx2.Response:
    for _ in range(200):
        answer = await service.ask(key, LOOK_UP)
        if answer.status_code != 200:
            return answer
    raise AssertionError("nothing was refused")


@pytest.mark.prove
async def test_after_the_time_that_retry_after_names_the_burst_lets_the_same_request_through(
    service: Service, key: str
) -> None:
    await plan(service, burst=20)
    answer = await until_refused(service, key)
    said = refusal(answer)
    assert (answer.status_code, said["code"], said["details"]["policy"]) == (429, "RATE_LIMITED", "burst")
    seconds = int(answer.headers["retry-after"])
    assert 1 <= seconds <= 11
    await anyio.sleep(seconds)  # what the header promises is a time
    assert (await service.ask(key, LOOK_UP)).status_code == 200


async def test_a_spent_minute_is_named_with_the_time_until_there_is_room(service: Service, key: str) -> None:
    await plan(service, minute=20)
    answer = await until_refused(service, key)
    assert (answer.status_code, refusal(answer)["details"]["policy"]) == (429, "minute")
    # Units leave by twentieths of the window: at most 21 × (60 s + 100 ms) / 20 after they were taken.
    assert 1 <= int(answer.headers["retry-after"]) <= 64


async def test_a_spent_month_names_its_end_and_is_not_mistaken_for_haste(service: Service, key: str) -> None:
    await plan(service, month=20)
    answer = await until_refused(service, key)
    said = refusal(answer)
    assert (answer.status_code, said["code"], said["details"]["policy"]) == (429, "QUOTA_EXHAUSTED", "month")
    ends = datetime.fromisoformat(said["details"]["resetsAt"])
    assert (ends.day, ends.hour, ends.minute) == (1, 0, 0)
    left = (ends - datetime.now(UTC)).total_seconds()
    assert abs(int(answer.headers["retry-after"]) - left) < 5  # a client that obeys does not knock every second


async def test_an_operation_above_a_limit_is_told_that_waiting_is_no_use(service: Service, key: str) -> None:
    await plan(service, burst=4)
    answer = await service.ask(key, LOOK_UP)
    assert (answer.status_code, refusal(answer)["code"]) == (400, "QUERY_TOO_COSTLY")
    assert "retry-after" not in answer.headers


async def test_every_answer_to_a_known_caller_carries_limits_that_a_parser_of_structured_fields_reads(
    service: Service, key: str
) -> None:
    await plan(service, month=30)
    answers = [await service.ask(key, LOOK_UP), await service.ask(key, "{ nope }"), await until_refused(service, key)]
    for answer in answers:
        assert room_of(answer)
        assert '"month";q=30;' in answer.headers["ratelimit-policy"]
    assert '"month";r=' in answers[-1].headers["ratelimit"]


async def test_a_refused_document_costs_one_point_and_an_answer_what_it_says(service: Service, key: str) -> None:
    costs = [(await service.ask(key, LOOK_UP)).json()["extensions"]["cost"]["actual"] for _ in range(3)]
    assert costs[0] == costs[1] + 5  # a document that was never seen before
    await service.ask(key, "{ nope }")
    assert await month_used(service, key) == sum(costs) + 1


async def test_what_fails_on_our_side_is_refunded(service: Service, key: str, connections: Connections) -> None:
    paid = (await service.ask(key, LOOK_UP)).json()["extensions"]["cost"]["actual"]
    async with held(connections, "air", "airports"):
        assert (await service.ask(key, LOOK_UP.replace("OIIE", "OIII"))).status_code == 503
    assert await month_used(service, key) == paid


async def month_used(service: Service, key: str) -> int:
    """As the caller sees it, once this worker has said what it used: another plan makes it report."""
    identity = (await service.http.get("/api/v1/whoami", headers={"authorization": f"Bearer {key}"})).json()
    account = identity["organisation"]["id"], identity["application"]["id"]
    route = next(route for route in service.app.routes if getattr(route, "path", "") == "/api/v1/quota")
    await route.endpoint.__self__.purses._purse(account, "open").give_back_lease()  # type: ignore[attr-defined]
    used: int = (await standing(service, key))["month"]["used"]
    return used


async def test_two_workers_together_admit_the_month_and_not_a_point_more(
    service: Service, key: str, settings: Settings, connections: Connections
) -> None:
    await service.ask(key, LOOK_UP)  # known from now on: each costs the same
    await plan(service, month=200)
    async with AsyncExitStack() as stack:
        second = await stack.enter_async_context(running(settings, connections))
        await until_known(second, {"burst": 10_000, "minute": 10_000, "month": 200})
        outcomes: Counter[str] = Counter()
        points = 0

        async def spend(worker: Service) -> None:
            nonlocal points
            while True:
                answer = await worker.ask(key, LOOK_UP)
                if answer.status_code == 200:
                    points += answer.json()["extensions"]["cost"]["actual"]
                    continue
                outcomes[refusal(answer)["code"]] += 1
                return

        await asyncio.gather(*(spend(worker) for worker in (service, second) for _ in range(3)))
    assert set(outcomes) == {"QUOTA_EXHAUSTED"}
    async with connections.use() as connection:
        row = await connection.fetchrow("select lim, allotted from gsb.quota_account where policy = 'month'")
    assert row is not None
    assert row["allotted"] <= row["lim"] == 200
    assert 195 <= points + 6 <= 206
