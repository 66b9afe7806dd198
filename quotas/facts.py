"""Usage facts: what was used, summed per worker and second, written once and for ever.

No literals, variables or addresses are kept. `dataset_id` 0 is the whole answer: it alone is what is paid and summed.
Each dataset that it touched gets its request, its errors and an even share of its points, bytes and times, so that
the shares of an answer over three datasets add up to it to the unit; what touched no dataset stands under -1.
Facts are of an account: `application_id` is negated for test keys, so that each ledger can be held against its own.
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
from publicgsb.quotas.spool import Spool, SpoolFull, has_files, replay
from publicgsb.quotas.store import Fact, Usage

FLUSH_SECONDS = 1.0
LOOK_EVERY = 60  # flushes, between looks for what a worker that died has left in the spool
NO_DATASET = -1
BATCH = 2_000
PENDING_MAX = 50_000  # facts waiting for the database; then seconds are no longer told apart
OPEN_MAX = 100_000  # different facts of one second (or of one outage); beyond that they are lost, and counted

_Key: TypeAlias = tuple[int, str, int, int, str]
_AnswerKey: TypeAlias = tuple[int, str, str, tuple[tuple[int, int], ...]]

log = logging.getLogger(__name__)


class Facts:
    """One per worker. `record_answer` never waits and never fails; `flush` runs each second and at the end."""

    def __init__(self, connections: Connections, boot_id: BootId, spool: Spool | None = None) -> None:
        self._connections = connections
        self._spool = spool  # where facts go while the database is away; without one they wait in memory
        self._flushes = 0
        self._boot_id = boot_id
        self._answers: dict[_AnswerKey, list[int]] = {}  # of this second; each becomes a fact and one per dataset
        self._answers_size = 0  # as facts
        self._pending: list[Fact] = []
        self._seq = 0
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.lost = 0  # requests whose fact found no room, for the metrics
        self.spooled = 0  # facts that went to the disk

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="facts")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._try_flush()
        if self._spool is not None:
            self._spool.let_go()

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
        database_us: int = 0,
    ) -> None:
        """One answer and the (dataset, release) pairs that it touched."""
        key = (application_id, key_id, operation_hash, datasets)
        sums = self._answers.get(key)
        if sums is None:
            size = 1 + (len(datasets) or 1)
            if self._answers_size + size > OPEN_MAX:
                self.lost += 1
                return
            self._answers_size += size
            self._answers[key] = [1, points, bytes, errors, ms, database_us]
            return
        sums[0] += 1
        sums[1] += points
        sums[2] += bytes
        sums[3] += errors
        sums[4] += ms
        sums[5] += database_us

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
            await self._replay()

    async def _replay(self) -> None:
        """The database is there: what is on disk goes into it, this worker's and that of workers that died."""
        if self._spool is None:
            return
        is_ours = self._spool.is_written
        if is_ours or self._flushes % LOOK_EVERY == 0:
            self._spool.let_go()
            if is_ours or await asyncio.to_thread(has_files, self._spool.folder):
                replayed = await replay(self._spool.folder, self._connections)
                log.info("usage facts came back from disk", extra={"facts": replayed})
        self._flushes += 1

    async def _keep(self) -> None:
        """The database is away: onto the disk, and out of the memory once they are surely there."""
        if self._spool is None or not self._pending:
            return
        async with self._flushing:
            facts = list(self._pending)
            try:
                await asyncio.to_thread(self._spool.append, facts)
            except (OSError, SpoolFull) as full:
                log.error("usage facts wait in memory, the disk takes none: %s (%d waiting)", full, len(facts))
                return
            del self._pending[: len(facts)]
            self.spooled += len(facts)

    def _close_second(self, now: datetime) -> None:
        second = now.replace(microsecond=0)
        closed: dict[_Key, list[int]] = {}
        answers, self._answers, self._answers_size = self._answers, {}, 0
        for (application_id, key_id, operation_hash, datasets), sums in answers.items():
            _add(closed, (application_id, key_id, 0, 0, operation_hash), sums)
            touched = datasets or ((NO_DATASET, 0),)
            for index, (dataset_id, release_id) in enumerate(touched):
                share = _share(sums, index, len(touched))
                _add(closed, (application_id, key_id, dataset_id, release_id, operation_hash), share)
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
            log.warning("usage facts wait for the database: %s (%d waiting)", type(error).__name__, len(self._pending))
            await self._keep()
        except Exception:
            # The task must outlive whatever it is: without it nothing would be written any more, and nobody told.
            log.exception("usage facts could not be written (%d waiting)", len(self._pending))
            await self._keep()


def _share(sums: list[int], index: int, parts: int) -> list[int]:
    """Of one of the datasets that an answer touched: its requests and errors whole, the rest evenly, to the unit."""
    requests, points, size, errors, ms, database_us = sums
    points, size, ms, database_us = [(n + parts - 1 - index) // parts for n in (points, size, ms, database_us)]
    return [requests, points, size, errors, ms, database_us]


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
