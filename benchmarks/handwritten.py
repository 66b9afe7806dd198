"""The peer: what a good programmer writes for one query at a time, with Starlette, asyncpg and orjson.

An ordinary function endpoint and asyncpg's own pool. No key, no quota, no metering, no planning.
"""

import pickle
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.planner import Recipe
from benchmarks.uvicorn_options import UVICORN


def create(database_url: str, connections: int, recipes: dict[str, Recipe]) -> Starlette:
    """One route per query: POST /lookup, /page, /nested with {"values": […]}."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        settings = {"jit": "off", "max_parallel_workers_per_gather": "0", "timezone": "UTC"}
        async with asyncpg.create_pool(
            database_url, min_size=connections, max_size=connections, server_settings=settings
        ) as pool:
            app.state.pool = pool
            yield

    routes = [Route(f"/{name}", _endpoint(one), methods=["POST"]) for name, one in recipes.items()]
    return Starlette(routes=routes, lifespan=lifespan)


def _endpoint(recipe: Recipe) -> Callable[[Request], Awaitable[Response]]:
    before, behind = b'{"data":' + recipe.before, recipe.behind + b"}"

    async def endpoint(request: Request) -> Response:
        values = orjson.loads(await request.body())["values"]
        arguments: list[Any] = list(recipe.constants)
        for place, value in zip(recipe.places, values, strict=True):
            arguments[place] = value
        async with request.app.state.pool.acquire() as connection:
            row = await connection.fetchrow(recipe.text, *arguments)
        return Response(before + row[0].encode() + behind, media_type="application/json")

    return endpoint


def main() -> None:
    port, connections, file = sys.argv[1:]
    database_url, recipes = pickle.loads(Path(file).read_bytes())
    uvicorn.run(create(database_url, int(connections), recipes), port=int(port), **UVICORN)


if __name__ == "__main__":
    main()
