"""A publisher declares a contract: the same rules as an operator's, and none of it seen before it is approved.

Where an agency has its releases reviewed, a contract takes effect with the first approved release under it, so that one
review is of both: docs/decisions/0046.
"""

from publicgsb.datasets import registry_store
from publicgsb.datasets.agencies.service import declare_in
from publicgsb.datasets.contracts.model import AccessLevel, Contract
from publicgsb.datasets.declaring import store
from publicgsb.datasets.declaring.model import Outcome, Standing, Wish, etag_of
from publicgsb.datasets.notices.guard import Break, break_of
from publicgsb.datasets.notices.model import UsersOf
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.releases import store as releases
from publicgsb.datasets.reviews.rights import actor_of, refuse_other_agency, refuse_reviewer
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound, NotPermitted
from publicgsb.platform.kernel.etags import is_known, is_meant
from publicgsb.platform.kernel.held import refuse_beyond
from publicgsb.platform.kernel.pulse import barrier
from publicgsb.platform.kernel.texts import is_storable

UNRELEASED_MAX = 100  # datasets of an agency without a release: every worker keeps the contract of each


class _DryRunError(Exception):
    """Leaving the transaction by it undoes what was declared."""


async def refuse_to_declare(connections: Connections, caller: Caller, agency: str, dataset: str) -> None:
    """Raises what `declare` would say of the caller, before a byte of the contract is read."""
    refuse_reviewer(caller)
    async with connections.use() as connection:
        await refuse_other_agency(connection, caller.agency_id, agency)
    refuse_beyond(caller, f"{agency}/{dataset}", frozenset())


async def declare(
    connections: Connections, caller: Caller, wish: Wish, users_of: UsersOf, known: Registry | None = None
) -> Outcome:
    """The dataset of the caller's agency has this contract from now on, or from its next release on. `known` is a
    registry of whatever version, which saves parsing it anew.

    InvalidRequest with `status` 412 (`if_match`) when another is declared than the one it is to take the place of, 428
    when it does not say; Conflict (`too_many`), and what declaring a contract raises.
    """
    contract = wish.contract
    change: registry_store.Change | None = None
    try:
        async with connections.transaction() as connection:
            await registry_store.lock(connection)
            await refuse_other_agency(connection, caller.agency_id, contract.agency)
            before = await store.standing(connection, caller.agency_id, contract.dataset)
            _refuse_beyond(caller, contract, before)
            _check_place(wish, before)
            _refuse_unreviewed(contract, before)
            declaration, change = await declare_in(
                *(connection, contract, actor_of(caller)),
                declared_by=caller.person_id,
                waits=before.needs_review,
                known=known,
            )
            after = await store.standing(connection, caller.agency_id, contract.dataset)
            held = await _held(connection, contract)
            if wish.is_dry_run:
                raise _DryRunError
    except _DryRunError:
        change = None
    behind = (await barrier(connections, change.event_seq)).behind if change else 0
    # Nobody waits for the registry while usage is looked through.
    async with connections.use() as connection:
        users = await users_of(connection, after.dataset_id or 0, held.old.major, held.touched) if held else ()
    return Outcome(
        contract=contract,
        result=declaration.result,
        takes_effect=after.takes_effect,
        before=before.served if before.is_released else before.declared,
        was_released=before.is_released,
        held=held,
        users=tuple(users),
        is_dry_run=wish.is_dry_run,
        workers_behind=behind,
    )


async def declared(connections: Connections, caller: Caller, agency: str, dataset: str) -> Contract:
    """The newest, for anybody of the agency: it may not be in effect yet."""
    async with connections.use() as connection:
        await refuse_other_agency(connection, caller.agency_id, agency)
        refuse_beyond(caller, f"{agency}/{dataset}", frozenset())
        found = await store.standing(connection, caller.agency_id, dataset) if is_storable(dataset) else None
    if found is None or found.declared is None:
        raise NotFound(f"There is no dataset {agency}/{dataset}.", hint="PUT a contract here to declare it.")
    _refuse_beyond(caller, found.declared, found)
    return found.declared


async def _held(connection: Connection, contract: Contract) -> Break | None:
    return await break_of(connection, await releases.target(connection, contract.agency, contract.dataset))


def _refuse_beyond(caller: Caller, contract: Contract, before: Standing) -> None:
    levels: set[AccessLevel] = set()
    for one in (contract, before.declared, before.served):
        if one is not None:
            levels |= {one.access, *(one.access_of(field) for field in one.fields)}
    refuse_beyond(caller, contract.slug, levels - {AccessLevel.WITHHELD})


def _check_place(wish: Wish, before: Standing) -> None:
    """The same contract again is no change, so it needs no place."""
    etag, name = before.etag, wish.contract.slug
    if etag == etag_of(wish.contract):
        return
    shown = {"ETag": etag} if etag else {}
    if wish.if_match is not None and not is_meant(wish.if_match, etag):
        what = "There is no contract yet" if etag is None else "Another contract is declared by now"
        raise InvalidRequest(
            f"{what} of {name} than the one that If-Match names.",
            hint="GET this address shows the present one, and its ETag: look what was changed, and send yours again.",
            reason="if_match",
            status=412,
            headers=shown,
            etag=etag,
        )
    if wish.if_none_match is not None and etag is not None and is_known(wish.if_none_match, etag):
        raise InvalidRequest(f"{name} is declared already.", reason="if_none_match", status=412, headers=shown)
    if wish.if_match is None and etag is not None and not wish.is_dry_run:
        raise InvalidRequest(
            f"{name} has a contract, and the request does not say that it is this one that it changes.",
            hint="Send the ETag of the contract that you edited as If-Match, so that nobody's change is lost.",
            reason="if_match",
            status=428,
            headers=shown,
            etag=etag,
        )
    if etag is None and before.unreleased >= UNRELEASED_MAX:
        raise Conflict(
            f"{before.unreleased} datasets of the agency have no release yet.",
            hint="Release some of them first.",
            reason="too_many",
        )


def _refuse_unreviewed(contract: Contract, before: Standing) -> None:
    if contract.access is AccessLevel.WITHHELD and before.needs_review and before.etag != etag_of(contract):
        raise NotPermitted(
            f"{contract.slug} is withheld whole, so there is no release with which its contract could be reviewed.",
            reason="review_required",
            hint="An operator declares it: `gsb dataset add`.",
        )
