"""One small endpoint, limited by slowapi on its Redis storage, by the moving window of limits, by ours, or not at all.

python -m benchmarks.guarded slowapi|moving|ours|none PORT REDIS_URL LIMIT [WAIT_SECONDS]

The address is the last of X-Forwarded-For, in each of them. WAIT_SECONDS: how long ours waits for its store, if not as
in service. /bench/stall beside it: benchmarks/ticking.py.
"""

import functools
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import limits
import uvicorn
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from slowapi import Limiter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.ticking import Ticking
from benchmarks.uvicorn_options import UVICORN
from publicgsb.platform.kernel.errors import RateLimited
from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas.edge.counts import SharedCounts
from publicgsb.quotas.edge.leases import WAIT_SECONDS, Leases
from publicgsb.quotas.guard import Guard, client_ip
from publicgsb.quotas.redis_client import connect

KINDS = ("none", "slowapi", "moving", "ours")

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


async def answer(request: Request) -> Response:
    return PlainTextResponse("ok")


def _address(request: Request) -> str:
    return client_ip(request, 1)


def _by_slowapi(redis_url: str, limit: str) -> Endpoint:
    nothing = str(Path(__file__).with_name("__init__.py"))
    limiter = Limiter(key_func=_address, storage_uri=redis_url, key_style="endpoint", config_filename=nothing)
    counted = limiter.limit(limit)(answer)

    async def limited(request: Request) -> Response:
        request.state.view_rate_limit = None
        response: Response = await counted(request)
        return response

    return limited


def _by_moving_window(redis_url: str, limit: str) -> Endpoint:
    limiter = MovingWindowRateLimiter(RedisStorage(f"async+{redis_url}", implementation="redispy"))
    item = limits.parse(limit)

    async def limited(request: Request) -> Response:
        if not await limiter.hit(item, _address(request)):
            return PlainTextResponse("too often", 429)
        return await answer(request)

    return limited


def _by_ours(redis_url: str, limit: str, wait_seconds: float) -> Endpoint:
    counts = SharedCounts(connect(redis_url, timeout_seconds=max(0.25, wait_seconds)), BootId(uuid4()))
    return Guard(Leases(counts, wait_seconds=wait_seconds), secret=b"bench", trusted_proxies=1).limit(limit)(answer)


async def _too_often(request: Request, _: Exception) -> Response:
    return PlainTextResponse("too often", 429)


def app(kind: str, redis_url: str, limit: str, wait_seconds: float = WAIT_SECONDS) -> Any:
    limited: dict[str, Callable[[str, str], Endpoint]] = {
        "slowapi": _by_slowapi,
        "moving": _by_moving_window,
        "ours": functools.partial(_by_ours, wait_seconds=wait_seconds),
    }
    endpoint = limited[kind](redis_url, limit) if kind in limited else answer
    return Ticking(Starlette(routes=[Route("/limited", endpoint)], exception_handlers={RateLimited: _too_often}))


def main() -> None:
    kind, port, redis_url, limit, *wait = sys.argv[1:]
    uvicorn.run(app(kind, redis_url, limit, *map(float, wait)), port=int(port), lifespan="off", **UVICORN)


if __name__ == "__main__":
    main()
