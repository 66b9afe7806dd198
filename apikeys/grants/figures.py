"""What the public sees of requests: figures per dataset, and only those behind which three organisations stand."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import TimedOut, Unavailable
from publicgsb.platform.kernel.sql import load

ORGANISATIONS_MIN = 3
KEPT_SECONDS = 60.0
ENDS = ("pending", "validated", "refused", "withdrawn")

_FIGURES = load("publicgsb.apikeys.grants", "sql/figures.sql")


class Ended(NamedTuple):
    """Requests for one dataset that ended in one way, and whose they were."""

    dataset_id: int
    ended: str
    requests: int
    organisations: frozenset[int]


Figures = Mapping[str, int | None]  # `requests` and each of ENDS; None: fewer than three organisations


def published(rows: Iterable[Ended]) -> dict[int, Figures]:
    """By dataset. The sum is told only if what it adds to the figures shown is three organisations' or nobody's: else
    it would tell what is not shown.
    """
    by_dataset: defaultdict[int, dict[str, Ended]] = defaultdict(dict)
    for row in rows:
        by_dataset[row.dataset_id][row.ended] = row
    return {dataset_id: _published(ends) for dataset_id, ends in by_dataset.items()}


def _published(ends: Mapping[str, Ended]) -> Figures:
    shown = {name: row.requests for name, row in ends.items() if len(row.organisations) >= ORGANISATIONS_MIN}
    rest = frozenset[int]().union(*(row.organisations for name, row in ends.items() if name not in shown))
    is_told = not rest or len(rest) >= ORGANISATIONS_MIN
    total = sum(row.requests for row in ends.values()) if is_told else None
    return {"requests": total, **{name: shown.get(name) for name in ENDS}}


class GrantFigures:
    """Read at most once a minute; while the database is away, the last that was read."""

    def __init__(self, connections: Connections, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connections = connections
        self._clock = clock
        self._kept: dict[int, Figures] = {}
        self._due = float("-inf")

    async def figures(self) -> Mapping[int, Mapping[str, Any]]:
        now = self._clock()
        if now < self._due:
            return self._kept
        self._due = now + KEPT_SECONDS  # whoever comes meanwhile is told what there is
        try:
            async with self._connections.use() as connection:
                rows = await connection.fetch(_FIGURES)
        except (Unavailable, TimedOut):
            return self._kept
        self._kept = published(
            Ended(row["dataset_id"], row["ended"], row["requests"], frozenset(row["organisations"])) for row in rows
        )
        return self._kept
