"""The board of departures under steady requests, while a release lands and its key is rotated and the old one ended."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from examples.releasing.people import Operator

from tests.journeys.demo import Demo
from tests.ports import free_port

pytestmark = pytest.mark.prove

ROOT = Path(__file__).resolve().parents[2]
OLD_NAME, NEW_NAME = "United Air Lines Inc.", "United Airlines"
COMMON = [f"/{airport}?day=1391-12-12&hour={hour}" for airport in ("EWR", "LGA") for hour in (6, 9)]
WAIT_SECONDS = 120


@dataclass(slots=True)
class Startup:
    """Who runs the board: the key of now in a file, the secret of its webhook in another."""

    owner: httpx2.AsyncClient
    key_id: str
    key_file: Path
    secret_file: Path

    def put(self, file: Path, text: str) -> None:
        draft = file.with_suffix(".new")
        draft.write_text(text)
        draft.replace(file)

    async def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Again as long as it is told to wait."""
        while (answer := await self.owner.request(method, path, json=body)).status_code == 429:
            await asyncio.sleep(float(answer.headers["retry-after"]))
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told


@dataclass(slots=True)
class Visitors:
    """They look at a few pages again and again, and each now and then at one that nobody has looked at."""

    board: httpx2.AsyncClient
    seen: list[tuple[float, int, str]] = field(default_factory=list)  # sent at, status, page
    turn: Iterator[int] = field(default_factory=count)

    async def look(self) -> None:
        while True:
            turn = next(self.turn)
            path = f"/JFK?day=2013-04-{turn // 20 % 30 + 1:02}&hour=15" if turn % 20 == 0 else COMMON[turn % 4]
            sent_at = time.monotonic()
            answer = await self.board.get(path)
            self.seen.append((sent_at, answer.status_code, answer.text))
            await asyncio.sleep(0.1)

    def since(self, began: float) -> list[str]:
        return [page for sent_at, _, page in self.seen if sent_at > began]


@pytest.fixture
async def startup(running_demo: Demo, tmp_path: Path) -> AsyncIterator[Startup]:
    async with httpx2.AsyncClient(base_url=running_demo.url, timeout=30) as owner:
        one = Startup(owner, "", tmp_path / "key", tmp_path / "secret")
        body = {"name": "Board", "email": "board@example.org", "purpose": "A board of departures"}
        made = await one.ask("POST", "/api/v1/register", body)
        one.key_id = made["key"]["id"]
        one.put(one.key_file, made["key"]["secret"])
        one.put(one.secret_file, "")
        owner.headers["authorization"] = f"Bearer {made['ownerToken']}"
        yield one


@contextmanager
def served(running: Demo, startup: Startup, log: Path) -> Iterator[str]:
    """The board by uvicorn, as its README starts it; its address."""
    port = free_port()
    environment = os.environ | {
        "PGSB_URL": running.url,
        "PGSB_KEY_FILE": str(startup.key_file),
        "WEBHOOK_SECRET_FILE": str(startup.secret_file),
    }
    command = [*("-m", "uvicorn", "--factory", "examples.airport_board.app:from_environment"), "--port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, *command], env=environment, cwd=ROOT, stdout=out, stderr=out)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@asynccontextmanager
async def visited(url: str) -> AsyncIterator[Visitors]:
    async with httpx2.AsyncClient(base_url=url, timeout=60) as board, asyncio.TaskGroup() as group:
        visitors = Visitors(board)
        tasks = [group.create_task(visitors.look()) for _ in range(3)]
        yield visitors
        for task in tasks:
            task.cancel()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not holds():
            await asyncio.sleep(0.05)


@contextmanager
def renamed_airline(running: Demo, folder: Path) -> Iterator[Callable[[], dict[str, Any]]]:
    """What releases the airlines with another name of one; afterwards the release from before is current again."""
    operator = Operator({**os.environ, "GSB_STATE_DIR": str(running.state_dir)})
    file = folder / "airlines.csv"
    rows = (running.state_dir / "demo/csv/transport/airlines.csv").read_text("utf-8")
    assert OLD_NAME in rows
    file.write_text(rows.replace(OLD_NAME, NEW_NAME), "utf-8")
    try:
        yield lambda: operator.run("dataset", "release", "transport/airlines", str(file))
    finally:
        operator.run("dataset", "rollback", "transport/airlines", "--to", "1")


async def test_the_board_survives_a_release_and_a_rotation_without_one_failed_request(
    running_demo: Demo, startup: Startup, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    log = tmp_path / "board.log"
    with served(running_demo, startup, log) as url, renamed_airline(running_demo, tmp_path) as release:
        await until(lambda: "Application startup complete" in log.read_text())
        hook = await startup.ask("POST", "/api/v1/webhooks", {"url": f"{url}/hooks/gsb", "kinds": ["release.*"]})
        startup.put(startup.secret_file, hook["secret"])
        path = f"/api/v1/webhooks/{hook['webhook']['id']}"
        assert (await startup.ask("POST", f"{path}/test"))["webhook"]["state"] == "active"
        async with visited(url) as visitors:
            await until(lambda: sum(OLD_NAME in page for page in visitors.since(0)) > 60)
            assert (await asyncio.to_thread(release))["workersBehind"] == 0
            await until(lambda: "release.published: transport/airlines" in log.read_text())
            landed = time.monotonic()
            await until(lambda: sum(NEW_NAME in page for page in visitors.since(landed)) > 60)
            assert not any(OLD_NAME in page for page in visitors.since(landed))

            new = (await startup.ask("POST", f"/api/v1/keys/{startup.key_id}/rotate", {"overlapHours": 1}))["key"]
            await until(lambda: "was replaced and works until" in log.read_text())
            startup.put(startup.key_file, new["secret"])
            assert (await startup.ask("DELETE", f"/api/v1/keys/{startup.key_id}"))["effective"] == "everywhere"
            retired = time.monotonic()
            new_page = await visitors.board.get("/JFK?day=2013-06-01&hour=9")  # nobody has looked at it
            (points,) = re.findall(r"این صفحه (\d+) امتیاز", new_page.text)
            assert 3 <= int(points) <= 5, "as its README says"
            await until(lambda: len(visitors.since(retired)) > 100)
        assert {status for _, status, _ in visitors.seen} == {200}
        assert log.read_text().count("was replaced and works until") == 1
        await startup.owner.delete(path)
    record_property("requests", len(visitors.seen))
