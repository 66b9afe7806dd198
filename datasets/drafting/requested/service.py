"""Handing a file in to have a contract proposed for it, and asking for the proposal."""

from math import ceil

from publicgsb.datasets.contracts.names import SLUG
from publicgsb.datasets.drafting.requested import store
from publicgsb.datasets.drafting.requested.model import KEPT, KEPT_MAX, WAITING_MAX, DraftRequest
from publicgsb.datasets.jobs.model import Upload
from publicgsb.datasets.reviews.rights import actor_of, refuse_other_agency, refuse_reviewer
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound, RateLimited
from publicgsb.platform.kernel.held import refuse_beyond
from publicgsb.platform.kernel.ids import random_base62
from publicgsb.platform.kernel.texts import is_storable


async def refuse_to_ask(connections: Connections, caller: Caller, agency: str, dataset: str) -> None:
    """Raises what `ask` would say, before a byte of the file is read."""
    refuse_reviewer(caller)
    if not SLUG.fullmatch(dataset):
        raise InvalidRequest(
            "A dataset's name is lower-case letters, digits and _, at most 48 of them.",
            hint="For example road_signs.",
            reason="dataset",
        )
    async with connections.use() as connection:
        await refuse_other_agency(connection, caller.agency_id, agency)
        await _refuse_too_many(connection, caller.agency_id)
    refuse_beyond(caller, f"{agency}/{dataset}", frozenset())


async def ask(connections: Connections, caller: Caller, agency: str, dataset: str, upload: Upload) -> DraftRequest:
    """The jobs process proposes a contract for the file. RateLimited when too many of the agency wait, or were made."""
    request_id = f"drf_{random_base62(22)}"
    try:
        async with connections.transaction() as connection:
            await store.lock_agency(connection, caller.agency_id)
            await _refuse_too_many(connection, caller.agency_id)
            await store.insert(connection, request_id, caller.agency_id, dataset, actor_of(caller), upload)
            after = {"draft": request_id, "sha256": upload.sha256}
            await record(connection, actor_of(caller), "draft.request", f"{agency}/{dataset}", after=after)
            made = await store.by_id(connection, request_id)
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    assert made is not None
    return made


async def request_of(connections: Connections, caller: Caller, request_id: str) -> DraftRequest:
    """NotFound also for another agency's."""
    async with connections.use() as connection:
        found = await store.by_id(connection, request_id) if is_storable(request_id) else None
    if found is None or found.agency_id != caller.agency_id:
        raise NotFound("There is no such draft.", hint="A draft is kept for a day.")
    refuse_beyond(caller, found.name, frozenset())
    return found


async def _refuse_too_many(connection: Connection, agency_id: int) -> None:
    waiting, kept, frees_seconds = await store.kept(connection, agency_id)
    if waiting >= WAITING_MAX:
        raise RateLimited(
            f"{waiting} files of the agency wait for their drafts already.",
            reason="drafts",
            hint="Ask again when one of them is made.",
            retry_after_seconds=10,
        )
    if kept >= KEPT_MAX:
        raise RateLimited(
            f"{kept} drafts of the agency were made within a day.",
            reason="drafts",
            hint="Each is forgotten after a day.",
            retry_after_seconds=ceil(KEPT.total_seconds() if frees_seconds is None else frees_seconds),
        )
