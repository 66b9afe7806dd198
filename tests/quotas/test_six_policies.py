"""Whichever of six policies refuses, the other five are as they were: held against a reference model."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publicgsb.platform.kernel.errors import QueryTooCostly, QuotaExhausted, RateLimited, Unavailable
from publicgsb.quotas import account as account_module
from publicgsb.quotas.capacity.model import PLATFORM as PLATFORM_ID
from publicgsb.quotas.capacity.model import Capacity
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.purse import Taken

from .conftest import StartWorker, Worker
from .six_policies import AT_ONCE, BURST, DATASET, MINUTE, MONTH, PLATFORM, POLICIES, Model

WINDOW_SECONDS = 86_400  # nothing expires while a case runs

_numbers = count(1)

# One has little room and the others, mostly, more: so each is the one exhausted, now and then two are.
_scarce, _ample = st.integers(5, 25), st.integers(15, 120)


@st.composite
def limits(draw: st.DrawFn, exhausted: str) -> dict[str, int]:
    drawn = {name: draw(_scarce if name == exhausted else _ample) for name in POLICIES}
    drawn[AT_ONCE] = draw(st.integers(1, 3)) if exhausted == AT_ONCE else 12
    return drawn


steps = st.lists(st.one_of(st.integers(1, 12), st.floats(0.0, 1.0)), min_size=1, max_size=12)


def _plan(limits: dict[str, int]) -> Plan:
    def window(name: str) -> Policy:
        return Policy(name, PolicyKind.WINDOW, limits[name], PolicyUnit.POINTS, window_seconds=WINDOW_SECONDS)

    at_once = Policy(AT_ONCE, PolicyKind.CONCURRENCY, limits[AT_ONCE], PolicyUnit.REQUESTS)
    month = Policy(MONTH, PolicyKind.PERIOD, limits[MONTH], PolicyUnit.POINTS, period=Period.MONTH)
    return Plan("six", (window(BURST), window(MINUTE), month, at_once))


@dataclass(slots=True)
class Case:
    """One account and one dataset of its own on a worker that all cases share."""

    worker: Worker
    number: int
    model: Model

    def begin(self) -> None:
        limits = self.model.limits
        # The platform's window is one for all cases, each with a width of its own. A store that takes over (Redis on a
        # machine that stood still) is told what was admitted, and would hold the cases before against this one.
        for organisation in self.worker.purses.epochs._organisations.values():
            organisation.tallies.clear()
        self.worker.plans._plans["six"] = _plan(limits)
        self.worker.purses.capacities.use(
            {
                of: Capacity(of, name, limits[name], PolicyUnit.POINTS, WINDOW_SECONDS + self.number)
                for of, name in ((self.number, DATASET), (PLATFORM_ID, PLATFORM))
            }
        )

    async def take(self, points: int) -> Taken | None:
        while True:
            try:
                return await self.worker.purses.take((self.number, 1), "six", points, ((self.number, 1),))
            except (RateLimited, QuotaExhausted, QueryTooCostly):
                return None
            except Unavailable:  # on a busy machine windows may take longer to open than a request is held
                await asyncio.sleep(0.1)

    async def used(self) -> dict[str, int]:
        """What the stores say, once this worker has given back what it had set aside and not used."""
        purses = self.worker.purses
        purse = purses._purse((self.number, 1), "six")
        await purse.give_back_chunk(is_forced=True)
        await purse.give_back_lease()
        used = {one.policy.name: one.used for one in await purses.standing((self.number, 1), "six")}
        limits = self.model.limits
        for of, name in ((self.number, DATASET), (PLATFORM_ID, PLATFORM)):
            used[name] = limits[name] - await purses.capacities.remaining(of)
        return used


async def _run(worker: Worker, limits: dict[str, int], steps: list[int | float]) -> list[str]:
    """By which policies alone something was refused."""
    case = Case(worker, next(_numbers), Model(limits))
    case.begin()
    running: deque[Taken] = deque()
    recalled = 0  # of those that run
    for step in steps:
        if isinstance(step, int):
            taken = await case.take(step)
            assert (taken is not None) == case.model.take(step), (limits, steps, step)
            if taken is not None:
                running.append(taken)
            else:
                recalled = len(running)
        elif running:
            taken = running.popleft()
            # A refusal by the month calls leases back, and what runs then counts in full: under-use, never over-use.
            points = taken.points if recalled else round(step * taken.points)
            recalled = max(0, recalled - 1)
            case.model.settle(points)
            taken.settle(points)
    while running:
        taken = running.popleft()
        case.model.settle(taken.points)
        taken.settle(taken.points)
    assert await case.used() == case.model.used, (limits, steps)
    return case.model.refused_by


async def _prove(start_worker: StartWorker, cases: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each of the policies refused."""
    # Whoever finds no slot would wait a second for one: the model knows no time.
    monkeypatch.setattr(account_module, "QUEUE_SECONDS", 0.0)
    worker = await start_worker()
    loop = asyncio.get_running_loop()
    refused: Counter[str] = Counter()

    for exhausted in POLICIES:
        await asyncio.to_thread(_hold, exhausted, cases // len(POLICIES), worker, loop, refused)
    assert set(refused) == set(POLICIES)  # each was the one exhausted, the other five had room
    return refused


def _hold(exhausted: str, cases: int, worker: Worker, loop: asyncio.AbstractEventLoop, refused: Counter[str]) -> None:
    """In a thread: hypothesis calls plain functions, and the worker lives in the test's loop."""

    @settings(max_examples=cases, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(limits(exhausted), steps)
    def hold(limited: dict[str, int], steps: list[int | float]) -> None:
        refused.update(asyncio.run_coroutine_threadsafe(_run(worker, limited, steps), loop).result(60))

    hold()


async def test_a_refused_policy_leaves_the_other_five_as_they_were(
    start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _prove(start_worker, 120, monkeypatch)


@pytest.mark.prove
async def test_ten_thousand_random_cases_agree_with_the_model(
    start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    refused = await _prove(start_worker, 10_002, monkeypatch)
    record_property("refusals", ", ".join(f"{policy} {count:,}" for policy, count in sorted(refused.items())))
