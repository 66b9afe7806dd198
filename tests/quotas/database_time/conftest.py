"""The clock of the database, which a test sets: minutes end when it says so."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from publicgsb.platform.kernel.database import Connection
from publicgsb.quotas.database_time import store


class DatabaseClock:
    def __init__(self) -> None:
        self.now = 30_000_000 * 60 + 1.0  # the first second of a minute


@pytest.fixture
def database_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseClock]:
    """What is read together with what others told stands still until the test moves it."""
    clock, read = DatabaseClock(), store.told_by_others

    async def told_by_others(connection: Connection, worker: UUID, minute: int) -> store.Told:
        return replace(await read(connection, worker, minute), clock=clock.now)

    monkeypatch.setattr(store, "told_by_others", told_by_others)
    yield clock
