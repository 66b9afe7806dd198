"""What a worker knows of which addresses answered: read again every few seconds, while the database is there."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from publicgsb.datasets.quality import store
from publicgsb.datasets.quality.model import Answered
from publicgsb.datasets.quality.service import NOBODY_ASKED
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import TimedOut, Unavailable

KEPT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Known:
    """`tag` changes with what was found, not with when."""

    by_dataset: Mapping[int, Answered]
    tag: str


async def nothing_known() -> Known:
    """Where nobody asks addresses."""
    return Known(NOBODY_ASKED, "")


class KnownAnswers:
    """Of all datasets by one query; the last that was read while the database is away."""

    def __init__(self, connections: Connections, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connections = connections
        self._clock = clock
        self._known = Known(NOBODY_ASKED, "")
        self._due = float("-inf")

    async def known(self) -> Known:
        now = self._clock()
        if now < self._due:
            return self._known
        self._due = now + KEPT_SECONDS  # whoever comes meanwhile is told what there is
        try:
            async with self._connections.use() as connection:
                self._known = _known(await store.answered(connection))
        except (Unavailable, TimedOut):
            pass
        return self._known


def _known(found: Mapping[int, Answered]) -> Known:
    told = sorted((key, one.release_id, one.access, sorted(one.files.items(), key=str)) for key, one in found.items())
    return Known(found, hashlib.sha256(repr(told).encode()).hexdigest()[:12])
