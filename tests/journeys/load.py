"""Steady load on every worker of a running server, with a note of when each request was sent and what it got."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2

from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas import store
from publicgsb.quotas.model import Policy, PolicyKind
from publicgsb.quotas.plans import set_plan

CONNECTIONS_MAX = 400  # the kernel decides which worker gets a connection
WAIT_SECONDS = 60.0
LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city } } }'


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `began` and `ended` by the monotonic clock."""

    worker: str
    began: float
    ended: float
    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One kept-open connection, which always leads to the same worker."""

    worker: str
    http: httpx2.AsyncClient

    async def ask(self, key: str, document: str, variables: dict[str, Any] | None = None) -> Asked:
        began = time.monotonic()
        answer = await self.http.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"authorization": f"Bearer {key}"},
        )
        return Asked(self.worker, began, time.monotonic(), answer.status_code, answer.json())


@asynccontextmanager
async def lines(url: str, *, workers: int, each: int) -> AsyncIterator[list[Line]]:
    """`each` connections to each of `workers` workers."""
    async with AsyncExitStack() as stack:
        found: dict[str, list[Line]] = {}
        for _ in range(CONNECTIONS_MAX):
            limits = httpx2.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
            http = await stack.enter_async_context(httpx2.AsyncClient(base_url=url, limits=limits, timeout=30))
            named = re.search(r'worker="(\w+)"', (await http.get("/metrics")).text)
            assert named
            found.setdefault(named[1], []).append(Line(named[1], http))
            if len(found) == workers and all(len(of_one) >= each for of_one in found.values()):
                break
        else:
            raise AssertionError(f"{len(found)} of {workers} workers were reached")
        yield [line for of_one in found.values() for line in of_one[:each]]


@asynccontextmanager
async def kept_up(lines: list[Line], step: Callable[[Line], Awaitable[None]]) -> AsyncIterator[None]:
    """`step` again and again on each line until the end of the block; its failure is the test's."""
    stop = asyncio.Event()

    async def again(line: Line) -> None:
        while not stop.is_set():
            await step(line)

    async with asyncio.TaskGroup() as group:
        for line in lines:
            group.create_task(again(line))
        try:
            yield
        finally:
            stop.set()


async def until(claim: Callable[[], bool]) -> None:
    """Wait until the claim holds, while others work."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not claim():
            await asyncio.sleep(0.005)


def keys_of(settings: Settings, connections: Connections) -> ApiKeys:
    """Keys made as the server makes them, without its limit on registrations."""
    secrets = load_secrets(settings)
    return ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.pepper)


async def unlimited(connections: Connections, plan_name: str = "open") -> None:
    """So much of everything that load is never refused for its amount."""
    await limited(connections, lambda _: 1_000_000_000, plan_name)


async def limited(connections: Connections, rule: Callable[[Policy], int], plan_name: str = "open") -> None:
    """Each policy of the plan gets the limit that the rule gives it."""
    async with connections.use() as connection:
        plan = next(one for one in await store.plans_all(connection) if one.name == plan_name)
    policies = tuple(replace(policy, limit=rule(policy)) for policy in plan.policies)
    await set_plan(connections, replace(plan, policies=policies), actor="tests")


async def slots(connections: Connections, limit: int) -> None:
    """So many requests of an account at once."""
    await limited(connections, lambda one: limit if one.kind is PolicyKind.CONCURRENCY else one.limit)
