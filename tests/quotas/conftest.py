"""A worker as quotas see one: a pulse, the plans and the purses, on the engines of the session."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.quotas.model import Plan, plan_from_json
from publicgsb.quotas.plans import Plans, set_plan
from publicgsb.quotas.purse import Purses
from publicgsb.quotas.redis_client import RedisClient, connect


@dataclass(frozen=True, slots=True)
class Worker:
    connections: Connections
    redis: RedisClient
    pulse: Pulse
    plans: Plans
    purses: Purses


StartWorker: TypeAlias = Callable[[], Awaitable[Worker]]
SetPlan: TypeAlias = Callable[..., Awaitable[Plan]]


@pytest.fixture
async def start_worker(database_url: str, redis_url: str) -> AsyncIterator[StartWorker]:
    """Each call starts one more worker in this process; all are closed in reverse order."""
    async with AsyncExitStack() as stack:

        async def start() -> Worker:
            connections = Connections(database_url, size=4)
            stack.push_async_callback(connections.close)
            redis = connect(redis_url, timeout_seconds=5.0)
            stack.push_async_callback(redis.aclose)
            pulse = Pulse(connections, "test")
            plans = Plans(connections, pulse)
            purses = Purses(connections, redis, pulse, plans)
            await plans.load()
            await pulse.start()
            stack.push_async_callback(pulse.stop)
            await purses.start()
            stack.push_async_callback(purses.close)
            return Worker(connections, redis, pulse, plans, purses)

        yield start


@pytest.fixture
def make_plan(connections: Connections) -> SetPlan:
    """Stores plan `name` with the limits given; a limit of 0 leaves that policy out."""

    async def make(
        name: str = "small",
        *,
        burst: int = 0,
        minute: int = 0,
        month: int = 1_000_000,
        concurrency: int = 0,
        database: int = 0,
        database_key: int = 0,
        files_day: int = 1_000,
        is_database_shadow: bool = False,
    ) -> Plan:
        work = {"name": "database", "kind": "period", "limit": database, "unit": "milliseconds", "period": "minute"}
        policies = [
            {"name": "burst", "kind": "window", "limit": burst, "unit": "points", "window_seconds": 10},
            {"name": "minute", "kind": "window", "limit": minute, "unit": "points", "window_seconds": 60},
            {"name": "concurrency", "kind": "concurrency", "limit": concurrency, "unit": "requests"},
            {"name": "month", "kind": "period", "limit": month, "unit": "points", "period": "month"},
            {"name": "files_day", "kind": "period", "limit": files_day, "unit": "bytes", "period": "day"},
            work | {"shadow": is_database_shadow},
            work | {"name": "database_key", "limit": database_key, "per_key": True},
        ]
        plan = plan_from_json(name, [policy for policy in policies if policy["limit"]])
        await set_plan(connections, plan, actor="test")
        return plan

    return make
