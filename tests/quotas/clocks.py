"""The clock of the database and the monotonic one of quotas, which both stand still until the test moves them.

Statements that ask for `now()` without naming a schema find ours first: it is the clock that ends months, minutes of
database time and, where Redis is away, rate windows.
"""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import asyncpg

BEGINS = datetime(2031, 1, 1, tzinfo=UTC)  # years from here, so that a worker's own idea of the date would be noticed

_MAKE = """
create schema test_clock;
create table test_clock.moment (at timestamptz not null);
insert into test_clock.moment values (timestamptz '{begins}');
create function test_clock.now() returns timestamptz
  language sql stable return (select at from test_clock.moment);
create function test_clock.clock_timestamp() returns timestamptz
  language sql volatile return (select at from test_clock.moment);
alter database "{name}" set search_path = test_clock, pg_catalog, public
"""


class Clocks:
    """Stands in for the module `time` where quotas ask for the time that passes."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._monotonic = time.monotonic()
        self.now = BEGINS

    def monotonic(self) -> float:
        return self._monotonic

    async def make(self) -> None:
        """For every connection that is opened from then on."""
        name = urlsplit(self._database_url).path.removeprefix("/")
        await self._execute(_MAKE.format(begins=BEGINS.isoformat(), name=name))

    async def advance(self, seconds: float) -> None:
        await self.go_to(self.now + timedelta(seconds=seconds))

    async def go_to(self, moment: datetime) -> None:
        assert moment >= self.now
        self._monotonic += (moment - self.now).total_seconds()
        self.now = moment
        await self._execute("update test_clock.moment set at = $1", moment)

    async def _execute(self, statement: str, *arguments: object) -> None:
        connection = await asyncpg.connect(self._database_url)
        try:
            await connection.execute(statement, *arguments)
        finally:
            await connection.close()
