"""What is left to tidy: copy files of killed processes, releases past retention, tables that nobody reads.

A killed load leaves no table: its transaction never happened. Safe to run at any time, from several processes.
"""

import logging
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from publicgsb.datasets import registry_store
from publicgsb.datasets.releases import store
from publicgsb.datasets.releases.identifiers import released
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Unavailable

GRACE_SECONDS = 60.0  # longer than any request that may still hold the old registry
UNLOCKED_SECONDS = 86_400.0  # longer than any check of a file takes
RETENTION = "system:retention"  # nobody: time went by
_PAST = "past retention"
_COPY_FILE = re.compile(r"(\d{1,9})-[0-9a-f]{16}\.copy")

Told: TypeAlias = Mapping[str, str | None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    files: int
    retired: int
    dropped: int


async def sweep(
    connections: Connections,
    state_dir: Path,
    *,
    keep_releases: int = 3,
    keep_days: int = 7,
    grace_seconds: float = GRACE_SECONDS,
) -> Swept:
    """Run at the start of the jobs process and now and then."""
    return Swept(
        files=await _remove_files(connections, state_dir),
        retired=await _retire(connections, keep_releases, keep_days),
        dropped=await _drop(connections, grace_seconds),
    )


async def _remove_files(connections: Connections, state_dir: Path) -> int:
    removed = 0
    for path in sorted(store.copy_folder(state_dir).glob("*.copy")):
        named = _COPY_FILE.fullmatch(path.name)
        if named is None:
            continue
        if not int(named[1]):  # of a check or a draft, which hold no lock
            removed += _remove_old(path)
            continue
        async with connections.transaction() as connection:
            if await store.is_free(connection, int(named[1])):
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _remove_old(path: Path) -> int:
    with suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime > UNLOCKED_SECONDS:
            path.unlink()
            return 1
    return 0


async def _retire(connections: Connections, keep_releases: int, keep_days: int) -> int:
    async with connections.transaction() as connection:
        if not await store.retirable(connection, keep_releases, keep_days):
            return 0
        await registry_store.lock(connection)
        # What is current is settled only under the lock.
        retired = await store.retirable(connection, keep_releases, keep_days)
        if retired:
            version = await registry_store.next_version(connection, schema_changed=False)
            await store.retire(connection, retired, version)
            for release_id in retired:
                await _told(connection, "release.retire", release_id, {"state": "published"}, {"state": "gone"})
            await registry_store.announce_version(connection, version)
    return len(retired)


async def _drop(connections: Connections, grace_seconds: float) -> int:
    dropped = 0
    async with connections.use() as connection:
        tables = await store.droppable(connection, grace_seconds)
    for table, release_id in tables:
        try:
            async with connections.transaction() as connection:
                # A reader that is still there is not waited for, nor made to wait behind us.
                await connection.execute("set local lock_timeout = '200ms'")
                await connection.execute(f"drop table if exists {released(table)}")
                if release_id is not None:
                    is_recalled = await store.set_dropped(connection, release_id) == "recalled"
                    why = "recalled" if is_recalled else _PAST
                    await _told(connection, "release.drop", release_id, {"table": table}, {"table": None}, why)
        except (Unavailable, ValueError) as error:
            if isinstance(error, Unavailable) and error.details.get("reason") != "lock":
                raise
            log.info("a table past retention stays for now: %s", type(error).__name__)
        else:
            dropped += 1
    return dropped


async def _told(
    connection: Connection, action: str, release_id: int, before: Told, after: Told, why: str = _PAST
) -> None:
    await record(
        connection,
        RETENTION,
        action,
        f"release:{release_id}",
        before=before,
        after=after,
        reason=why,
    )
