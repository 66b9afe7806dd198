"""What is left to tidy of files: those of releases that are not read any more, what killed makers left behind.

What the database says is there and is not, after a restore or the loss of a disk, is forgotten and so made again.
"""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from publicgsb.datasets.exports import store
from publicgsb.datasets.exports.making import making_folder
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.exports.requested import store as requested
from publicgsb.datasets.exports.requested.model import KEPT
from publicgsb.datasets.releases.session import private
from publicgsb.platform.kernel.database import Connections

PATIENCE_SECONDS = 900.0  # longer than the files of a release take
GRACE_SECONDS = 3600.0  # for downloads under way of a release that is past its retention; a recalled one has none
LOOKED_UP_AT_A_TIME = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    releases: int
    lost: int  # releases whose files are made again, because an object was gone
    objects: int
    folders: int


async def sweep_files(
    connections: Connections,
    objects: Objects,
    state_dir: Path,
    *,
    grace_seconds: float = GRACE_SECONDS,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Swept | None:
    """Waits for those who make files, as what they have put is named by no release yet; those who begin meanwhile wait
    for it, so that it always has its turn. None when it did not come in time: then it only forgot.
    """
    async with connections.transaction() as connection:
        past = await store.forgettable(connection, grace_seconds)
        await store.forget(connection, past)
        await requested.forget(connection, KEPT.total_seconds())
    # In a transaction of its own: an object is deleted only once nothing committed names it. On a connection of its
    # own: those it waits for need the others.
    async with private(connections) as connection, connection.transaction():
        await connection.execute(f"set local lock_timeout = {round(patience_seconds * 1000)}")
        try:
            await store.hold_sweeping(connection)
        except asyncpg.LockNotAvailableError:
            log.warning("no object was swept: files were being made all the time")
            return None
        folders = _remove_folders(state_dir)
        deleted = await objects.sweep_unfinished()
        there = [name async for name in objects.names()]
        lost = await store.forget_lost(connection, there)
        for some in _chunks(there):
            named = await store.named(connection, some)
            for name in some:
                if name not in named:
                    await objects.delete(name)
                    deleted += 1
    if deleted:
        log.info("objects that no release names are gone", extra={"objects": deleted})
    if lost:
        log.warning("objects of releases are gone, and made again", extra={"releases": lost})
    return Swept(len(past), len(lost), deleted, folders)


def _remove_folders(state_dir: Path) -> int:
    found = [path for path in making_folder(state_dir).glob("*") if path.is_dir()]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return len(found)


def _chunks(names: list[str]) -> list[list[str]]:
    return [names[at : at + LOOKED_UP_AT_A_TIME] for at in range(0, len(names), LOOKED_UP_AT_A_TIME)]
