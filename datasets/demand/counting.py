"""Counting what is asked for and withheld, beside the requests: `note` never waits and never fails.

Sums wait in memory for a few seconds and go to the database under a number, so that a batch whose acknowledgement was
lost may be sent again. What a worker that dies had not sent is lost: demand is a count for people, nobody pays by it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime

import asyncpg

from publicgsb.datasets.demand import store
from publicgsb.datasets.demand.store import Cell
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.kernel.ids import BootId

FLUSH_SECONDS = 5.0
OPEN_MAX = 20_000  # different sums that wait; beyond that they are lost, and counted

log = logging.getLogger(__name__)


def today() -> date:
    return datetime.now(UTC).date()


class Demand:
    """One per worker."""

    def __init__(self, connections: Connections, boot_id: BootId, day: Callable[[], date] = today) -> None:
        self._connections = connections
        self._boot_id = boot_id
        self._day = day
        self._open: dict[tuple[date, int, str, int], int] = {}
        self._batch: tuple[Cell, ...] = ()  # sent under `_seq` until it is surely there
        self._seq = 0
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.lost = 0  # for the metrics

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="demand")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._try_flush()

    def note(self, organisation_id: int, missed: Iterable[tuple[int, str]]) -> None:
        """One request of an organisation and what of (dataset id, column or "") it asked for in vain, each once."""
        day = self._day()
        for dataset_id, field in missed:
            key = (day, dataset_id, field, organisation_id)
            if key not in self._open and len(self._open) >= OPEN_MAX:
                self.lost += 1
            else:
                self._open[key] = self._open.get(key, 0) + 1

    async def flush(self) -> None:
        """Write what is there."""
        async with self._flushing:
            while self._batch or self._open:
                if not self._batch:
                    self._seq += 1
                    self._batch = tuple(Cell(*key, requests) for key, requests in self._open.items())
                    self._open = {}
                async with self._connections.use() as connection:
                    await store.add(connection, self._boot_id, self._seq, self._batch)
                self._batch = ()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self._try_flush()

    async def _try_flush(self) -> None:
        try:
            await self.flush()
        except (GsbError, asyncpg.PostgresError) as error:
            log.warning(
                "demand waits for the database: %s (%d sums)", type(error).__name__, len(self._open) + len(self._batch)
            )
        except Exception:
            # The task must outlive whatever it is: without it nothing would be written any more, and nobody told.
            log.exception("demand could not be written")
