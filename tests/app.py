"""The whole application in the test's own loop, asked over ASGI."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from starlette.applications import Starlette

from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import barrier
from publicgsb.platform.server.app import build
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings

GRAPHQL = "application/graphql-response+json"


@dataclass(slots=True)
class Service:
    """A running application with a client, and keys made the way users get theirs."""

    app: Starlette
    http: httpx2.AsyncClient
    keys: ApiKeys
    connections: Connections

    async def caught_up(self) -> None:
        """Until the application has acted on every event so far."""
        async with self.connections.use() as connection:
            newest = await connection.fetchval("select seq from gsb.event_clock")
        assert (await barrier(self.connections, newest)).is_everywhere

    async def register(self) -> dict[str, Any]:
        answer = await self.http.post(
            "/api/v1/register", json={"name": "A startup", "email": "a@example.org", "purpose": "Trying it"}
        )
        assert answer.status_code == 201, answer.text
        registered: dict[str, Any] = answer.json()
        return registered

    async def data_key(self) -> str:
        registered = await self.keys.register("A startup", "a@example.org", "Trying it")
        return registered.key.secret

    async def agency_key(self, slug: str) -> str:
        agency_id = next(one.id for one in await list_agencies(self.connections) if one.slug == slug)
        issued = await self.keys.create_agency_key(agency_id, "A person", "p@example.org", Actor("tests", None))
        return issued.secret

    async def ask(
        self, key: str, document: str, variables: dict[str, Any] | None = None, accept: str = GRAPHQL
    ) -> httpx2.Response:
        return await self.http.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"authorization": f"Bearer {key}", "accept": accept},
        )


@asynccontextmanager
async def running(settings: Settings, connections: Connections) -> AsyncIterator[Service]:
    assert settings.database_url is not None
    assert settings.redis_url is not None
    app = build(settings, settings.database_url.get_secret_value(), settings.redis_url.get_secret_value())
    secrets = load_secrets(settings)
    keys = ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.pepper)
    transport = httpx2.ASGITransport(app, client=("127.0.0.1", 50000))
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://gsb") as http:
        yield Service(app, http, keys, connections)
