"""Plans in memory: every worker hears of a change, and an unchanged plan stays the same object."""

import anyio
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.quotas.model import LIMIT_MAX, Plan, plan_from_json
from publicgsb.quotas.plans import Plans

from .conftest import SetPlan, StartWorker

MONTH = {"name": "month", "kind": "period", "limit": 10, "unit": "points", "period": "month"}


async def _until_month_is(plans: Plans, limit: int) -> Plan:
    with anyio.fail_after(60):
        while all(plan.name != "small" or plan.ledger.limit != limit for plan in plans.all()):
            await anyio.sleep(0.01)
    return plans.get("small")


async def test_every_worker_hears_of_a_new_and_of_a_changed_plan(start_worker: StartWorker, make_plan: SetPlan) -> None:
    workers = [await start_worker(), await start_worker()]
    for limit in (10, 20):
        stored = await make_plan(month=limit)
        assert [await _until_month_is(worker.plans, limit) for worker in workers] == [stored, stored]


async def test_an_unchanged_plan_stays_the_same_object(start_worker: StartWorker, make_plan: SetPlan) -> None:
    plans = (await start_worker()).plans
    before = plans.get("open")
    await make_plan(month=10)
    await _until_month_is(plans, 10)
    assert plans.get("open") is before


async def test_a_new_plan_is_offered_last_and_its_change_is_audited(
    start_worker: StartWorker, connections: Connections, make_plan: SetPlan
) -> None:
    await make_plan(month=10)
    plans = (await start_worker()).plans
    assert [plan.name for plan in plans.all()] == ["open", "registered_use", "approved", "test", "small"]
    async with connections.use() as connection:
        audited = await connection.fetchrow("select actor, subject from gsb.audit where action = 'plan.set'")
    assert audited is not None
    assert tuple(audited) == ("test", "plan:small")


async def test_a_plan_that_is_not_there_is_not_found(start_worker: StartWorker) -> None:
    with pytest.raises(NotFound, match="gold"):
        (await start_worker()).plans.get("gold")


@pytest.mark.parametrize(
    "policy",
    [
        MONTH | {"name": 'mo"nth'},  # it would break out of its header
        MONTH | {"name": "ماه"},
        MONTH | {"limit": LIMIT_MAX + 1},
        {"name": "burst", "kind": "window", "limit": 5, "unit": "bytes", "window_seconds": 10},
        {"name": "burst", "kind": "window", "limit": 5, "unit": "points", "window_seconds": "soon"},
    ],
)
def test_a_policy_that_cannot_be_shown_or_would_not_be_enforced_is_refused(policy: dict[str, object]) -> None:
    month = [] if policy["kind"] == "period" else [MONTH]
    with pytest.raises(InvalidRequest):
        plan_from_json("bad", [*month, policy])


def test_the_largest_limit_is_kept() -> None:
    assert plan_from_json("large", [MONTH | {"limit": LIMIT_MAX}]).ledger.limit == LIMIT_MAX
