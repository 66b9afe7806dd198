"""Asking for a file to be looked at, and for what was found; a contract for it may come first.

A given contract goes through a dry run of its declaration, so nobody counts links by one that they may not declare.
"""

from math import ceil

from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.declaring.model import Outcome, Wish
from publicgsb.datasets.declaring.service import declare
from publicgsb.datasets.jobs.model import Upload
from publicgsb.datasets.notices.model import UsersOf
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.reviews.rights import actor_of, refuse_reviewer, refuse_to_act
from publicgsb.datasets.validating import store
from publicgsb.datasets.validating.model import KEPT, KEPT_MAX, QUEUED_MAX, New, Validation, ValidationState
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, NotFound, RateLimited
from publicgsb.platform.kernel.held import refuse_beyond
from publicgsb.platform.kernel.ids import random_base62
from publicgsb.platform.kernel.texts import is_storable


async def refuse_to_validate(connections: Connections, caller: Caller, agency: str, dataset: str) -> None:
    """Raises what `validate` would say, before a byte of the file is read."""
    refuse_reviewer(caller)
    await refuse_to_act(connections, caller, agency, dataset)
    await refuse_too_many(connections, caller)


async def refuse_too_many(connections: Connections, caller: Caller) -> None:
    async with connections.use() as connection:
        await _refuse_too_many(connection, caller.agency_id)


async def validate(
    connections: Connections, caller: Caller, agency: str, dataset: str, upload: Upload, mode: Mode
) -> Validation:
    """Under the contract that the next release of the dataset would have."""
    return await _begin(connections, caller, agency, New(dataset, mode, upload))


async def validate_under(
    connections: Connections, caller: Caller, wish: Wish, users_of: UsersOf, known: Registry
) -> tuple[Validation, Outcome]:
    """Under a contract that need not be declared, once its file comes; with what declaring it would come to."""
    await refuse_too_many(connections, caller)
    outcome = await declare(connections, caller, wish, users_of, known)
    new = New(wish.contract.dataset, Mode.FULL, contract=render(wish.contract))
    return await _begin(connections, caller, wish.contract.agency, new), outcome


async def refuse_to_give(connections: Connections, caller: Caller, validation_id: str) -> None:
    """Raises what `give_file` would say, before a byte of the file is read."""
    refuse_reviewer(caller)
    async with connections.use() as connection:
        found = await _of(connection, caller, validation_id)
        if found.state is ValidationState.WAITING:
            await _refuse_too_many(connection, caller.agency_id, is_counted=True)


async def give_file(
    connections: Connections, caller: Caller, validation_id: str, upload: Upload, mode: Mode
) -> Validation:
    """The file of one that waits for it; the same one again is no news, another one is Conflict."""
    is_taken = False
    try:
        async with connections.transaction() as connection:
            await store.lock_agency(connection, caller.agency_id)
            found = await _of(connection, caller, validation_id)
            refuse_reviewer(caller)
            if found.state is ValidationState.WAITING:
                await _refuse_too_many(connection, caller.agency_id, is_counted=True)
                is_taken = await store.set_file(connection, validation_id, mode, upload)
                await _note(connection, caller, found.name, validation_id, upload)
                found = await _of(connection, caller, validation_id)
    finally:
        if not is_taken:
            upload.path.unlink(missing_ok=True)
    if (found.file_sha256, found.mode) != (upload.sha256, mode):
        raise Conflict(
            "The validation has its file, and it is another one or of another mode.",
            reason="state",
            hint="Send the contract again: each file has a validation of its own.",
        )
    return found


async def validation_of(connections: Connections, caller: Caller, validation_id: str) -> Validation:
    """NotFound also for another agency's."""
    async with connections.use() as connection:
        return await _of(connection, caller, validation_id)


async def _begin(connections: Connections, caller: Caller, agency: str, new: New) -> Validation:
    validation_id = f"val_{random_base62(22)}"
    try:
        async with connections.transaction() as connection:
            await store.lock_agency(connection, caller.agency_id)
            await _refuse_too_many(connection, caller.agency_id)
            await store.insert(connection, validation_id, caller.agency_id, new, actor_of(caller))
            await _note(connection, caller, f"{agency}/{new.dataset}", validation_id, new.upload)
            return await _of(connection, caller, validation_id)
    except BaseException:
        if new.upload is not None:
            new.upload.path.unlink(missing_ok=True)
        raise


async def _of(connection: Connection, caller: Caller, validation_id: str) -> Validation:
    found = await store.by_id(connection, validation_id) if is_storable(validation_id) else None
    if found is None or found.agency_id != caller.agency_id:
        raise NotFound("There is no such validation.", hint="Its report is kept for a day, its contract for an hour.")
    refuse_beyond(caller, found.name, frozenset())
    return found


async def _note(connection: Connection, caller: Caller, name: str, validation_id: str, upload: Upload | None) -> None:
    after = {"validation": validation_id, "sha256": upload.sha256 if upload else None}
    await record(connection, actor_of(caller), "validation.request", name, after=after)


async def _refuse_too_many(connection: Connection, agency_id: int, *, is_counted: bool = False) -> None:
    """`is_counted`: the one that asks is among those that are kept."""
    queued, kept, frees_seconds = await store.kept(connection, agency_id)
    if queued >= QUEUED_MAX:
        raise RateLimited(
            f"{queued} files of the agency wait to be looked at already.",
            reason="validations",
            hint="Ask again when the report of one is there.",
            retry_after_seconds=10,
        )
    if kept - is_counted >= KEPT_MAX:
        raise RateLimited(
            f"{kept} files of the agency were looked at within a day.",
            reason="validations",
            hint="Each report is forgotten after a day.",
            retry_after_seconds=ceil(KEPT.total_seconds() if frees_seconds is None else frees_seconds),
        )
