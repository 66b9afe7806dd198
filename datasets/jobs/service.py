"""Handing in a file, and asking what became of it."""

from collections.abc import AsyncIterator
from datetime import date
from hashlib import sha256
from pathlib import Path

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.jobs import store
from publicgsb.datasets.jobs.model import Job, Submitted, Upload
from publicgsb.datasets.releases import store as releases
from publicgsb.datasets.releases.modes import Mode
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.durable import to_disk
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound, Unavailable
from publicgsb.platform.kernel.full_disk import is_full, no_room
from publicgsb.platform.kernel.ids import random_base62
from publicgsb.platform.kernel.texts import is_storable


async def receive(state_dir: Path, chunks: AsyncIterator[bytes], bytes_max: int) -> Upload:
    """The body as a file in the upload folder, bounded while it comes in; 413 beyond the bound.

    On the disk when this returns, and so is its name: its job, which is written next, never names a file that the loss
    of the machine's power takes away.
    """
    folder = store.upload_folder(state_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{random_base62(22)}.upload"
    path.touch(mode=0o600)
    digest, size = sha256(), 0
    try:
        with path.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > bytes_max:
                    raise too_large(bytes_max)
                digest.update(chunk)
                file.write(chunk)
        if size == 0:
            raise InvalidRequest("The body is empty.", hint="Send the file's bytes as the body.", reason="empty")
        await to_disk(path, state_dir)  # where the folder may be new
    except OSError as error:
        path.unlink(missing_ok=True)
        if is_full(error):
            raise no_room(error) from error
        raise Unavailable("The file could not be kept.", reason="storage", retry_after_seconds=60) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Upload(path, digest.hexdigest(), size)


def too_large(bytes_max: int) -> InvalidRequest:
    return InvalidRequest(
        f"The file is larger than {bytes_max} bytes.",
        hint="Compress it with gzip, or ask the operator for a higher bound.",
        reason="too_large",
        status=413,
        bytes_max=bytes_max,
    )


async def submit(
    connections: Connections,
    agency: str,
    dataset: str,
    idempotency_key: str,
    upload: Upload,
    actor: str,
    *,
    agency_id: int,
    as_of: date | None = None,
    mode: Mode = Mode.FULL,
    notes: Label | None = None,
) -> Submitted:
    """A queued job. The same key with the same file gives the first job again, with another file Conflict."""
    job_id = f"job_{random_base62(22)}"
    is_new = False
    try:
        async with connections.transaction() as connection:
            target = await releases.target(connection, agency, dataset)
            is_new = await store.insert(
                *(connection, job_id, agency_id, target.dataset_id, idempotency_key, upload, as_of, actor, mode),
                notes=notes,
            )
            job = await (
                store.by_id(connection, job_id)
                if is_new
                else store.by_idempotency_key(connection, agency_id, idempotency_key)
            )
            if is_new:
                after = {"job": job_id, "sha256": upload.sha256}
                await record(connection, actor, "dataset.upload", f"{agency}/{dataset}", after=after)
    finally:
        if not is_new:
            upload.path.unlink(missing_ok=True)
    assert job is not None
    wished = (target.dataset_id, upload.sha256, as_of, mode, notes)
    if (job.dataset_id, job.file_sha256, job.as_of, job.mode, job.notes) != wished:
        raise Conflict(
            "This Idempotency-Key was used before for another file, dataset, date, mode or notes.",
            hint="Send a new key with a new file.",
            reason="idempotency_key",
        )
    return Submitted(job, is_new)


async def job_of(connections: Connections, agency_id: int, job_id: str) -> Job:
    """NotFound also for the job of another agency."""
    async with connections.use() as connection:
        job = await store.by_id(connection, job_id) if is_storable(job_id) else None
    if job is None or job.agency_id != agency_id:
        raise NotFound("There is no such job.")
    return job
