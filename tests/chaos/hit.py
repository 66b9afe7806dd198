"""What a request costs whose key is known and whose lease has room, and how often a busy worker asks a store.

A worker as far as keys and quotas go, on real engines. Processor time is the thread's own; calls are counted by the
clients of the stores, where they leave the process.
"""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import UnixDomainSocketConnection

from publicgsb.apikeys import credential
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.organisations import Organisations
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import load_settings
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.plans import Plans, set_plan
from publicgsb.quotas.purse import Purses
from publicgsb.quotas.redis_client import connect
from tests.chaos.scale import Scale
from tests.journeys.load import keys_of
from tests.redis_server import OwnRedis

PLAN = "hit"
BATCHES, BATCH = 200, 25  # of hits back to back
HIT_SHORT = Scale(workers=1, tasks=1, seconds=3.0, faults=0, paced_per_second=500)
HIT_LONG = Scale(workers=1, tasks=1, seconds=30.0, faults=0, paced_per_second=500)


@dataclass(slots=True)
class Calls:
    """What left the process."""

    redis: int = 0
    database: int = 0

    def take(self) -> tuple[int, int]:
        found = self.redis, self.database
        self.redis = self.database = 0
        return found


@dataclass(frozen=True, slots=True)
class HitOutcome:
    """`us`: processor time of a hit, read, checked, taken and settled; back to back as in a busy worker, and one by one
    with a pause before each. Both are medians. Calls: to Redis, statements to PostgreSQL; those
    of an idle worker in the same time are told apart.
    """

    requests: int
    hits: int
    us_warm: float
    us_cold: float
    calls: tuple[int, int]
    idle_calls: tuple[int, int]

    @property
    def calls_per_request(self) -> float:
        return sum(self.calls) / self.requests

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class HitWorker:
    """One API process as far as keys and quotas go, with a key that it knows."""

    keyring: KeyRing
    purses: Purses
    calls: Calls
    headers: list[tuple[bytes, bytes]]
    spent_ns: list[int] = field(default_factory=list)
    requests: int = 0

    def hit(self, points: int) -> bool:
        """Everything from the headers of a request to its settlement that is a matter of keys and quotas."""
        caller = self.keyring.cached(credential.read(by_name(self.headers), b""))
        taken = None if caller is None else self.purses.try_take(caller.account, caller.plan, points)
        if taken is None:
            return False
        taken.settle(points)
        return True

    async def request(self, points: int) -> None:
        self.requests += 1
        began = time.thread_time_ns()
        if self.hit(points):
            self.spent_ns.append(time.thread_time_ns() - began)
        else:
            caller = await self.keyring.authenticate(credential.read(by_name(self.headers), b""))
            (await self.purses.take(caller.account, caller.plan, points)).settle(points)


async def hit(database_url: str, folder: Path, scale: Scale) -> HitOutcome:
    choose = random.Random(scale.seed)
    async with hit_worker(database_url, folder) as worker:
        await worker.request(1)
        await asyncio.sleep(1.0)  # what a beginning costs is over
        worker.calls.take()
        await asyncio.sleep(scale.seconds)
        idle_calls = worker.calls.take()
        worker.requests, worker.spent_ns = 0, []
        began, wanted = time.monotonic(), int(scale.seconds * scale.paced_per_second)
        while worker.requests < wanted:
            due = min(wanted, (time.monotonic() - began) * scale.paced_per_second)
            while worker.requests < due:
                await worker.request(choose.randint(1, 3))
            await asyncio.sleep(1 / scale.paced_per_second)
        calls, requests, spent = worker.calls.take(), worker.requests, worker.spent_ns
        worker.spent_ns = []
        warm = statistics.median([await _back_to_back(worker) for _ in range(BATCHES)])
    cold = statistics.median(spent) - _clock_ns()
    return HitOutcome(requests, len(spent), warm / 1000, cold / 1000, calls, idle_calls)


async def _back_to_back(worker: HitWorker) -> float:
    """Nanoseconds of a hit, out of as many as the units of one call to the windows allow."""
    while True:
        await worker.request(1)  # when it is no hit, it brings units for a while
        hits, began = 0, time.thread_time_ns()
        while hits < BATCH and worker.hit(1):
            hits += 1
        spent = time.thread_time_ns() - began
        await asyncio.sleep(0.005)
        if hits == BATCH:
            return spent / BATCH


def _clock_ns() -> float:
    """What reading the clock twice takes."""
    found = []
    for _ in range(1_000):
        began = time.thread_time_ns()
        found.append(time.thread_time_ns() - began)
    return statistics.median(found)


@asynccontextmanager
async def hit_worker(database_url: str, folder: Path) -> AsyncIterator[HitWorker]:
    calls = Calls()
    connections = _counted(Connections(database_url, size=4), calls)
    settings = load_settings(state_dir=folder)
    with OwnRedis(folder) as server:
        redis = connect(server.url, timeout_seconds=5.0)
        assert isinstance(redis, Redis)  # one server, no cluster
        redis.connection_pool.connection_class = _counting(calls)
        pulse = Pulse(connections, "api")
        keyring = KeyRing(connections, pulse, load_secrets(settings).peppers)
        plans = Plans(connections, pulse)
        purses = Purses(connections, redis, pulse, plans)
        await set_plan(connections, _plan(), actor="chaos")
        keys = keys_of(settings, connections)
        made = await keys.register("A startup", "a@example.org", "Trying it")
        await Organisations(connections).approve(made.organisation.id, OPERATOR, PLAN)
        await plans.load()
        await pulse.start()
        await purses.start()
        yield HitWorker(keyring, purses, calls, [(b"authorization", f"Bearer {made.key.secret}".encode())])
        await purses.close()
        await pulse.stop()
        await connections.close()
        await redis.aclose()


def _plan() -> Plan:
    """As `approved`, with windows that 500 requests a second do not fill."""
    points = PolicyUnit.POINTS
    return Plan(
        PLAN,
        (
            Policy("burst", PolicyKind.WINDOW, 20_000, points, window_seconds=10),
            Policy("minute", PolicyKind.WINDOW, 120_000, points, window_seconds=60),
            Policy("month", PolicyKind.PERIOD, 20_000_000, points, period=Period.MONTH),
            Policy("concurrency", PolicyKind.CONCURRENCY, 32, PolicyUnit.REQUESTS),
        ),
    )


def _counted(connections: Connections, calls: Calls) -> Connections:
    def count(_: object) -> None:
        calls.database += 1

    make = connections.connect

    async def connect_and_count() -> Connection:
        connection = await make()
        connection.add_query_logger(count)
        return connection

    connections.connect = connect_and_count  # type: ignore[method-assign]
    return connections


def _counting(calls: Calls) -> type[UnixDomainSocketConnection]:
    class Counting(UnixDomainSocketConnection):
        async def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
            calls.redis += 1
            await super().send_packed_command(*args, **kwargs)

    return Counting
