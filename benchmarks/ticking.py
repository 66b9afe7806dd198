"""Our server with a clock in its event loop: how long a request that comes at the wrong moment waits for its turn.

`gsb serve`'s own application in one process; /bench/stall beside it tells the longest gap of a 1 ms ticker since it
was last asked, and /bench/collect makes a full garbage collection happen. A gap is told twice: by the clock, which on a
busy machine also counts waiting for a core, and by the processor time that the process used in it, which does not.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from publicgsb.platform.server.app import create as create_app
from publicgsb.platform.server.cli.serving import serve_http
from publicgsb.platform.server.settings import load_settings

Message: TypeAlias = MutableMapping[str, Any]
_TICK_SECONDS = 0.001


class Ticking:
    def __init__(self, app: Any) -> None:
        self._app = app
        self._last = 0.0
        self._longest = 0.0
        self._last_cpu = 0.0
        self._longest_cpu = 0.0

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/bench/"):
            await self._app(scope, receive, send)
            return
        if scope["path"] == "/bench/collect":
            gc.collect()
            await asyncio.sleep(2 * _TICK_SECONDS)
        stall, cpu = self._take()
        figures = {"stall_ms": stall * 1000, "stall_cpu_ms": cpu * 1000, "memory_mb": memory_mb()}
        body = orjson.dumps(figures | {"cpu_seconds": time.process_time()})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _take(self) -> tuple[float, float]:
        if not self._last:
            self._last, self._last_cpu = time.perf_counter(), time.process_time()
            self._tick()
        found = self._longest, self._longest_cpu
        self._longest = self._longest_cpu = 0.0
        return found

    def _tick(self) -> None:
        now, cpu = time.perf_counter(), time.process_time()
        self._longest = max(self._longest, now - self._last - _TICK_SECONDS)
        self._longest_cpu = max(self._longest_cpu, cpu - self._last_cpu)
        self._last, self._last_cpu = now, cpu
        asyncio.get_running_loop().call_later(_TICK_SECONDS, self._tick)


def memory_mb() -> float:
    """Resident memory of this process."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def create() -> Any:
    return Ticking(create_app())


def main() -> None:
    serve_http(load_settings(port=int(sys.argv[1])), "benchmarks.ticking:create")


if __name__ == "__main__":
    main()
