"""The guard of key-less endpoints: one limit over all workers, per address, which nothing switches off or stalls."""

import asyncio
import itertools
import os
import signal
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from tests.waiting_loop import WaitingLoop

from publicgsb.platform.kernel.errors import RateLimited
from publicgsb.platform.kernel.ids import BootId
from publicgsb.platform.server.engines.binaries import valkey_program
from publicgsb.quotas.edge.counts import SharedCounts
from publicgsb.quotas.edge.leases import WAIT_SECONDS, Leases
from publicgsb.quotas.guard import Guard, client_ip
from publicgsb.quotas.redis_client import connect

SECRET = b"a secret of the tests"
STALL_SECONDS = 1.5
DELAY_SECONDS_MAX = 0.05
BLOCKED_SECONDS = 30.0  # after which a store that somebody waits for in the loop goes on, and the test fails
TICK_SECONDS = 0.001

Record: TypeAlias = Callable[[str, object], None]


class Worker:
    """One process as far as its guard goes, asked over ASGI."""

    def __init__(self, leases: Leases, limit: str) -> None:
        self.leases = leases
        self.guard = Guard(leases, secret=SECRET, trusted_proxies=1)
        routes = [self._route("first", limit), self._route("second", limit)]
        app = Starlette(routes=routes, exception_handlers={RateLimited: _answer})
        transport = httpx2.ASGITransport(app, client=("10.0.0.1", 1))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://gsb")

    async def get(self, path: str = "/first", address: str = "203.0.113.9") -> httpx2.Response:
        return await self.http.get(path, headers={"x-forwarded-for": address})

    async def statuses(self, times: int, path: str = "/first", address: str = "203.0.113.9") -> list[int]:
        return [(await self.get(path, address)).status_code for _ in range(times)]

    def _route(self, text: str, limit: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return PlainTextResponse(text)

        endpoint.__qualname__ = text
        return Route(f"/{text}", self.guard.limit(limit)(endpoint))


async def _answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, RateLimited)
    return PlainTextResponse(error.code, error.http_status, headers={"retry-after": str(error.retry_after_seconds)})


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Worker]]:
    """Each call makes one more worker on the store at a URL."""
    async with AsyncExitStack() as stack:

        def begin(url: str, limit: str = "3/minute", *, wait_seconds: float = 5.0, workers: int = 1) -> Worker:
            redis = connect(url, timeout_seconds=5.0)
            stack.push_async_callback(redis.aclose)
            leases = Leases(SharedCounts(redis, BootId(uuid4())), workers=workers, wait_seconds=wait_seconds)
            worker = Worker(leases, limit)
            stack.push_async_callback(leases.close)
            stack.push_async_callback(worker.http.aclose)
            return worker

        yield begin


@pytest.fixture
def valkey(state_dir: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A Valkey of the test's own, at `own.sock` in the state folder, that it may stop."""
    arguments = ["--port", "0", "--unixsocket", str(state_dir / "own.sock"), "--save", "", "--logfile", "/dev/null"]
    process = subprocess.Popen([str(valkey_program()), *arguments], cwd=state_dir)
    deadline = time.monotonic() + 60
    while not (state_dir / "own.sock").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield process
    process.kill()
    process.wait()


def _request(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1) if peer else None})


async def test_the_fourth_request_of_an_address_is_refused_with_the_time_to_wait(
    start: Callable[..., Worker], redis_url: str
) -> None:
    worker = start(redis_url)
    answers = [await worker.get() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].text == "RATE_LIMITED"
    assert 50 < int(answers[3].headers["retry-after"]) <= 60
    assert (await worker.get(address="203.0.113.10")).status_code == 200


async def test_a_limit_is_one_limit_over_all_workers(start: Callable[..., Worker], redis_url: str) -> None:
    workers = [start(redis_url, "10/hour", workers=4) for _ in range(4)]
    answers = await asyncio.gather(*(workers[number % 4].get() for number in range(60)))
    assert [answer.status_code for answer in answers].count(200) == 10
    assert sum(worker.leases.alone for worker in workers) == 0


