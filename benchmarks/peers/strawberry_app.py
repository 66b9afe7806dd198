"""The peer: what Strawberry's documentation teaches. Types by decorators, DataLoader, asyncpg's pool, both caches.

No key, no quota, no metering. Run as `python -m benchmarks.peers.strawberry_app <port> <connections> <file>`.
"""

from __future__ import annotations

import base64
import pickle
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info

from benchmarks.uvicorn_options import UVICORN

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
_COLUMNS = "icao, iata, name, city, country_code, elevation, latitude, longitude"


@dataclass(frozen=True, slots=True)
class Tables:
    """Quoted names of the released tables."""

    airports: str
    countries: str


@dataclass(frozen=True, slots=True)
class Context:
    """Of one request: DataLoaders remember what was loaded."""

    pool: Pool
    tables: Tables
    airports_of: DataLoader[tuple[str, int], list[Airport]]


@strawberry.type
class Airport:
    icao: str
    iata: str | None
    name: str
    city: str | None
    country_code: str
    elevation: float | None
    latitude: float | None
    longitude: float | None


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class AirportConnection:
    nodes: list[Airport]
    page_info: PageInfo


@strawberry.type
class AirportList:
    nodes: list[Airport]


@strawberry.type
class Country:
    alpha2: str
    name: str
    name_fa: str | None

    @strawberry.field
    async def airports(self, info: Info[Context, None], first: int = 20) -> AirportList:
        return AirportList(nodes=await info.context.airports_of.load((self.alpha2, first)))


@strawberry.type
class Query:
    @strawberry.field
    async def airport(self, info: Info[Context, None], icao: str) -> Airport | None:
        context = info.context
        row = await context.pool.fetchrow(f"select {_COLUMNS} from {context.tables.airports} where icao = $1", icao)
        return Airport(**row) if row else None

    @strawberry.field
    async def airports(self, info: Info[Context, None], first: int = 20, after: str | None = None) -> AirportConnection:
        context = info.context
        rows = await context.pool.fetch(
            f"select {_COLUMNS} from {context.tables.airports} where icao > $1 order by icao limit $2",
            base64.b64decode(after).decode() if after else "",
            first + 1,
        )
        nodes = [Airport(**row) for row in rows[:first]]
        end = base64.b64encode(nodes[-1].icao.encode()).decode() if nodes else None
        return AirportConnection(nodes=nodes, page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=end))

    @strawberry.field
    async def countries(self, info: Info[Context, None], codes: list[str], first: int = 20) -> list[Country]:
        context = info.context
        rows = await context.pool.fetch(
            f"select alpha2, name, name_fa from {context.tables.countries} "
            "where alpha2 = any($1::text[]) order by alpha2 limit $2",
            codes,
            first,
        )
        return [Country(**row) for row in rows]


def _airports_loader(pool: Pool, tables: Tables) -> DataLoader[tuple[str, int], list[Airport]]:
    async def load(keys: list[tuple[str, int]]) -> list[list[Airport]]:
        """All the parents of a request in one statement."""
        rows = await pool.fetch(
            f"select child.*, parent.position from unnest($1::text[], $2::int[]) with ordinality "
            f"as parent(code, most, position) cross join lateral (select {_COLUMNS} from {tables.airports} "
            "where country_code = parent.code order by icao limit parent.most) as child order by position, icao",
            [code for code, _ in keys],
            [first for _, first in keys],
        )
        found: list[list[Airport]] = [[] for _ in keys]
        for row in rows:
            fields = dict(row)
            found[fields.pop("position") - 1].append(Airport(**fields))
        return found

    return DataLoader(load_fn=load)


class Endpoint(GraphQL[Context, None]):
    def __init__(self, schema: strawberry.Schema, tables: Tables) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False)
        self._tables = tables

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        pool: Pool = request.app.state.pool
        return Context(pool, self._tables, _airports_loader(pool, self._tables))


def create(database_url: str, connections: int, tables: Tables) -> Starlette:
    schema = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        settings = {"jit": "off", "max_parallel_workers_per_gather": "0", "timezone": "UTC"}
        async with asyncpg.create_pool(
            database_url, min_size=connections, max_size=connections, server_settings=settings
        ) as pool:
            app.state.pool = pool
            yield

    endpoint: Any = Endpoint(schema, tables)
    return Starlette(routes=[Route("/graphql", endpoint, methods=["POST"])], lifespan=lifespan)


def main() -> None:
    port, connections, file = sys.argv[1:]
    database_url, tables = pickle.loads(Path(file).read_bytes())
    uvicorn.run(create(database_url, int(connections), tables), port=int(port), **UVICORN)


if __name__ == "__main__":
    main()
