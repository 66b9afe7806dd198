"""What a limit by client address costs: ours beside slowapi on Redis and the moving window of limits, in turns."""

import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from redis.asyncio import Redis

from benchmarks.effort import Effort
from benchmarks.guarded import KINDS
from benchmarks.place import Place
from benchmarks.results import Result
from benchmarks.rounds import WrongAnswerError
from benchmarks.servers import free_port, running
from publicgsb.platform.server.demo.sources import Say
from publicgsb.platform.server.engines.binaries import valkey_program

LIMIT = "20000/day"  # never reached
STALL_SECONDS = 1.5
_EVERY_SECONDS = 0.02
_READY_SECONDS = 10.0
_ADDRESS = "198.51.100.7"
_NAMES = {
    "none": "no limit",
    "slowapi": "slowapi, its Redis storage",
    "moving": "limits, moving window (asyncio)",
    "ours": "ours",
}


@dataclass(slots=True)
class Found:
    """Of one kind: latencies of each round in µs, then the stalls and the store."""

    one_address: list[float] = field(default_factory=list)
    many_addresses: list[float] = field(default_factory=list)
    gap_ms: float = 0.0
    worst_ms: float = 0.0
    store_bytes: int = 0


@dataclass(slots=True)
class _Client:
    """One connection to one of the servers."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def get(self, path: str, address: str) -> bytes:
        self.writer.write(f"GET {path} HTTP/1.1\r\nhost: bench\r\nx-forwarded-for: {address}\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise WrongAnswerError(f"{path}: {head[:60]!r}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        return await self.reader.readexactly(int(length.partition(b":")[2]))


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    """Raises WrongAnswerError when a request was not answered by 200: no limit here is ever reached."""
    found = await find(Path(place.settings.state_dir), effort)
    for kind in KINDS:
        say(f"{_NAMES[kind]}: {found[kind]}")
    return Result(_values(found), section(found, effort))


async def find(folder: Path, effort: Effort) -> dict[str, Found]:
    """By the kind of limit. Raises WrongAnswerError as `measure` does."""
    found = {kind: Found() for kind in KINDS}
    rounds, requests = _rounds(effort), _requests(effort)
    with store_of(folder) as (store, redis_port):
        async with AsyncExitStack() as stack:
            ports = {}
            for number, kind in enumerate(KINDS):
                url = f"redis://127.0.0.1:{redis_port}/{number}"
                ports[kind] = stack.enter_context(guarded_by(kind, url, LIMIT))
            for _ in range(rounds):
                for kind in KINDS:
                    async with _client(ports[kind]) as client:
                        await _latency(client, 50, lambda _: _ADDRESS)
                        found[kind].one_address.append(await _latency(client, requests, lambda _: _ADDRESS))
            for number, kind in enumerate(KINDS):
                found[kind].store_bytes = await store_bytes(redis_port, number)
            for turn in range(rounds):
                for kind in KINDS:
                    async with _client(ports[kind]) as client:
                        found[kind].many_addresses.append(await _latency(client, requests, _another_each_time(turn)))
            for kind in KINDS:
                await _stall(store, ports[kind], found[kind])
    return found


def _rounds(effort: Effort) -> int:
    return effort.of(5, 1)


def _requests(effort: Effort) -> int:
    return effort.of(2_000, 100)


@contextmanager
def store_of(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A Valkey of the bench's own, because it is stopped for a while."""
    port = free_port()
    arguments = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--logfile", "/dev/null"]
    process = subprocess.Popen([str(valkey_program()), *arguments], cwd=folder)
    try:
        _wait_for(port, process)
        yield process, port
    finally:
        process.kill()
        process.wait()