async def test_asked_again_after_the_time_to_wait_it_answers(start: Callable[..., Worker], redis_url: str) -> None:
    worker = start(redis_url, "2/second")
    answers = [await worker.get() for _ in range(3)]
    while answers[-1].status_code == 200:
        answers.append(await worker.get())
    await asyncio.sleep(int(answers[-1].headers["retry-after"]))
    assert (await worker.get()).status_code == 200


async def test_each_endpoint_has_a_count_of_its_own(start: Callable[..., Worker], redis_url: str) -> None:
    worker = start(redis_url)
    assert await worker.statuses(4, "/first") == [200, 200, 200, 429]
    assert await worker.statuses(1, "/second") == [200]


async def test_what_a_client_writes_itself_gives_it_no_further_count(
    start: Callable[..., Worker], redis_url: str
) -> None:
    worker = start(redis_url)
    spoofed = [f"198.51.100.{number}, 203.0.113.9" for number in range(4)]
    assert [(await worker.get(address=one)).status_code for one in spoofed] == [200, 200, 200, 429]


async def test_the_addresses_of_one_customer_share_a_count(start: Callable[..., Worker], redis_url: str) -> None:
    worker = start(redis_url)
    addresses = [f"2001:db8:1:2::{number:x}" for number in range(1, 5)]
    assert [(await worker.get(address=one)).status_code for one in addresses] == [200, 200, 200, 429]
    assert (await worker.get(address="2001:db8:1:3::1")).status_code == 200


async def test_the_store_holds_no_address(start: Callable[..., Worker], redis_url: str) -> None:
    await start(redis_url).get()
    redis = connect(redis_url, timeout_seconds=5.0)
    keys = [key for key in await redis.keys("*") if isinstance(key, bytes)]
    await redis.aclose()
    assert len(keys) == 1
    assert b"203.0.113.9" not in keys[0]


