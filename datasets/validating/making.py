"""The jobs process looks at what is to be validated, one file after the other; the file goes whatever is found."""

from functools import partial
from pathlib import Path
from typing import Any

from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.jobs.attempts import attempted, each_claimed
from publicgsb.datasets.jobs.store import upload_folder
from publicgsb.datasets.releases.model import Built
from publicgsb.datasets.releases.service import try_file
from publicgsb.datasets.releases.session import private
from publicgsb.datasets.reviews.examining import examined
from publicgsb.datasets.validating import store
from publicgsb.datasets.validating.model import KEPT, WAITS, Validation, ValidationState
from publicgsb.platform.kernel.database import Connection, Connections


async def look_at_files(connections: Connections, state_dir: Path, *, limits: Limits | None = None) -> int:
    """How many were tried."""
    async with connections.transaction() as connection:
        await store.forget(connection, KEPT.total_seconds(), WAITS.total_seconds())
    work = partial(_look_at, connections, state_dir, limits or Limits())
    return await each_claimed(connections, store.claim, work)


async def _look_at(connections: Connections, state_dir: Path, limits: Limits, validation_id: str) -> None:
    async with private(connections) as connection:
        if not await store.try_lock(connection, validation_id):
            return  # another process is at it, for longer than the pause
        attempt, found = (
            await store.begin_attempt(connection, validation_id),
            await store.by_id(connection, validation_id),
        )
        if attempt is None or found is None or found.file_name is None:
            return
        path = upload_folder(state_dir) / found.file_name
        await attempted(
            validation_id,
            attempt,
            partial(_judge, connections, connection, state_dir, path, found, limits),
            partial(store.set_failed, connection, validation_id),
            "validation",
        )
    path.unlink(missing_ok=True)


async def _judge(
    connections: Connections,
    connection: Connection,
    state_dir: Path,
    path: Path,
    validation: Validation,
    limits: Limits,
) -> None:
    seen: list[dict[str, Any]] = []

    async def look(building: Connection, built: Built) -> None:
        seen.append(await examined(building, built))

    report = await try_file(
        *(connections, state_dir, validation.agency, validation.dataset, path),
        contract=validation.contract,
        mode=validation.mode,
        limits=limits,
        examine=look,
    )
    state = ValidationState.GOOD if report.is_releasable else ValidationState.REFUSED
    await store.set_judged(connection, validation.id, state, report.as_json(), seen[0] if seen else None)
