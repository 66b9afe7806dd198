"""Who reads meanwhile, on every worker: nested pages and walks by cursor, each of which must be of one edition."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.journeys.load import Asked, Line, lines

NESTED = "{ air { groups(first: 20) { nodes { groupCode marks(first: 5) { nodes { code edition } } } } } }"
WALK = """query($after: String) { air { marks(first: 200, after: $after) {
            nodes { code edition group { groupCode } } pageInfo { hasNextPage endCursor } } } }"""
PAGES_MAX = 6  # of one walk


@dataclass(slots=True)
class Reading:
    """What the answers were: `mixed` are those that held two editions, `others` what came instead of data."""

    key: str
    answers: int = 0
    walks: int = 0
    mixed: int = 0
    others: Counter[str] = field(default_factory=Counter)
    editions: set[int] = field(default_factory=set)

    @property
    def failed(self) -> int:
        return sum(self.others.values())

    def other_than(self, *expected: str) -> int:
        return sum(count for what, count in self.others.items() if what not in expected)

    async def step(self, line: Line) -> None:
        """One nested page, and one walk of a few pages."""
        if (nested := await self._ask(line, NESTED)) is not None:
            groups = nested["groups"]["nodes"]
            self._one(row["edition"] for group in groups for row in group["marks"]["nodes"])
        seen: list[int] = []
        after = None
        for _ in range(PAGES_MAX):
            told = await self._ask(line, WALK, {"after": after})
            if told is None:
                break
            page = told["marks"]
            seen += [row["edition"] for row in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        self.walks += 1
        self._one(seen)

    def _one(self, editions: Any) -> None:
        found = set(editions)
        self.editions |= found
        self.mixed += len(found) > 1

    async def _ask(self, line: Line, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any] | None:
        try:
            asked: Asked = await line.ask(self.key, document, variables)
        except httpx2.TransportError as broken:
            self.others[type(broken).__name__] += 1
            return None
        if asked.status != 200 or "errors" in asked.body:
            errors = asked.body.get("errors") or [{}]
            code = errors[0].get("extensions", {}).get("code", "")
            self.others[f"{asked.status} {code}".strip()] += 1
            await asyncio.sleep(0.05)
            return None
        self.answers += 1
        data: dict[str, Any] = asked.body["data"]["air"]
        return data


@asynccontextmanager
async def read_on(
    url: str, key: str, *, workers: int, each: int = 1, pause_seconds: float = 0.05
) -> AsyncIterator[Reading]:
    """Until the end of the block, on `each` connections to each worker."""
    reading, stop = Reading(key), asyncio.Event()

    async def again(line: Line) -> None:
        while not stop.is_set():
            await reading.step(line)
            await asyncio.sleep(pause_seconds)

    async with lines(url, workers=workers, each=each) as found, asyncio.TaskGroup() as group:
        for line in found:
            group.create_task(again(line))
        try:
            yield reading
        finally:
            stop.set()
