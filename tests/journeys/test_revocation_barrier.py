"""Thousands of revocations under load on eight workers: nothing is served to a request sent after one returned.

REVOCATIONS=10000 for the whole number; the short form runs with `make prove`.
"""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from statistics import quantiles

import httpx2
import pytest

from publicgsb.apikeys.model import Registered
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import Line, kept_up, keys_of, lines
from tests.journeys.watch import serving
from tests.processes import Server
from tests.schema.worlds import found

WORKERS, AT_ONCE = 8, 8
REVOCATIONS = int(os.environ.get("REVOCATIONS", "1000"))
LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city } } }'


@pytest.fixture
async def server(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Server]:
    few = {"reader_connections": "2", "control_connections": "2"}
    async with serving(found, settings, connections, state_dir, WORKERS, **few) as server:
        yield server


class Watched:
    """One key from its first use to its last refusal, on every worker."""

    def __init__(self, registered: Registered) -> None:
        self.key = registered.key.key
        self.secret = registered.key.secret
        self.owner_token = registered.owner_token.text
        self.gone = float("inf")
        self.served: set[str] = set()
        self.refused: set[str] = set()
        self.late = 0
        self.changed = asyncio.Event()

    def saw(self, worker: str, began: float, status: int) -> None:
        assert status in (200, 401), status
        if began > self.gone:
            self.late += status == 200
            self.refused.add(worker)
        elif status == 200:
            self.served.add(worker)
        self.changed.set()

    async def until_on_every_worker(self, seen: set[str]) -> None:
        async with asyncio.timeout(60):
            while len(seen) < WORKERS:
                self.changed.clear()
                await self.changed.wait()


class Load:
    """Asks each worker with every key that is watched, in turn."""

    def __init__(self) -> None:
        self.watched: list[Watched] = []
        self.requests = 0
        self._turns: dict[str, count[int]] = defaultdict(count)

    async def step(self, line: Line) -> None:
        watched = self.watched
        if not watched:
            await asyncio.sleep(0.001)
            return
        one = watched[next(self._turns[line.worker]) % len(watched)]
        asked = await line.ask(one.secret, LOOK_UP)
        self.requests += 1
        one.saw(asked.worker, asked.began, asked.status)


@pytest.mark.prove
async def test_nothing_is_served_to_a_request_sent_after_its_revocation_returned(
    server: Server, settings: Settings, connections: Connections, record_property: Callable[[str, object], None]
) -> None:
    keys, load, took = keys_of(settings, connections), Load(), list[float]()
    left = count()
    async with (
        httpx2.AsyncClient(base_url=server.url, timeout=30) as owners,
        lines(server.url, workers=WORKERS, each=1) as to_all,
        kept_up(to_all, load.step),
        asyncio.TaskGroup() as group,
    ):
        for _ in range(AT_ONCE):
            group.create_task(_revoke_on(keys, owners, load, left, took))
    cuts = quantiles(took, n=100)
    figures = {
        "revocations": len(took),
        "requests": load.requests,
        "barrier_p50_ms": round(cuts[49] * 1000, 1),
        "barrier_p99_ms": round(cuts[98] * 1000, 1),
    }
    for name, figure in figures.items():
        record_property(name, figure)
    assert len(took) == REVOCATIONS


async def _revoke_on(
    keys: ApiKeys, owners: httpx2.AsyncClient, load: Load, left: "count[int]", took: list[float]
) -> None:
    while next(left) < REVOCATIONS:
        watched = Watched(await keys.register("A startup", "a@example.org", "Trying it"))
        load.watched = [*load.watched, watched]
        await watched.until_on_every_worker(watched.served)
        began = time.monotonic()
        revoked = await owners.request(
            "DELETE",
            f"/api/v1/keys/{watched.key.id}",
            json={"reason": "lost"},
            headers={"authorization": f"Bearer {watched.owner_token}"},
        )
        watched.gone = time.monotonic()
        took.append(watched.gone - began)
        assert revoked.status_code == 200, revoked.text  # 202: not everywhere
        await watched.until_on_every_worker(watched.refused)
        assert watched.late == 0
        load.watched = [one for one in load.watched if one is not watched]