@contextmanager
def guarded_by(kind: str, redis_url: str, limit: str, *wait_seconds: float) -> Iterator[int]:
    """The endpoint in a process of its own; gives its port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.guarded", kind, str(port), redis_url, limit, *map(str, wait_seconds)]
    with running(command, f"http://127.0.0.1:{port}/bench/stall", dict(os.environ)):
        yield port


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise SystemExit("The Valkey of the bench does not answer.")


@asynccontextmanager
async def _client(port: int) -> AsyncIterator[_Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield _Client(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


async def _latency(client: _Client, requests: int, address: Callable[[int], str]) -> float:
    """Median in µs, one request after the other."""
    took = []
    for number in range(requests):
        began = time.perf_counter()
        await client.get("/limited", address(number))
        took.append((time.perf_counter() - began) * 1e6)
    return statistics.median(took)


def _another_each_time(turn: int) -> Callable[[int], str]:
    return lambda number: f"10.{turn}.{number // 250}.{number % 250}"


async def store_bytes(redis_port: int, number: int) -> int:
    redis = Redis(host="127.0.0.1", port=redis_port, db=number)
    try:
        return sum([int(await redis.memory_usage(key, samples=0) or 0) for key in await redis.keys("*")])
    finally:
        await redis.aclose()


async def _stall(store: "subprocess.Popen[bytes]", port: int, found: Found) -> None:
    """The store stands still; a request comes every 20 ms, each from another address and on its own connection."""
    async with _client(port) as client:
        await client.get("/bench/stall", _ADDRESS)
        os.kill(store.pid, signal.SIGSTOP)
        try:
            asking = []
            for number in range(round(STALL_SECONDS / _EVERY_SECONDS)):
                asking.append(asyncio.create_task(_once(port, f"10.200.0.{number}")))
                await asyncio.sleep(_EVERY_SECONDS)
        finally:
            os.kill(store.pid, signal.SIGCONT)
        found.worst_ms = max(await asyncio.gather(*asking)) * 1000
        found.gap_ms = orjson.loads(await client.get("/bench/stall", _ADDRESS))["stall_ms"]


async def _once(port: int, address: str) -> float:
    began = time.perf_counter()
    async with _client(port) as client:
        await client.get("/limited", address)
    return time.perf_counter() - began


def added(found: dict[str, Found], kind: str) -> float:
    """µs that the limit adds to an answer: the median of the rounds, each against the bare endpoint of its round."""
    pairs = zip(found[kind].one_address, found["none"].one_address, strict=True)
    return statistics.median(limited - bare for limited, bare in pairs)


def added_by_new(found: dict[str, Found], kind: str) -> float:
    pairs = zip(found[kind].many_addresses, found["none"].many_addresses, strict=True)
    return statistics.median(limited - bare for limited, bare in pairs)


def _values(found: dict[str, Found]) -> dict[str, float]:
    return {
        "guard_added": added(found, "slowapi") / max(added(found, "ours"), 0.1),
        "guard_gap": found["ours"].gap_ms,
        "guard_worst": found["ours"].worst_ms,
        "guard_store": found["moving"].store_bytes / max(found["ours"].store_bytes, 1),
    }


def section(found: dict[str, Found], effort: Effort) -> str:
    requests = _rounds(effort) * (_requests(effort) + 50)
    rows = "\n".join(
        f"| {_NAMES[kind]} | {added(found, kind):,.0f} | {added_by_new(found, kind):,.0f} | {one.gap_ms:,.0f} "
        f"| {one.worst_ms:,.0f} | {one.store_bytes:,} |"
        for kind, one in found.items()
        if kind != "none"
    )
    bare = statistics.median(found["none"].one_address)
    return f"""## Limits by address

The same endpoint of Starlette in a process of its own, limited in three ways on the same Valkey and asked in turns,
one request after the other; without a limit it answers in {bare:,.0f} µs. Added latency is the median of the rounds.
Then the Valkey stands still for {STALL_SECONDS} s while a request from a new address comes every
{_EVERY_SECONDS * 1000:.0f} ms.

| limited by | µs added, one address | µs added, each another | loop gap, ms | slowest answer, ms | bytes stored |
|---|---|---|---|---|---|
{rows}

Bytes are those of one address after {requests:,} requests. slowapi waits in the event loop, so nobody is answered
while it does. The moving window keeps an entry for each request, and each waits for the store. Ours answers
from a lease, and waits 25 ms for the store at most; most of what it adds is slowapi's own work in Python.
"""
