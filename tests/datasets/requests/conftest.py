"""Two agencies with a released dataset each, and a desk for data requests whose clock the test sets."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.schema.worlds import found

from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.requests.model import DataRequest, State
from publicgsb.datasets.requests.service import Asked, DataRequests, Decider
from publicgsb.platform.kernel.database import Connection, Connections

TEXT = "Please release where the stations stand that measure the air."
ASKED_AT = datetime(2026, 4, 25, 9, 0, tzinfo=UTC)  # Saturday, 5 Ordibehesht 1405: due at the end of the 16th
DUE_AT = datetime(2026, 5, 6, 20, 30, tzinfo=UTC)


@dataclass
class Desk:
    connections: Connections
    requests: DataRequests
    air: Decider
    geo: Decider
    operator: Decider
    mails: list[tuple[str, int, State]]
    at: datetime = ASKED_AT

    async def ask(self, **more: Any) -> DataRequest:
        return await self.requests.ask(Asked(**{"agency": "air", "title": "Air stations", "text": TEXT, **more}))

    async def told(self) -> list[str]:
        async with self.connections.use() as connection:
            rows = await connection.fetch("select kind from gsb.outbox where kind like 'request.%' order by id")
        return [row["kind"] for row in rows]

    async def audited(self) -> list[tuple[str, str]]:
        async with self.connections.use() as connection:
            rows = await connection.fetch(
                "select actor, action from gsb.audit where action like 'request.%' order by id"
            )
        return [(row["actor"], row["action"]) for row in rows]


@pytest.fixture
async def desk(connections: Connections, state_dir: Path) -> AsyncIterator[Desk]:
    await found(connections, state_dir)
    mails: list[tuple[str, int, State]] = []
    async with connections.use() as connection:
        loaded = await load_registry(connection)

    async def registry() -> Registry:
        return loaded

    async def tell(_: Connection, address: str, request: DataRequest, state: State) -> None:
        mails.append((address, request.id, state))

    requests = DataRequests(connections, registry, now=lambda: made.at, tell=tell)
    made = Desk(
        connections,
        requests,
        Decider("agency", "person:1 key:a", loaded.agencies["air"].id),
        Decider("agency", "person:2 key:g", loaded.agencies["geo"].id),
        Decider("operator", "operator:o"),
        mails,
    )
    yield made
