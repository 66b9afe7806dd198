"""Callers who ask a served process without a pause while something breaks, and what came back."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city country { name } } } }'
CALLERS = 6
RECOVERY_SECONDS = 60


@dataclass(slots=True)
class Asking:
    """What came back so far, from all callers; `told` has each answer's moment (seconds since 1970) and status."""

    statuses: Counter[int] = field(default_factory=Counter)
    told: list[tuple[float, int]] = field(default_factory=list)
    points: int = 0
    answered_since: int = 0
    refused_since: int = 0

    def mark(self) -> None:
        self.answered_since = self.refused_since = 0

    async def once(self, http: httpx2.AsyncClient, key: str) -> None:
        """Whatever is no answer with data must be a refusal that says that it passes."""
        answer = await http.post("/graphql", json={"query": LOOK_UP}, headers={"authorization": f"Bearer {key}"})
        self.statuses[answer.status_code] += 1
        self.told.append((time.time(), answer.status_code))
        body = answer.json()
        if answer.status_code == 200:
            assert body["data"]["air"]["airport"]["city"] == "تهران"
            self.points += body["extensions"]["cost"]["actual"]
            self.answered_since += 1
        else:
            assert body["errors"][0]["extensions"]["code"] in ("UNAVAILABLE", "TIMEOUT"), body
            assert int(answer.headers["retry-after"]) >= 1
            self.refused_since += 1
            await asyncio.sleep(0.02)


async def until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(RECOVERY_SECONDS):
        while not claim():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def under_load(
    url: str, key: str, *, callers: int = CALLERS, pause_seconds: float = 0.0
) -> AsyncIterator[Asking]:
    asking, stop = Asking(), asyncio.Event()

    async def again(http: httpx2.AsyncClient) -> None:
        while not stop.is_set():
            await asking.once(http, key)
            await asyncio.sleep(pause_seconds)

    async with httpx2.AsyncClient(base_url=url, timeout=30) as http, asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(again(http))
        try:
            await until(lambda: asking.answered_since > 20)
            yield asking
        finally:
            stop.set()
