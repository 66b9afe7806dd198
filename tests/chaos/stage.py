"""Where scenarios play: a database, a folder for servers of their own, and worker processes that begin together."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.outcome import Outcome, judge
from tests.chaos.scale import Scale

PATIENCE_SECONDS = 60.0  # beyond the time that the load lasts
LINE_BYTES_MAX = 1 << 26
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Stage:
    """`folder` has a short path: unix sockets in it must fit into 107 bytes."""

    database_url: str
    folder: Path
    struck: list[tuple[int, int]] = field(default_factory=list)  # from when to when something was broken, in ms
    reports: list[dict[str, Any]] = field(default_factory=list)  # of the workers, as they told them

    async def play(
        self,
        scenario: str,
        scale: Scale,
        redis_url: str,
        fault: Callable[[], Awaitable[object]] | None = None,
        *,
        redis_timeout_ms: int = 250,
    ) -> Outcome:
        """Load by `scale` while `fault` runs, and the verdict over all admissions of all workers."""
        asked = {
            "database_url": self.database_url, "redis_url": redis_url, "redis_timeout_ms": redis_timeout_ms,
            "seconds": scale.seconds, "tasks": scale.tasks, "paced_per_second": scale.paced_per_second,
        }  # fmt: skip
        workers = [await _start(asked | {"seed": scale.seed * 1000 + number}) for number in range(scale.workers)]
        try:
            async with asyncio.timeout(scale.seconds + PATIENCE_SECONDS):
                await asyncio.gather(*(_line(worker) for worker in workers))
                for worker in workers:
                    assert worker.stdin is not None
                    worker.stdin.write(b"go\n")
                faults = asyncio.create_task(_run(fault)) if fault else None
                reports = await asyncio.gather(*(_line(worker) for worker in workers))
                if faults is not None:
                    await faults
                await asyncio.gather(*(worker.wait() for worker in workers))
        finally:
            for worker in workers:
                if worker.returncode is None:
                    worker.kill()
                    await worker.wait()
        self.reports.extend(json.loads(report) for report in reports)
        return judge(scenario, scale.seconds, self.reports, self.struck)


async def _run(fault: Callable[[], Awaitable[object]]) -> None:
    await fault()


async def _start(asked: dict[str, Any]) -> Process:
    path = os.pathsep.join([str(ROOT), *(one for one in sys.path if one)])
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.worker", json.dumps(asked),
        stdin=PIPE, stdout=PIPE, env={**os.environ, "PYTHONPATH": path}, limit=LINE_BYTES_MAX,
    )  # fmt: skip


async def _line(worker: Process) -> str:
    assert worker.stdout is not None
    line = await worker.stdout.readline()
    assert line, "a worker ended before its time"
    return line.decode()
