"""Airports that link to countries, and a next contract of theirs that loses a field."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.datasets.conftest import Declare, Documents, Release, column

from publicgsb.datasets.notices.ending import end_due
from publicgsb.datasets.notices.model import Announced, Terms, User
from publicgsb.datasets.notices.service import announce
from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connection, Connections

HEADER = ["icao", "name", "country", "elevation"]
ROWS = [HEADER, ["OIIE", "Imam", "IR", "3305"]]
WITHOUT = [["icao", "name", "country"], ["OIIE", "Imam", "IR"]]
FIELDS = [
    column("icao", filters=["eq", "in"], constraints={"maxLength": 4}),
    column("name", filters=["eq", "startsWith"]),
    column("country", filters=["eq"]),
]


@dataclass
class Notices:
    """What the agency `aviation` does with its dataset `airports`, and who is said to use it."""

    connections: Connections
    users: list[User] = field(default_factory=list)
    asked: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)

    async def users_of(self, connection: Connection, dataset_id: int, major: int, fields: Sequence[str]) -> list[User]:
        self.asked.append((major, tuple(fields)))
        return self.users

    async def announce(self, sunset_on: date | None = None, **more: Any) -> Announced:
        return await announce(
            *(self.connections, "aviation", "airports", "person:7 key:k", self.users_of), sunset_on=sunset_on, **more
        )

    async def registry(self) -> Registry:
        async with self.connections.use() as connection:
            return await load_registry(connection)

    async def entry(self, slug: str = "airports") -> DatasetEntry:
        return (await self.registry()).dataset("aviation", slug)

    async def told(self, like: str) -> list[Any]:
        query = "select kind, organisation_id, payload::text as text from gsb.outbox where kind like $1 order by id"
        async with self.connections.use() as connection:
            return list(await connection.fetch(query, like))

    async def end_in(self, days: int) -> list[str]:
        """As if so many days had passed."""
        return await end_due(self.connections, datetime.now(UTC) + timedelta(days=days))


def user(organisation: int, application: int, *fields: str) -> User:
    name = f"App {application}"
    return User(organisation, f"Org {organisation}", application, name, fields, 12, datetime.now(UTC).date())


TERMS = Terms(days=90, days_min=30)


@pytest.fixture
async def notices(
    connections: Connections, declare: Declare, country: Documents, airport: Documents, release: Release
) -> Notices:
    """Both are released, and the breaking contract is declared."""
    await declare(country())
    await declare(airport())
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    await release("aviation/airports", ROWS)
    await declare(airport(version="2.0.0", fields=FIELDS, orderings=["name"]))
    return Notices(connections)
