"""A connection of one's own that holds the right to release one dataset, for exactly as long as it lives."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from publicgsb.datasets.releases import store
from publicgsb.datasets.releases.model import Target
from publicgsb.platform.kernel.database import AWAY, Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, DatasetWithdrawn, GsbError, TimedOut, Unavailable
from publicgsb.platform.kernel.full_disk import is_full, no_room


@asynccontextmanager
async def private(connections: Connections) -> AsyncIterator[Connection]:
    """Closed at the end whatever happens; a database that goes away and a disk that is full are said as Unavailable."""
    connection = await connections.connect()
    try:
        yield connection
    except AWAY as away:
        if is_full(away):
            raise no_room(away) from away
        raise Unavailable("The database went away.", reason="database") from away
    finally:
        # Not close(): that waits for the server, and after a cancelled statement there is nothing to wait for.
        connection.terminate()


@asynccontextmanager
async def releasing(connections: Connections, agency: str, dataset: str) -> AsyncIterator[tuple[Connection, Target]]:
    """The right to release, or Conflict when another process has it."""
    async with private(connections) as connection:
        dataset_id = (await store.target(connection, agency, dataset)).dataset_id
        if not await store.try_lock(connection, dataset_id):
            raise Conflict(
                f"{agency}/{dataset} is being released by another process.",
                hint="Wait until it ends; nothing was changed.",
                reason="busy",
            )
        try:
            target = await store.target(connection, agency, dataset)  # again: the last holder may have moved it on
            refuse_withdrawn(target)
            yield connection, target
        except (Unavailable, TimedOut):
            raise  # nobody hears us there
        except GsbError:
            await store.unlock(connection, dataset_id)
            raise
        await store.unlock(connection, dataset_id)  # who releases next need not wait until the server sees us gone


def refuse_withdrawn(target: Target) -> None:
    if target.is_withdrawn:
        name = target.contract.slug
        raise DatasetWithdrawn(f"{name} is withdrawn.", hint=f"`gsb dataset rollback {name} SEQ` brings it back first.")
