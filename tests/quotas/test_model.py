"""Plans: what is seeded, what is refused, and that a stored plan reads back as it was."""

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.quotas import store
from publicgsb.quotas.headers import policy_header
from publicgsb.quotas.model import plan_from_json, plan_to_json

MONTH = {"name": "month", "kind": "period", "limit": 10, "unit": "points", "period": "month"}
BURST = {"name": "burst", "kind": "window", "limit": 10, "unit": "points", "window_seconds": 10}
WORK = {"name": "work", "kind": "period", "limit": 10, "unit": "milliseconds", "period": "minute"}
KEY_WORK = WORK | {"name": "key_work", "limit": 5, "per_key": True}


async def test_the_seeded_plans_are_those_that_are_published(connections: Connections) -> None:
    async with connections.use() as connection:
        plans = await store.plans_all(connection)
    limits = {plan.name: [policy.limit for policy in plan.policies] for plan in plans}
    assert limits == {
        "open": [200, 1_000, 100_000, 4, 5_000_000_000, 20_000, 15_000],
        "registered_use": [500, 3_000, 1_000_000, 8, 20_000_000_000, 60_000, 45_000],
        "approved": [2_000, 12_000, 20_000_000, 32, 100_000_000_000, 240_000, 180_000],
        "test": [50, 200, 10_000, 2, 500_000_000, 5_000, 3_750],
    }
    assert [plan_from_json(plan.name, plan_to_json(plan)) for plan in plans] == plans


@pytest.mark.parametrize(
    "policies",
    [
        [],
        [BURST],
        [MONTH, MONTH],
        [MONTH, MONTH | {"name": "year"}],
        [MONTH | {"limit": 0}],
        [MONTH | {"limit": "many"}],
        [MONTH | {"period": "week"}],
        [MONTH | {"window_seconds": 10}],
        [MONTH, BURST | {"window_seconds": 9}],
        [MONTH, BURST | {"kind": "bucket"}],
        [MONTH, {"name": "nameless"}],
        [MONTH | {"per_key": True}],
        [MONTH, WORK, WORK | {"name": "more"}],
        [MONTH, KEY_WORK, KEY_WORK | {"name": "more"}],
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(policies: list[dict[str, object]]) -> None:
    with pytest.raises(InvalidRequest):
        plan_from_json("bad", policies)


def test_a_plan_may_bound_database_time_of_all_keys_and_of_each() -> None:
    plan = plan_from_json("both", [MONTH, WORK, KEY_WORK])
    assert plan.database_time is not None and plan.key_database_time is not None
    assert (plan.database_time.name, plan.key_database_time.name) == ("work", "key_work")
    assert plan_to_json(plan)[1:] == [WORK, KEY_WORK]


def test_a_policy_in_shadow_is_kept_and_bounds_nothing() -> None:
    shadow = {"name": "tight", "kind": "window", "limit": 5, "unit": "points", "window_seconds": 10, "shadow": True}
    plan = plan_from_json("tried", [MONTH, shadow])
    assert [policy.name for policy in plan.shadows] == ["tight"]
    assert (plan.windows, plan_to_json(plan)[1]) == ((), shadow)
    assert b"tight" not in policy_header(plan)[1]


def test_a_ledger_in_shadow_is_none() -> None:
    with pytest.raises(InvalidRequest):
        plan_from_json("bad", [MONTH | {"shadow": True}])
