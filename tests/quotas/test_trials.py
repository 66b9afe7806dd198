"""A plan tried on what was used: counted to the second, all or nothing, and a shadow denies nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas import store
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.plans import set_plan
from publicgsb.quotas.store import Fact
from publicgsb.quotas.trials.model import Trial, Use
from publicgsb.quotas.trials.service import try_plan

from .conftest import SetPlan, StartWorker

START = int(datetime(2026, 11, 10, 12, tzinfo=UTC).timestamp())
MONTH = Policy("month", PolicyKind.PERIOD, 100, PolicyUnit.POINTS, period=Period.MONTH)
BURST = Policy("burst", PolicyKind.WINDOW, 10, PolicyUnit.POINTS, window_seconds=10)
FILES = Policy("files_day", PolicyKind.PERIOD, 1_000, PolicyUnit.BYTES, period=Period.DAY)
AT_ONCE = Policy("concurrency", PolicyKind.CONCURRENCY, 2, PolicyUnit.REQUESTS)


def _use(second: int, requests: int = 1, points: int = 1, ms: int = 0) -> Use:
    return Use(START + second, False, requests, points, 0, ms)


def _file(second: int, size: int) -> Use:
    return Use(START + second, True, 1, 0, size, 0)


def _tried(policies: Sequence[Policy], uses: Sequence[Use], **before: int) -> Trial:
    trial = Trial(policies, START, before)
    for use in uses:
        trial.feed(use)
    return trial


def _refused(trial: Trial) -> dict[str, tuple[int, int, int]]:
    return {name: (one.requests, one.first - START, one.last - START) for name, one in trial.refused.items()}


def test_a_window_refuses_what_does_not_fit_and_forgets_after_its_seconds() -> None:
    trial = _tried([BURST], [_use(0, 10, 10), _use(9, 3, 3), _use(10, 10, 10), _use(11)])
    assert _refused(trial) == {"burst": (4, 9, 11)}


def test_a_part_of_the_requests_of_a_second_may_fit() -> None:
    assert _refused(_tried([BURST], [_use(0, 4, 12)])) == {"burst": (1, 0, 0)}


def test_what_one_policy_refuses_uses_up_none() -> None:
    trial = _tried([BURST, MONTH], [_use(0, 10, 10), *(_use(1) for _ in range(500)), _use(20, 9, 90)], month=0)
    assert _refused(trial) == {"burst": (508, 1, 20)}
    assert sum(meter._used for meter in trial._meters if meter.policy is MONTH) == 20


def test_a_period_begins_with_what_was_used_before_and_ends_with_itself() -> None:
    december = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()) - START
    trial = _tried([MONTH], [_use(0, 1, 2), _use(december, 1, 100)], month=99)
    assert _refused(trial) == {"month": (1, 0, 0)}


def test_files_cost_bytes_of_their_day_and_nothing_else() -> None:
    trial = _tried([FILES, BURST], [_file(0, 700), _file(5, 400), _file(12 * 3600, 700)])
    assert _refused(trial) == {"files_day": (1, 5, 5)}


def test_how_many_ran_at_once_is_an_average_over_the_second() -> None:
    assert _refused(_tried([AT_ONCE], [_use(0, 4, 4, 2_000), _use(1, 4, 4, 4_000)])) == {"concurrency": (2, 1, 1)}


def test_database_time_is_bounded_by_minutes_and_begins_anew_with_each() -> None:
    budget = Policy("database", PolicyKind.PERIOD, 10, PolicyUnit.MILLISECONDS, period=Period.MINUTE)
    uses = [replace(_use(second), database_us=6_000) for second in (0, 59, 60, 61)]
    assert _refused(_tried([budget], uses)) == {"database": (2, 59, 61)}


def test_database_time_of_keys_is_bounded_for_each_of_them_by_itself() -> None:
    budget = Policy("database_key", PolicyKind.PERIOD, 10, PolicyUnit.MILLISECONDS, period=Period.MINUTE, per_key=True)
    uses = [replace(_use(second), database_us=6_000, key_id=key) for second in (0, 1, 60) for key in ("a", "b")]
    assert _refused(_tried([budget], uses)) == {"database_key": (2, 1, 1)}
    assert _refused(_tried([replace(budget, per_key=False)], uses)) == {"database_key": (4, 0, 60)}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9), st.integers(1, 60)), max_size=60))
def test_what_is_let_through_never_exceeds_a_policy(drawn: list[tuple[int, int, int]]) -> None:
    """Feeding a second trial with what the first let through refuses nothing, and the month holds."""
    trial = Trial([BURST, MONTH], START, {})
    month = trial._meters[1]
    for second, requests, points in sorted(drawn):
        trial.feed(_use(second, requests, points))
        assert month._used <= MONTH.limit
        assert trial._meters[0].room(START + second) >= 0


async def _write(connections: Connections, application_id: int, ages: Sequence[int], points: int = 1) -> None:
    now = datetime.now(UTC)
    facts = [
        Fact(n, now - timedelta(seconds=age), application_id, "k", 0, 0, "h", 1, points, 10, 0, 1)
        for n, age in enumerate(ages, 1)
    ]
    async with connections.use() as connection:
        await store.facts_add(connection, BootId(uuid4()), facts)


async def test_it_says_who_would_have_been_refused_and_by_what(connections: Connections) -> None:
    await _write(connections, 30, [60] * 15)
    await _write(connections, 40, [60] * 5)
    until = datetime.now(UTC)
    tried = await try_plan(connections, [BURST, MONTH], until - timedelta(hours=1), until)
    assert (tried.applications, tried.requests) == (2, 20)
    (verdict,) = tried.verdicts
    assert (verdict.application_id, verdict.policy, verdict.refused.requests, verdict.requests) == (30, "burst", 5, 15)


async def test_each_shadow_is_tried_for_itself_and_only_on_whom_it_concerns(connections: Connections) -> None:
    await _write(connections, 30, [60] * 15, points=10)
    until = datetime.now(UTC)
    tried = await try_plan(connections, [BURST, MONTH], until - timedelta(hours=1), until, together=False)
    assert {one.policy: one.refused.requests for one in tried.verdicts} == {"burst": 14, "month": 5}
    nobody = await try_plan(connections, [BURST], until - timedelta(hours=1), until, concerns=lambda account: False)
    assert (nobody.applications, nobody.verdicts) == (0, ())


async def test_test_keys_are_tried_under_their_own_plan(connections: Connections) -> None:
    await _write(connections, -30, [60] * 15)
    until = datetime.now(UTC)
    since = until - timedelta(hours=1)
    assert (await try_plan(connections, [BURST], since, until)).applications == 0
    tried = await try_plan(connections, [BURST], since, until, concerns=lambda account: account[1] < 0)
    assert [(one.application_id, one.refused.requests) for one in tried.verdicts] == [(-30, 5)]


async def test_a_shadow_denies_nobody(start_worker: StartWorker, make_plan: SetPlan, connections: Connections) -> None:
    plan = await make_plan(burst=10)
    shadowed = tuple(replace(one, shadow=True) if one.name == "burst" else one for one in plan.policies)
    await set_plan(connections, Plan("small", shadowed), actor="test")
    purses = (await start_worker()).purses
    for _ in range(3):
        (await purses.take((3, 30), "small", 10)).settle(10)
    assert "burst" not in {standing.policy.name for standing in await purses.standing((3, 30), "small")}
