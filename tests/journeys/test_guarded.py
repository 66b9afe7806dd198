"""The guard of a real server with two workers: one limit over both, whichever answers, and no way around it."""

import asyncio
from collections import Counter

import httpx2
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service
from tests.journeys.load import keys_of
from tests.processes import served, settings_env

BODY = {"name": "A startup", "email": "a@example.org", "purpose": "Trying it"}


@pytest.mark.prove
async def test_two_workers_register_as_many_as_one_limit_allows(settings: Settings, connections: Connections) -> None:
    """A connection for each request, so that the system gives them to both workers."""
    env = settings_env(settings, registration_limit="10/hour", trusted_proxies="1")
    answered: Counter[int] = Counter()
    with served(env, workers=2) as server:

        async def register(number: int) -> None:
            async with httpx2.AsyncClient(base_url=server.url, timeout=30) as http:
                spoofed = {"x-forwarded-for": f"198.51.100.{number}, 203.0.113.9"}
                answered[(await http.post("/api/v1/register", json=BODY, headers=spoofed)).status_code] += 1

        for first in range(0, 40, 8):
            await asyncio.gather(*(register(number) for number in range(first, first + 8)))
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.organisation") == 10
    assert answered == {201: 10, 429: 30}


async def test_an_exposed_key_reads_nothing_more(service: Service, settings: Settings) -> None:
    registered = await keys_of(settings, service.connections).register("A startup", "a@example.org", "Trying it")
    secret = registered.key.secret
    document = '{ air { airport(by: {icao: "OIIE"}) { city } } }'
    assert (await service.ask(secret, document)).status_code == 200
    shown = await service.http.post("/api/v1/keys/revoke-exposed", json={"keys": [secret]})
    assert (shown.status_code, shown.json()) == (202, {"status": "accepted", "received": 1})
    refused = await service.ask(secret, document)
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["extensions"]["details"]["reason"] == "revoked"
