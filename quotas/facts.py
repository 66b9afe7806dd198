"""Usage facts: what was used, summed per worker and second, written once and for ever.

No literals, variables or addresses are kept. `dataset_id` 0 is the whole answer: it alone carries points,
bytes, errors and milliseconds, so that an operation over three datasets is counted once; each dataset that it
touched gets its request.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import asyncpg

from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas import store
from publicgsb.quotas.store import Fact, Usage

FLUSH_SECONDS = 1.0
BATCH = 2_000
PENDING_MAX = 50_000  # facts waiting for the database; then seconds are no longer told apart
OPEN_MAX = 100_000  # different facts of one second (or of one outage); beyond that they are lost, and counted

_Key: TypeAlias = tuple[int, str, int, int, str]
_AnswerKey: TypeAlias = tuple[int, str, str, tuple[tuple[int, int], ...]]

log = logging.getLogger(__name__)


class Facts:
    """One per worker. `record` never waits and never fails; `flush` runs each second and once more at the end."""

    def __init__(self, connections: Connections, boot_id: BootId) -> None:
        self._connections = connections
        self._boot_id = boot_id
        self._open: dict[_Key, list[int]] = {}
        self._answers: dict[_AnswerKey, list[int]] = {}  # of this second; each becomes a fact and one per dataset
        self._answers_size = 0  # as facts
        self._pending: list[Fact] = []
        self._seq = 0
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.lost = 0  # requests whose fact found no room, for the metrics

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="facts")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._try_flush()

    def record_answer(
        self,
        application_id: int,
        key_id: str,
        operation_hash: str,
        datasets: tuple[tuple[int, int], ...],
        *,
        points: int,
        bytes: int,
        errors: int,
        ms: int,
    ) -> None:
        """One answer and the (dataset, release) pairs that it touched."""
        key = (application_id, key_id, operation_hash, datasets)
        sums = self._answers.get(key)
        if sums is None:
            size = 1 + len(datasets)
            if len(self._open) + self._answers_size + size > OPEN_MAX:
                self.lost += 1
                return
            self._answers_size += size
            self._answers[key] = [1, points, bytes, errors, ms]
            return
        sums[0] += 1
        sums[1] += points
        sums[2] += bytes
        sums[3] += errors
        sums[4] += ms

    def record(
        self,
        application_id: int,
        key_id: str,
        dataset_id: int,
        release_id: int,
        operation_hash: str,
        requests: int,
        points: int,
        bytes: int,
        errors: int,
        ms: int,
    ) -> None:
        """Add to the fact of this second."""
        key = (application_id, key_id, dataset_id, release_id, operation_hash)
        if key not in self._open and len(self._open) + self._answers_size >= OPEN_MAX:
            self.lost += requests
            return
        _add(self._open, key, [requests, points, bytes, errors, ms])

    async def flush(self) -> None:
        """Write what is there; a batch that failed stays and is sent again under the same numbers."""
        async with self._flushing:
            if len(self._pending) < PENDING_MAX:
                self._close_second(datetime.now(UTC))
            while self._pending:
                batch = self._pending[:BATCH]
                async with self._connections.use() as connection:
                    await store.facts_add(connection, self._boot_id, batch)
                del self._pending[: len(batch)]

    def _close_second(self, now: datetime) -> None:
        second = now.replace(microsecond=0)
        closed, self._open = self._open, {}
        answers, self._answers, self._answers_size = self._answers, {}, 0
        for (application_id, key_id, operation_hash, datasets), sums in answers.items():
            _add(closed, (application_id, key_id, 0, 0, operation_hash), sums)
            for dataset_id, release_id in datasets:
                _add(closed, (application_id, key_id, dataset_id, release_id, operation_hash), [sums[0], 0, 0, 0, 0])
        for key, sums in closed.items():
            self._seq += 1
            self._pending.append(Fact(self._seq, second, *key, *sums))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self._try_flush()

    async def _try_flush(self) -> None:
        try:
            await self.flush()
        except (GsbError, asyncpg.PostgresError) as error:
            log.warning("usage facts wait for the database: %s (%d waiting)", error, len(self._pending))
        except Exception:
            # The task must outlive whatever it is: without it nothing would be written any more, and nobody told.
            log.exception("usage facts could not be written (%d waiting)", len(self._pending))


def _add(facts: dict[_Key, list[int]], key: _Key, sums: list[int]) -> None:
    found = facts.get(key)
    facts[key] = sums if found is None else [one + other for one, other in zip(found, sums, strict=True)]


async def register_operation(
    connection: Connection, operation_hash: str, fields: Sequence[tuple[int, int, str]]
) -> bool:
    """Note which (dataset_id, major, field) an operation reads; True when nobody ever planned it before.

    Other variables may make a known operation read further fields, so they are noted every time.
    """
    is_new = await store.operation_add(connection, operation_hash)
    if fields:
        await store.operation_fields_add(connection, operation_hash, fields)
    return is_new


async def usage(
    connection: Connection, since: datetime, until: datetime | None = None, *, application_id: int | None = None
) -> list[Usage]:
    """Whole answers per application, the heaviest first."""
    return await store.usage_by_application(connection, since, until or datetime.now(UTC), application_id)


async def usage_of_datasets(
    connection: Connection, since: datetime, until: datetime | None = None, *, application_id: int | None = None
) -> list[Usage]:
    """Touches per application and dataset."""
    return await store.usage_by_dataset(connection, since, until or datetime.now(UTC), application_id)
