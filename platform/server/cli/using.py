"""Running a use case from the command line: its connections, and who is said to have done it."""

import getpass
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.cli.frame import Context
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.migrate import migrate

T = TypeVar("T")


def run(context: Context, work: Callable[[Connections], Awaitable[T]]) -> T:
    """Bring the database up to date, then do the work on connections that are closed afterwards."""

    async def with_engines(engines: Engines) -> T:
        await migrate(engines.database_url)
        async with opened(engines.database_url) as connections:
            return await work(connections)

    return context.run(with_engines)


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Connections]:
    connections = Connections(database_url, size=4)
    try:
        yield connections
    finally:
        await connections.close()


def operator() -> str:
    """The account at the terminal, as audit rows name it."""
    return f"operator:{getpass.getuser()}"
