"""What a process writes down of the keys that it met, once a minute and off the request path: the hour of their last
use, and digests under the present pepper.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from publicgsb.apikeys import records
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import TimedOut, Unavailable
from publicgsb.platform.kernel.ids import KeyId

LAST_USE_SECONDS = 60.0

log = logging.getLogger(__name__)


class UsedKeys:
    """`lately` are the keys used since it was written; the key ring adds to it at each request, and to nothing else."""

    def __init__(self, connections: Connections, pepper_version: int, clock: Callable[[], float]) -> None:
        self.lately: set[KeyId] = set()
        self._connections = connections
        self._pepper_version = pepper_version
        self._clock = clock
        self._noted: set[KeyId] = set()
        self._noted_hour = datetime.min
        self._rehashed: dict[KeyId, tuple[bytes, bytes]] = {}
        self._task: asyncio.Task[None] | None = None

    def note_digest(self, key_id: KeyId, before: bytes, after: bytes) -> None:
        """To be written when it is next time to write."""
        self._rehashed[key_id] = (before, after)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._write_for_ever(), name="used keys")

    async def stop(self) -> None:
        """Writes what is not written yet; without `start()` there is nothing to stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self.write()

    async def write(self) -> None:
        """What a database that is away does not get, it gets next time."""
        await self._write_digests()
        hour = datetime.fromtimestamp(self._clock(), UTC).replace(minute=0, second=0, microsecond=0)
        if hour != self._noted_hour:
            self._noted.clear()
            self._noted_hour = hour
        due = self.lately - self._noted
        self.lately.clear()
        if not due:
            return
        try:
            async with self._connections.use() as connection:
                await records.note_last_use(connection, sorted(due), hour)
            self._noted |= due
        except (Unavailable, TimedOut) as away:
            log.info("the last use of %d keys is not written yet: %s", len(due), away.code)
        finally:
            # Whatever ended this, also stop() in the middle of it: what is not written is due next time.
            self.lately.update(due - self._noted)

    async def _write_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LAST_USE_SECONDS)
            try:
                await self.write()
            except Exception:
                log.exception("writing the last use of keys failed; trying again")

    async def _write_digests(self) -> None:
        """No event tells of it: another process has the old digest, and the old pepper to check it with."""
        due, self._rehashed = self._rehashed, {}
        try:
            while due:
                key_id, (before, after) = next(iter(due.items()))
                async with self._connections.use() as connection:
                    await records.rehash_key(connection, key_id, before, after, self._pepper_version)
                del due[key_id]
        except (Unavailable, TimedOut) as away:
            log.info("%d renewed digests are not written yet: %s", len(due), away.code)
        finally:
            self._rehashed = due | self._rehashed
