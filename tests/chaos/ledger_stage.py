"""Where the scenarios of the ledger play: a database, Redis, a folder, and workers that are started and killed."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from publicgsb.platform.kernel.database import Connections
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.plans import set_plan
from tests.chaos.ledger_worker import read_tally

PLAN = "chaos"
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 300.0


@dataclass(slots=True)
class Worker:
    number: int
    process: Process
    boot_id: str = ""

    async def line(self) -> str:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert line, f"worker {self.number} ended before its time"
        return line.decode().strip()

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    async def ended(self) -> int:
        if self.process.stdin is not None:
            self.process.stdin.close()
        return await self.process.wait()


@dataclass(slots=True)
class LedgerStage:
    database_url: str
    redis_url: str
    folder: Path
    connections: Connections
    seed: int
    workers: list[Worker] = field(default_factory=list)
    started: int = 0

    async def start(self, mode: str, **more: Any) -> Worker:
        """Ready when this returns; it begins at the first line it is told."""
        number = self.started
        self.started += 1
        asked = {
            "mode": mode, "database_url": self.database_url, "redis_url": self.redis_url, "folder": str(self.folder),
            "number": number, "seed": self.seed * 1000 + number, "plan": PLAN, "pause_seconds": 0.0, **more,
        }  # fmt: skip
        path = os.pathsep.join([str(ROOT), *(one for one in sys.path if one)])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chaos.ledger_worker", json.dumps(asked),
            stdin=PIPE, stdout=PIPE, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        worker = Worker(number, process)
        self.workers.append(worker)
        worker.boot_id = await worker.line()
        return worker

    def admitted(self, worker: Worker) -> int:
        return read_tally(self.folder / f"tally-{worker.number}")

    async def set_limit(self, limit: int) -> None:
        month = Policy("month", PolicyKind.PERIOD, limit, PolicyUnit.POINTS, period=Period.MONTH)
        await set_plan(self.connections, Plan(PLAN, (month,)), actor="chaos")

    async def number(self, sql: str, *arguments: object) -> int:
        async with self.connections.use() as connection:
            return int(await connection.fetchval(sql, *arguments) or 0)


@asynccontextmanager
async def stage(database_url: str, redis_url: str, folder: Path, seed: int) -> AsyncIterator[LedgerStage]:
    """Whatever is still running at the end is killed, by its own handle."""
    connections = Connections(database_url, size=4)
    made = LedgerStage(database_url, redis_url, folder, connections, seed)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield made
    finally:
        for worker in made.workers:
            if worker.process.returncode is None:
                worker.process.kill()
                await worker.process.wait()
        await connections.close()
