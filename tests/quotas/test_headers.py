"""The RateLimit fields parse as structured fields and say what the purse knows."""

import time

import pytest
from tests.structured import items_of as parse

from publicgsb.platform.kernel.errors import QuotaExhausted
from publicgsb.quotas.headers import policy_header, room_header, room_template
from publicgsb.quotas.model import plan_from_json

from .conftest import SetPlan, StartWorker

PLAN = plan_from_json(
    "p",
    [
        {"name": "burst", "kind": "window", "limit": 200, "unit": "points", "window_seconds": 10},
        {"name": "month", "kind": "period", "limit": 9, "unit": "points", "period": "month"},
        {"name": "files_day", "kind": "period", "limit": 5, "unit": "bytes", "period": "day"},
        {"name": "concurrency", "kind": "concurrency", "limit": 4, "unit": "requests"},
    ],
)


def test_the_policy_field_names_limit_window_and_unit() -> None:
    name, value = policy_header(PLAN)
    assert name == b"ratelimit-policy"
    assert parse(value) == {
        "burst": {"q": 200, "w": 10, "gsb-unit": "points"},
        "month": {"q": 9, "gsb-unit": "points"},
        "files_day": {"q": 5, "qu": "content-bytes"},
        "concurrency": {"q": 4, "qu": "concurrent-requests"},
    }


def test_room_and_time_are_whole_numbers_that_are_never_negative_and_time_is_rounded_up() -> None:
    field = room_header(room_template(PLAN.policies[:2]), [(-3, -0.5), (7, 1.2)])
    assert parse(field[1]) == {"burst": {"r": 0, "t": 0}, "month": {"r": 7, "t": 2}}


async def test_before_a_take_only_what_the_plan_allows_is_told(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan(burst=100, minute=1_000, month=100_000)
    purses = (await start_worker()).purses
    assert [name for name, _ in purses.headers((1, 2), "small", "a key")] == [b"ratelimit-policy"]


async def test_after_a_take_both_fields_are_there_and_agree(start_worker: StartWorker, make_plan: SetPlan) -> None:
    await make_plan(burst=100, minute=1_000, month=100_000)
    purses = (await start_worker()).purses
    began = time.monotonic()
    (await purses.take((1, 2), "small", 30)).settle(30)
    fields = {name: parse(value) for name, value in purses.headers((1, 2), "small", "a key")}
    passed = time.monotonic() - began
    assert fields[b"ratelimit"].keys() <= fields[b"ratelimit-policy"].keys()
    room = {name: item["r"] for name, item in fields[b"ratelimit"].items()}
    assert room == {"burst": 70, "minute": 970, "month": 99_970}
    assert 9 - passed <= fields[b"ratelimit"]["burst"]["t"] <= 12


async def test_after_the_lease_went_back_the_month_still_says_when_it_resets(
    start_worker: StartWorker, make_plan: SetPlan
) -> None:
    """A `t` of 0 would tell a client to come back at once."""
    await make_plan(month=10)
    purses = (await start_worker()).purses
    (await purses.take((1, 2), "small", 10)).settle(10)
    with pytest.raises(QuotaExhausted) as refused:
        await purses.take((1, 2), "small", 1)
    month = parse(dict(purses.headers((1, 2), "small", "a key"))[b"ratelimit"])["month"]
    assert month["r"] == 0
    assert refused.value.retry_after_seconds is not None
    assert abs(month["t"] - refused.value.retry_after_seconds) <= 2
