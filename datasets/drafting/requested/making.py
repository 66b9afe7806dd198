"""The jobs process drafts what was handed in for it, one file after the other; the file goes whatever comes of it."""

from functools import partial
from pathlib import Path

from publicgsb.datasets.drafting.document import contract_yaml
from publicgsb.datasets.drafting.requested import store
from publicgsb.datasets.drafting.requested.model import KEPT, DraftRequest
from publicgsb.datasets.drafting.service import draft_file
from publicgsb.datasets.drafting.told import draft_json
from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.jobs.attempts import attempted, each_claimed
from publicgsb.datasets.jobs.store import upload_folder
from publicgsb.datasets.releases.session import private
from publicgsb.platform.kernel.database import Connection, Connections


async def make_drafts(connections: Connections, state_dir: Path, *, limits: Limits | None = None) -> int:
    """How many requests were tried."""
    async with connections.transaction() as connection:
        await store.forget(connection, KEPT.total_seconds())
    work = partial(_make, connections, state_dir, limits or Limits())
    return await each_claimed(connections, store.claim, work)


async def _make(connections: Connections, state_dir: Path, limits: Limits, request_id: str) -> None:
    async with private(connections) as connection:
        if not await store.try_lock(connection, request_id):
            return  # another process is at it, for longer than the pause
        attempt, request = await store.begin_attempt(connection, request_id), await store.by_id(connection, request_id)
        if attempt is None or request is None:
            return
        path = upload_folder(state_dir) / request.file_name
        await attempted(
            request_id,
            attempt,
            partial(_draft, connections, connection, state_dir, path, request, limits),
            partial(store.set_failed, connection, request_id),
            "draft",
        )
    path.unlink(missing_ok=True)


async def _draft(
    connections: Connections,
    connection: Connection,
    state_dir: Path,
    path: Path,
    request: DraftRequest,
    limits: Limits,
) -> None:
    drafted = await draft_file(connections, state_dir, path, request.agency, request.dataset, limits=limits)
    proposal = draft_json(drafted, request.agency, request.dataset)
    await store.set_made(connection, request.id, proposal, contract_yaml(drafted, request.agency, request.dataset))
