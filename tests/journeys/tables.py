"""What another session does to a table while the service runs: hold it, or take it away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from publicgsb.platform.kernel.database import Connection, Connections


async def table_of(connection: Connection, agency: str, dataset: str) -> str:
    """The table of the dataset's newest release, in schema `released`."""
    table: str = await connection.fetchval(
        "select table_name from gsb.release r join gsb.dataset d on d.id = r.dataset_id "
        "join gsb.agency a on a.id = d.agency_id where (a.slug, d.slug) = ($1, $2) order by r.seq desc limit 1",
        agency,
        dataset,
    )
    return table


@asynccontextmanager
async def held(connections: Connections, agency: str, dataset: str) -> AsyncIterator[None]:
    """Nobody can read the dataset meanwhile."""
    async with connections.transaction() as connection:
        table = await table_of(connection, agency, dataset)
        await connection.execute(f'lock table released."{table}" in access exclusive mode')
        yield
