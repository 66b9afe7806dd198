"""Keys that are watched on every worker of a real server, before and after something was taken away."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import Asked, Line, unlimited
from tests.processes import Server, served, settings_env

WORKERS = 2
TIMES = 5  # so often a worker must have said the same before it counts

Make: TypeAlias = Callable[[Connections, Path], Awaitable[None]]


@asynccontextmanager
async def serving(
    make: Make, settings: Settings, connections: Connections, state_dir: Path, workers: int = WORKERS, **env: str
) -> AsyncIterator[Server]:
    """A server of several workers over the world that `make` makes, without limits that a load would meet."""
    await make(connections, state_dir)
    await unlimited(connections)
    with served(settings_env(settings, **env), workers=workers) as server:
        yield server


class Watch:
    """Asks one question with one key without a pause, and keeps what came back."""

    def __init__(self, key: str, document: str) -> None:
        self._key = key
        self._document = document
        self.asked: list[Asked] = []

    async def step(self, line: Line) -> None:
        self.asked.append(await line.ask(self._key, self._document))

    def got(self, status: int, *, after: float = 0.0) -> int:
        """How many workers gave this status TIMES times at least to requests sent after a moment."""
        workers = [one.worker for one in self.asked if one.status == status and one.began > after]
        return sum(workers.count(worker) >= TIMES for worker in set(workers))

    def must_end_at(self, gone: float, status: int, reason: str) -> None:
        """Nothing was answered to a request sent after `gone`, and all of them were told why."""
        late = [one for one in self.asked if one.began > gone]
        assert {one.status for one in late} == {status}
        assert {one.body["errors"][0]["extensions"]["details"]["reason"] for one in late} == {reason}
        assert not any(one.body.get("data") for one in late)
        assert {one.status for one in self.asked} == {200, status}