async def test_neither_the_environment_nor_a_file_switches_it_off(
    start: Callable[..., Worker], redis_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RATELIMIT_ENABLED", "false")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("RATELIMIT_ENABLED=false\nRATELIMIT_STORAGE_URL=redis://localhost\n")
    assert await start(redis_url).statuses(4) == [200, 200, 200, 429]


async def test_a_stalled_store_switches_it_neither_off_nor_shut(
    start: Callable[..., Worker], valkey: "subprocess.Popen[bytes]", state_dir: Path
) -> None:
    worker = start(f"unix://{state_dir / 'own.sock'}", workers=1, wait_seconds=WAIT_SECONDS)
    os.kill(valkey.pid, signal.SIGSTOP)
    try:
        assert await worker.statuses(4) == [200, 200, 200, 429]
        assert worker.leases.alone == 4
    finally:
        os.kill(valkey.pid, signal.SIGCONT)


def test_no_answer_waits_for_more_than_fifty_milliseconds_while_the_store_stalls(
    valkey: "subprocess.Popen[bytes]", state_dir: Path
) -> None:
    """Not one of them, by a clock that runs while the loop waits, and not while the machine is busy elsewhere.

    A call that waits in the loop itself would last until the store goes on, which it then would not by itself.
    """
    gives_up = threading.Timer(BLOCKED_SECONDS, os.kill, (valkey.pid, signal.SIGCONT))
    with asyncio.Runner(loop_factory=WaitingLoop) as runner:
        gives_up.start()
        answers, alone = runner.run(_asked_through_a_stall(f"unix://{state_dir / 'own.sock'}", valkey.pid))
        assert gives_up.is_alive(), "a call stood in the loop for as long as the store stood still"
        gives_up.cancel()
    assert len(answers) > 100
    assert alone > 0
    assert max(ended - began for began, ended in answers) <= DELAY_SECONDS_MAX


async def _asked_through_a_stall(url: str, pid: int) -> tuple[list[tuple[float, float]], int]:
    """The answers by the loop's own clock, and how many were decided without the store."""
    redis, clock = connect(url, timeout_seconds=5.0), asyncio.get_running_loop().time
    leases = Leases(SharedCounts(redis, BootId(uuid4())), wait_seconds=WAIT_SECONDS, clock=clock)
    worker = Worker(leases, "1000/minute")
    try:
        await worker.get()
        return await _stalled(worker, pid, clock), leases.alone
    finally:
        await leases.close()
        await worker.http.aclose()
        await redis.aclose()


@pytest.mark.prove
async def test_nor_is_any_answer_later_by_the_clock_on_the_wall_but_for_what_others_took_of_the_machine(
    start: Callable[..., Worker], valkey: "subprocess.Popen[bytes]", state_dir: Path, record_property: Record
) -> None:
    """Beside the requests something ticks that waits for nobody: when it is late, the loop was not let run at all."""
    worker = start(f"unix://{state_dir / 'own.sock'}", "1000/minute", wait_seconds=WAIT_SECONDS)
    await worker.get()
    ticks: list[float] = []
    ticking = asyncio.create_task(_tick(ticks))
    answers = await _stalled(worker, valkey.pid, time.monotonic)
    ticking.cancel()
    took = [ended - began for began, ended in answers]
    record_property("slowest_ms", round(1000 * max(took), 1))
    own = [ended - began - _lost(ticks, began, ended) for began, ended in answers]
    assert worker.leases.alone > 0
    assert max(own) <= DELAY_SECONDS_MAX, max(took)


async def _stalled(worker: Worker, pid: int, clock: Callable[[], float]) -> list[tuple[float, float]]:
    """When each answer began and ended while the store stands still, each to an address that holds no lease."""
    answers: list[tuple[float, float]] = []
    os.kill(pid, signal.SIGSTOP)
    try:
        ends = clock() + STALL_SECONDS
        while (began := clock()) < ends:
            number = len(answers)
            assert (await worker.get(address=f"10.0.{number // 250}.{number % 250}")).status_code == 200
            answers.append((began, clock()))
            await asyncio.sleep(0.002)
    finally:
        os.kill(pid, signal.SIGCONT)
    return answers


async def _tick(ticks: list[float]) -> None:
    while True:
        ticks.append(time.monotonic())
        await asyncio.sleep(TICK_SECONDS)


def _lost(ticks: Sequence[float], began: float, ended: float) -> float:
    """Seconds between the two for which the loop did not come round, though it was to within TICK_SECONDS."""
    gaps = itertools.pairwise(ticks)
    overlaps = (min(ended, until) - max(began, since) for since, until in gaps if until - since > 5 * TICK_SECONDS)
    return sum(overlap for overlap in overlaps if overlap > 0)


async def test_an_endpoint_is_limited_once(start: Callable[..., Worker], redis_url: str) -> None:
    guard = start(redis_url).guard

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("")

    guard.limit("1/hour")(endpoint)
    with pytest.raises(ValueError, match="limited already"):
        guard.limit("1/hour")(endpoint)


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "client"),
    [
        ("198.51.100.1", (), 0, "198.51.100.1"),
        ("198.51.100.1", ("6.6.6.6",), 0, "198.51.100.1"),  # nobody is trusted: what a client claims is not read
        ("10.0.0.1", ("6.6.6.6, 203.0.113.9",), 1, "203.0.113.9"),  # only what our proxy appended counts
        ("10.0.0.1", ("6.6.6.6, 203.0.113.9", "10.0.0.2"), 2, "203.0.113.9"),
        ("198.51.100.1", ("203.0.113.9",), 2, "198.51.100.1"),  # it came around a proxy
        ("2001:db8:1:2:3:4:5:6", (), 0, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", (), 0, "203.0.113.9"),
        ("10.0.0.1", ("garbage",), 1, "unknown"),
        (None, (), 0, "unknown"),
    ],
)
def test_the_client_is_what_the_outermost_trusted_proxy_saw(
    peer: str | None, forwarded: tuple[str, ...], proxies: int, client: str
) -> None:
    assert client_ip(_request(peer, *forwarded), proxies) == client
