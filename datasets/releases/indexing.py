"""All indexes of a release's table, or the rows that stand in their way."""

import asyncpg

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.releases import cells, table
from publicgsb.datasets.releases.keys import build_keys
from publicgsb.datasets.releases.lengths import too_long_to_index
from publicgsb.platform.kernel.database import Connection


async def build_indexes(
    connection: Connection, contract: Contract, name: str
) -> tuple[list[RowError], dict[ErrorCode, int]]:
    """No errors: all of them are there."""
    try:
        async with connection.transaction():  # a savepoint: what is wrong is asked after the failure
            errors, counts = await build_keys(connection, contract, name)
            if not errors:
                await connection.execute(table.row_index(name))
                indexes = cells.cell_indexes if contract.is_aggregate_only else table.other_indexes
                for statement in indexes(contract, name):
                    await connection.execute(statement)
            return errors, counts
    except asyncpg.ProgramLimitExceededError:
        errors, counts = await too_long_to_index(connection, contract, name)
        if not errors:
            raise
        return errors, counts
