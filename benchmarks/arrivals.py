"""Requests that arrive whatever the server does: a rate is kept whether answers come, come late or do not come.

Run as a process of its own: `python -m benchmarks.arrivals <port> <bodies> <phase> …`, one phase after the other
without a pause. `3000:5` is 3,000 requests a second at random moments for 5 s; `c32:5` is 32 connections for 5 s that
each ask again as soon as they are answered. A line of JSON for each phase says what became of every request.

One loop over epoll and sockets: the load takes CPU from what is measured, so it must take little.
"""

import json
import os
import random
import select
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

CONNECTIONS = 800  # all open before the first request; fewer than the 1,024 files that a process may often have
PATIENCE_SECONDS = 10.0
PAUSE_SECONDS = 0.002  # between two looks: waking for every answer costs the server that sends it as well
UNANSWERED = 0  # the status of a request without an answer


@dataclass(slots=True)
class Seen:
    """One phase. `due`, `took_ms` and `statuses` have an entry per request: seconds since its phase began, and so on.

    Time counts from the moment at which a request was due, so the generator's own delay is in it; `late_ms_p99` tells
    how much that was. A phase knows what became of its own requests, also of those answered after it.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    late_ms_p99: float = 0.0
    unsent: int = 0
    due: list[float] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


def arrive(port: int, bodies: Path, keys: Sequence[str], phases: Sequence[str]) -> list[Seen]:
    """Runs the phases in a process of its own; the keys come by the environment: they belong on no command line."""
    command = [sys.executable, "-m", "benchmarks.arrivals", str(port), str(bodies), *phases]
    variables = dict(os.environ) | {"BENCH_KEYS": ",".join(keys)}
    ran = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(f"the load failed: {ran.stderr.strip()}")
    return [Seen(**json.loads(line)) for line in ran.stdout.splitlines()]


class _Line:
    """One connection that is kept; `due` and `seen` are those of the request under way."""

    __slots__ = ("due", "got", "phase_began", "seen", "socket", "status", "wanted")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.seen: Seen | None = None
        self.due = self.phase_began = 0.0
        self.status = UNANSWERED
        self.got = 0
        self.wanted = 0


class Load:
    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self._port = port
        self._requests = requests
        self._chance = random.Random(1)
        self._epoll = select.epoll()
        self._lines: dict[int, _Line] = {}
        self._free: list[_Line] = []
        self._waiting: deque[tuple[Seen, float, float]] = deque()  # with when it was due, and when its phase began
        self._busy = 0
        self._began = 0.0
        self._late: list[float] = []
        for _ in range(CONNECTIONS):
            self._free.append(self._open())

    def run(self, phases: Sequence[str]) -> list[Seen]:
        found = []
        for phase in phases:
            rate, _, seconds = phase.partition(":")
            seen, cpu = Seen(), time.process_time()
            self._began, self._late = time.perf_counter(), []
            if rate.startswith("c"):
                self._closed(seen, int(rate[1:]), float(seconds))
            else:
                self._open_loop(seen, float(rate), float(seconds))
            seen.seconds = time.perf_counter() - self._began
            seen.cpu_seconds = time.process_time() - cpu
            seen.late_ms_p99 = sorted(self._late)[len(self._late) * 99 // 100] if self._late else 0.0
            found.append(seen)
        self._drain()
        return found

    def _closed(self, seen: Seen, clients: int, seconds: float) -> None:
        until = self._began + seconds
        while (now := time.perf_counter()) < until:
            for _ in range(clients - self._busy):
                self._send(seen, now)
            self._take(max(until - now, 0.001))

    def _open_loop(self, seen: Seen, rate: float, seconds: float) -> None:
        until = self._began + seconds
        due = self._began + self._chance.expovariate(rate)
        while True:
            now = time.perf_counter()
            while due <= now and due < until:
                self._late.append((now - due) * 1000)
                self._send(seen, due)
                due += self._chance.expovariate(rate)
            if due >= until and now >= until:
                return
            time.sleep(PAUSE_SECONDS)
            self._take(0.0)

    def _send(self, seen: Seen, due: float) -> None:
        """Or as soon as some connection is free: the request is late then, and its time counts from when it was due."""
        if not self._free:
            self._waiting.append((seen, due, self._began))
            return
        self._write(self._free.pop(), seen, due, self._began)

    def _write(self, line: _Line, seen: Seen, due: float, phase_began: float) -> None:
        line.seen, line.due, line.phase_began, line.got = seen, due, phase_began, 0
        self._busy += 1
        try:
            line.socket.send(self._chance.choice(self._requests))
        except OSError:
            self._end(line, UNANSWERED)

    def _take(self, seconds: float) -> None:
        """Waits for answers for so long at most."""
        for number, _ in self._epoll.poll(seconds, 512):
            line = self._lines[number]
            try:
                data = line.socket.recv(262_144)
            except OSError:
                data = b""
            if not data:
                self._end(line, UNANSWERED)
            elif line.seen is not None:
                self._read(line, data)

    def _read(self, line: _Line, data: bytes) -> None:
        if not line.got:
            head = data.index(b"\r\n\r\n") + 4
            at = data.index(b"content-length: ") + 16
            line.wanted = head + int(data[at : data.index(b"\r", at)])
            line.status = int(data[9:12])
        line.got += len(data)
        if line.got >= line.wanted:
            self._end(line, line.status)

    def _end(self, line: _Line, status: int) -> None:
        if (seen := line.seen) is not None:
            seen.due.append(round(line.due - line.phase_began, 4))
            seen.took_ms.append(round((time.perf_counter() - line.due) * 1000, 3))
            seen.statuses.append(status)
            line.seen = None
            self._busy -= 1
        if status == UNANSWERED:
            self._drop(line)
            line = self._open()
        if self._waiting:
            self._write(line, *self._waiting.popleft())
        else:
            self._free.append(line)

    def _drop(self, line: _Line) -> None:
        del self._lines[line.socket.fileno()]
        if line in self._free:
            self._free.remove(line)
        line.socket.close()

    def _drain(self) -> None:
        until = time.perf_counter() + PATIENCE_SECONDS
        while self._busy and time.perf_counter() < until:
            self._take(0.1)
        for seen, _, _ in self._waiting:
            seen.unsent += 1
        self._waiting.clear()
        for line in [line for line in self._lines.values() if line.seen is not None]:
            self._end(line, UNANSWERED)

    def _open(self) -> _Line:
        line = _Line(self._port)
        self._lines[line.socket.fileno()] = line
        self._epoll.register(line.socket.fileno(), select.EPOLLIN)
        return line


def request(body: bytes, key: str) -> bytes:
    return (
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        + f"Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def main() -> None:
    port, file, *phases = sys.argv[1:]
    keys = os.environ["BENCH_KEYS"].split(",")
    bodies = Path(file).read_bytes().splitlines()
    requests = [request(body, keys[number % len(keys)]) for number, body in enumerate(bodies)]
    for seen in Load(int(port), requests).run(phases):
        print(json.dumps(asdict(seen)), flush=True)


if __name__ == "__main__":
    main()
