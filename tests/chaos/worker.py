"""One worker process under load. Says "ready", begins at the line "go", and prints a Report as JSON at its end.

Argument: JSON with database_url, redis_url, redis_timeout_ms, seconds, tasks, paced_per_second, seed.
"""

import asyncio
import json
import random
import sys
import time
from typing import Any

import uvloop

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, RateLimited
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.quotas.epochs.words import MARK
from publicgsb.quotas.plans import Plans
from publicgsb.quotas.purse import Purses
from publicgsb.quotas.redis_client import connect
from tests.chaos.plans import HAMMERED, PACED, plans

TICK_SECONDS = 0.005
WARM_UP_SECONDS = 1.0  # times are told from then on: the first requests of a process open its connections


class Load:
    """What is asked of the purses, and what came of it. Moments are milliseconds of the store's clock."""

    def __init__(self, purses: Purses, asked: dict[str, Any]) -> None:
        self._purses = purses
        self._asked = asked
        self._choose = random.Random(asked["seed"])
        self._warm_at = time.monotonic() + WARM_UP_SECONDS
        self._until = time.monotonic() + asked["seconds"]
        self.hammered: list[tuple[int, int]] = []
        self.paced: list[tuple[int, int]] = []
        self.hammered_failed = 0
        self.failures: dict[str, int] = {}  # of the paced account
        self.refused: list[tuple[int, int]] = []  # of it too: the moment, and the status that a caller would see
        self.longest_hold = 0.0
        self.loop_gap = 0.0

    async def run(self) -> None:
        hammers = [self._hammer() for _ in range(self._asked["tasks"])]
        await asyncio.gather(*hammers, self._pace(), self._watch_loop())

    async def _hammer(self) -> None:
        while time.monotonic() < self._until:
            points = self._choose.choice((1, 1, 2, 3, 5))
            try:
                taken = self._purses.try_take(HAMMERED, "hammered", points) or await self._purses.take(
                    HAMMERED, "hammered", points
                )
            except RateLimited:
                await asyncio.sleep(self._choose.uniform(0.02, 0.12))
            except GsbError:
                self.hammered_failed += 1
                await asyncio.sleep(0.02)
            else:
                self.hammered.append((taken.granted_ms % MARK, points))
                taken.settle(points)

    async def _pace(self) -> None:
        rate = self._asked["paced_per_second"]
        if not rate:
            return
        requests: set[asyncio.Task[None]] = set()
        began, sent = time.monotonic(), 0
        while time.monotonic() < self._until:
            await asyncio.sleep(1 / rate)
            while sent < (time.monotonic() - began) * rate:
                sent += 1
                requests.add(asyncio.create_task(self._paced_request()))
        await asyncio.gather(*requests)

    async def _paced_request(self) -> None:
        points = self._choose.randint(1, 3)
        began = time.monotonic()
        try:
            taken = self._purses.try_take(PACED, "paced", points) or await self._purses.take(PACED, "paced", points)
        except GsbError as failed:
            name = f"{type(failed).__name__}: {failed.message[:60]}"
            self.failures[name] = self.failures.get(name, 0) + 1
            self.refused.append((round(time.time() * 1000), failed.http_status))
        else:
            self.paced.append((round(time.time() * 1000), points))  # the moment of use, not of the grant
            await asyncio.sleep(0.002)
            taken.settle(points)
        if began >= self._warm_at:
            self.longest_hold = max(self.longest_hold, time.monotonic() - began)

    async def _watch_loop(self) -> None:
        while (before := time.monotonic()) < self._until:
            await asyncio.sleep(TICK_SECONDS)
            if before >= self._warm_at:
                self.loop_gap = max(self.loop_gap, time.monotonic() - before - TICK_SECONDS)


async def main() -> None:
    asked = json.loads(sys.argv[1])
    connections = Connections(asked["database_url"], size=6)
    redis = connect(asked["redis_url"], timeout_seconds=asked["redis_timeout_ms"] / 1000)
    pulse = Pulse(connections, "chaos")
    stored = Plans(connections, pulse)
    stored._plans = plans()
    purses = Purses(connections, redis, pulse, stored)
    await pulse.start()
    await purses.start()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    load = Load(purses, asked)
    await load.run()
    await purses.close()
    await pulse.stop()
    await connections.close()
    await redis.aclose()
    report = {
        "hammered": load.hammered,
        "paced": load.paced,
        "hammered_failed": load.hammered_failed,
        "failures": load.failures,
        "refused": load.refused,
        "longest_hold": load.longest_hold,
        "loop_gap": load.loop_gap,
        "epochs_begun": purses._windows.epochs.begun,
    }
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
