"""Files are fetched when they are due; one that changed becomes a job like an uploaded one."""

import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from publicgsb.datasets.fetching import store
from publicgsb.datasets.fetching.getting import get
from publicgsb.datasets.fetching.model import EVERY_SECONDS_MIN, Got, Known, Rules, Source
from publicgsb.datasets.releases import store as releases
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.reviews.model import Submitter
from publicgsb.datasets.reviews.service import receive_upload
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, GsbError, InvalidRequest, NotFound
from publicgsb.platform.kernel.outward import parse_target

ACTOR = "system:source"
ROUND_MAX = 50  # sources that one look goes through

Getter: TypeAlias = Callable[[str, Known, Rules, Path], Awaitable[Got]]

log = logging.getLogger(__name__)


async def set_source(
    connections: Connections,
    agency: str,
    dataset: str,
    url: str,
    mode: Mode,
    every_seconds: int,
    rules: Rules,
    actor: str,
) -> None:
    """From now on the file at `url` is looked at every so many seconds, at once the first time."""
    if every_seconds < EVERY_SECONDS_MIN:
        raise InvalidRequest(f"A source is looked at every {EVERY_SECONDS_MIN} seconds at most.", reason="every")
    target = parse_target(url, http_is_allowed=rules.http_is_allowed, private_is_allowed=rules.private_is_allowed)
    async with connections.transaction() as connection:
        dataset_id = (await releases.target(connection, agency, dataset)).dataset_id
        await store.put(connection, dataset_id, url, mode, every_seconds)
        after = {"host": target.authority, "mode": mode.value, "everySeconds": every_seconds}
        await record(connection, actor, "dataset.source", f"{agency}/{dataset}", after=after)


async def drop_source(connections: Connections, agency: str, dataset: str, actor: str) -> None:
    async with connections.transaction() as connection:
        dataset_id = (await releases.target(connection, agency, dataset)).dataset_id
        if not await store.drop(connection, dataset_id):
            raise NotFound(f"{agency}/{dataset} has no source.")
        await record(connection, actor, "dataset.source", f"{agency}/{dataset}", after={"host": None})


async def list_sources(connections: Connections) -> list[Source]:
    async with connections.use() as connection:
        return await store.sources(connection)


async def fetch_due(connections: Connections, state_dir: Path, rules: Rules, getter: Getter = get) -> int:
    """Looks at every source that is due, one after another; says how many files were handed in."""
    handed_in = 0
    for _ in range(ROUND_MAX):
        async with connections.transaction() as connection:
            # Longer than a look can take: whoever dies in the middle leaves it to be due again.
            source = await store.claim(connection, rules.seconds_max + 60.0)
        if source is None:
            break
        handed_in += await _look(connections, state_dir, rules, source, getter)
    return handed_in


async def _look(connections: Connections, state_dir: Path, rules: Rules, source: Source, getter: Getter) -> bool:
    try:
        got = await getter(source.url, source.known, rules, state_dir)
        job_id = await _hand_in(connections, source, got)
    except GsbError as error:
        log.warning("the source of %s was not fetched: %s", source.name, error.message)
        is_taken = isinstance(error, Conflict) and error.details.get("reason") == "idempotency_key"
        async with connections.transaction() as connection:
            await store.failed(connection, source, error.message, takes_number=is_taken)
        return False
    except Exception as error:  # whatever it is, the other sources are looked at
        # Its words may hold the address, which holds secrets; its kind and place do not.
        at = traceback.extract_tb(error.__traceback__)[-1]
        log.error("the source of %s failed: %s in %s:%s", source.name, type(error).__name__, at.name, at.lineno)
        async with connections.transaction() as connection:
            await store.failed(connection, source, "The source could not be looked at.", takes_number=False)
        return False
    async with connections.transaction() as connection:
        sha256 = got.upload.sha256 if got.upload else None
        await store.checked(connection, source, got.known, sha256, job_id)
    return job_id is not None


async def _hand_in(connections: Connections, source: Source, got: Got) -> str | None:
    """The job of a file that is another one than the last; numbered, so that a crash in between repeats nothing."""
    if got.upload is None:
        return None
    if got.upload.sha256 == source.file_sha256:
        got.upload.path.unlink(missing_ok=True)
        return None
    job, _ = await receive_upload(
        connections,
        Submitter(source.agency_id, None, ACTOR),
        source.agency,
        source.dataset,
        f"source-{source.dataset_id}-{source.changes + 1}",
        got.upload,
        mode=source.mode,
    )
    return job.id
