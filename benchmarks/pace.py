"""A steady load: so many requests a second, whatever becomes of them, and every one that fails is counted.

Run as a process of its own: `python -m benchmarks.pace <requests per second> <bodies> <port> …` until its standard
input ends; the last line it writes is what it saw.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

_CONNECTIONS = 16
_UNDER_WAY_MAX = 500  # a machine that cannot keep the pace is asked less, and the figures say so
_PATIENCE_SECONDS = 10.0


@dataclass(slots=True)
class Seen:
    answered: int = 0
    failed: int = 0
    seconds: float = 0.0
    slowest_ms: float = 0.0
    failures: tuple[str, ...] = ()  # the first few


@contextmanager
def steady(per_second: int, bodies: Path, ports: Sequence[int], key: str) -> Iterator[Seen]:
    """The load runs during the block; what it saw is known after it."""
    command = [sys.executable, "-m", "benchmarks.pace", str(per_second), str(bodies), *map(str, ports)]
    variables = dict(os.environ) | {"BENCH_KEY": key}
    process = subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    seen = Seen()
    try:
        yield seen
        output, _ = process.communicate(timeout=6 * _PATIENCE_SECONDS)
        for name, value in json.loads(output.decode().strip().rpartition("\n")[2]).items():
            setattr(seen, name, value)
    finally:
        process.kill()


class _Line:
    """One connection that is kept; a new one after a failure."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._ask(request)
        except BaseException:
            self._streams = None
            raise

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
        )
        return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


async def _run(per_second: int, bodies: Sequence[bytes], ports: Sequence[int], key: str) -> Seen:
    free: asyncio.Queue[_Line] = asyncio.Queue()
    for number in range(_CONNECTIONS):
        free.put_nowait(_Line(ports[number % len(ports)]))
    stopped = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    seen, chance, under_way = Seen(), random.Random(1), set[asyncio.Task[None]]()
    failures: list[str] = []

    async def one(body: bytes) -> None:
        line = await free.get()
        began = time.perf_counter()
        try:
            status, answer = await line.ask(_request(body, key))
            is_well = status == 200 and b'"errors"' not in answer
            what = f"{status} {answer[:300]!r}"
        except (OSError, EOFError, TimeoutError) as error:
            is_well, what = False, repr(error)
        finally:
            free.put_nowait(line)
        seen.slowest_ms = max(seen.slowest_ms, (time.perf_counter() - began) * 1000)
        seen.answered += is_well
        if not is_well:
            seen.failed += 1
            failures.append(what)

    began = time.perf_counter()
    sent = 0
    while not stopped.done():
        due = int((time.perf_counter() - began) * per_second)
        for _ in range(min(due - sent, _UNDER_WAY_MAX - len(under_way))):
            task = asyncio.create_task(one(chance.choice(bodies)))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        sent = due
        await asyncio.sleep(0.002)
    seen.seconds = time.perf_counter() - began
    await asyncio.gather(*under_way)
    seen.failures = tuple(failures[:5])
    return seen


def _request(body: bytes, key: str) -> bytes:
    return (
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        + f"Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def main() -> None:
    per_second, file, *ports = sys.argv[1:]
    bodies = Path(file).read_bytes().splitlines()
    seen = asyncio.run(_run(int(per_second), bodies, [int(port) for port in ports], os.environ["BENCH_KEY"]))
    print(json.dumps(asdict(seen)), flush=True)


if __name__ == "__main__":
    main()
