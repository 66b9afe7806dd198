"""What the jobs process does for files, again and again: makes those that are due, and sweeps what nobody names."""

import logging
from pathlib import Path

import asyncpg

from publicgsb.datasets.exports import store
from publicgsb.datasets.exports.making import make_files
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, TimedOut, Unavailable
from publicgsb.platform.kernel.full_disk import REASON

AT_A_TIME = 16

log = logging.getLogger(__name__)


async def make_due(connections: Connections, objects: Objects, state_dir: Path) -> int:
    """How many releases have files now that had none. One that fails is tried again later, and stops no other."""
    async with connections.use() as connection:
        waiting = await store.due(connection, AT_A_TIME)
        registry = await load_registry(connection) if waiting else None
    made = 0
    for one in waiting:
        assert registry is not None
        entry = registry.datasets.get((one.agency, one.dataset))
        release = entry.releases.get(one.seq) if entry else None
        if entry is None or release is None:
            continue  # was current a moment ago; the next look does not name it
        try:
            made += await make_files(connections, objects, state_dir, entry, release)
        except Exception as error:
            if _is_away(error):
                raise  # the database, so nothing can be written down either
            # The kind of error alone, here too.
            log.error("the files of %s, release %d, could not be made: %s", one.name, one.seq, type(error).__name__)
            await _failed(connections, one, error)
    return made


def _is_away(error: Exception) -> bool:
    """Whether the database is. A disk or a memory that is full, ours or its own, stops one release alone."""
    if not isinstance(error, Unavailable | TimedOut) or error.details.get("reason") in {"objects", REASON}:
        return False
    return not isinstance(error.__cause__, asyncpg.InsufficientResourcesError)


async def _failed(connections: Connections, one: store.Due, error: Exception) -> None:
    """The kind of error alone: its words may quote a cell."""
    why = error.code if isinstance(error, GsbError) else type(error).__name__
    if isinstance(error, GsbError) and error.details.get("reason") == REASON:
        why = REASON
    async with connections.transaction() as connection:
        await store.set_failed(connection, one.release_id, why)
