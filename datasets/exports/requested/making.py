"""The jobs process makes what was asked for, one after the other; a killed attempt counts, and is begun anew."""

import json
import logging
from pathlib import Path
from typing import Any

from publicgsb.datasets.exports.making import MAKER, making, own_folder
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.exports.requested import store
from publicgsb.datasets.exports.requested.model import ExportRequest
from publicgsb.datasets.exports.requested.service import Asked, source_of, touched_levels
from publicgsb.datasets.exports.writing import Source, write
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest, TimedOut, Unavailable

AT_A_TIME = 16
ATTEMPTS_MAX = 3
PAUSE_SECONDS = 10.0

log = logging.getLogger(__name__)


async def make_requested(connections: Connections, objects: Objects, state_dir: Path) -> int:
    """How many requests were tried."""
    async with connections.use() as connection:
        waiting = await store.due(connection, AT_A_TIME)
    tried = 0
    for request_id in waiting:
        tried += await _make(connections, objects, state_dir, request_id)
    return tried


async def _make(connections: Connections, objects: Objects, state_dir: Path, request_id: str) -> bool:
    async with making(connections) as connection:
        if not await store.try_lock(connection, request_id):
            return False
        attempt = await store.begin_attempt(connection, request_id, PAUSE_SECONDS)
        request = await store.by_id(connection, request_id)
        if attempt is None or request is None:
            return False
        if attempt > ATTEMPTS_MAX:  # each of them ended its process
            await _end(connection, request, {"code": "INTERNAL"})
            return True
        try:
            await _write(connection, objects, state_dir, request)
        except Exception as error:
            if isinstance(error, Unavailable | TimedOut) and error.details.get("reason") != "objects":
                raise  # the database is away: the attempt is begun again
            log.warning("export %s was not made: %s", request_id, type(error).__name__)
            await _failed(connection, request, attempt, error)
    return True


async def _write(connection: Connection, objects: Objects, state_dir: Path, request: ExportRequest) -> None:
    """Raises what says why not: a release that was recalled meanwhile, a field that was withheld."""
    source = await _source(connection, request)
    with own_folder(state_dir) as folder:
        written, _ = await write(connection, source, folder, frozenset({request.format}))
        if not written:
            raise InvalidRequest("There are too many rows for a workbook.", reason="too_many_rows")
        for one in written:
            await objects.put(one.part.sha256, one.path)
        parts = [one.part for one in written]
        async with connection.transaction():
            await store.set_made(connection, request.id, parts)
            await _note(connection, "export.make", request, {"state": "made", "bytes": sum(one.bytes for one in parts)})


async def _source(connection: Connection, request: ExportRequest) -> Source:
    entry = (await load_registry(connection)).dataset(request.agency, request.dataset)
    release = entry.release(request.seq)
    touched_levels(entry, release, request.fields, request.conditions)
    return source_of(entry, release, Asked(request.format, request.fields, request.conditions))


async def _failed(connection: Connection, request: ExportRequest, attempt: int, error: Exception) -> None:
    """What the caller can do something about ends it at once; what is ours is tried again."""
    is_final = isinstance(error, GsbError) and not error.retryable and error.http_status < 500
    if is_final or attempt >= ATTEMPTS_MAX:
        told = {"code": error.code, "message": error.message} if isinstance(error, GsbError) else {"code": "INTERNAL"}
        await _end(connection, request, told)


async def _end(connection: Connection, request: ExportRequest, why: dict[str, str]) -> None:
    async with connection.transaction():
        await store.set_failed(connection, request.id, json.dumps(why, ensure_ascii=False))
        await _note(connection, "export.fail", request, {"state": "failed", "code": why["code"]})


async def _note(connection: Connection, action: str, request: ExportRequest, after: dict[str, Any]) -> None:
    before = {"state": request.state.value}
    name = f"{request.agency}/{request.dataset}"
    await record(connection, MAKER, action, f"export:{request.id}", before=before, after=after, dataset=name)
