"""What a worker knows of files that are made: they never change, so each is asked for once."""

import time
from collections.abc import Callable, Collection, Mapping

from publicgsb.datasets.exports import store
from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import TimedOut, Unavailable

KNOWN_MAX = 10_000  # releases
AGAIN_SECONDS = 1.0  # how soon one whose files were not made is asked for again


def current_ids(registry: Registry) -> list[int]:
    """Of the releases that a catalogue names."""
    return [entry.current.id for entry in registry.datasets.values() if entry.current is not None]


class MadeFiles:
    """By release id. What is past its release's life drops out with the oldest; who may read it is asked elsewhere."""

    def __init__(self, connections: Connections, clock: Callable[[], float] = time.monotonic) -> None:
        self._connections = connections
        self._clock = clock
        self._known: dict[int, Made] = {}
        self._missing: dict[int, float] = {}  # until when

    async def of(self, release_id: int) -> Made | None:
        """None while they are not made. Raises Unavailable when the database has to be asked and does not answer."""
        return (await self.all([release_id])).get(release_id)

    async def known(self, release_ids: Collection[int]) -> Mapping[int, Made]:
        """`all`, or what is known without asking while the database is away: a catalogue is told all the same."""
        try:
            return await self.all(release_ids)
        except (Unavailable, TimedOut):
            return {one: self._known[one] for one in release_ids if one in self._known}

    async def all(self, release_ids: Collection[int]) -> Mapping[int, Made]:
        """Those that are made, by one query for all that are not known."""
        now = self._clock()
        self._missing = {one: until for one, until in self._missing.items() if until > now}
        unknown = [one for one in release_ids if one not in self._known and one not in self._missing]
        if unknown:
            async with self._connections.use() as connection:
                found = await store.made_of(connection, unknown)
            self._known.update(found)
            self._missing.update({one: now + AGAIN_SECONDS for one in unknown if one not in found})
        made = {one: self._known[one] for one in release_ids if one in self._known}
        while len(self._known) > KNOWN_MAX:
            del self._known[next(iter(self._known))]
        return made
