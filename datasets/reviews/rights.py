"""Who may do what with a submission, and with what an agency released."""

from publicgsb.datasets.agencies import store as agencies
from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.releases import store as releases
from publicgsb.datasets.reviews import store
from publicgsb.datasets.reviews.model import Submission, Submitter
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import NotFound, NotPermitted
from publicgsb.platform.kernel.held import refuse_beyond
from publicgsb.platform.kernel.texts import is_storable


def actor_of(caller: Caller) -> str:
    return f"person:{caller.person_id} key:{caller.key_id}"


def submitter_of(caller: Caller) -> Submitter:
    return Submitter(caller.agency_id, caller.person_id, actor_of(caller))


async def refuse_to_act(connections: Connections, caller: Caller, agency: str, dataset: str) -> None:
    """NotPermitted for whom the dataset is no matter of: another agency's, or a key that is not for it."""
    async with connections.use() as connection:
        await refuse_other_agency(connection, caller.agency_id, agency)
        await releases.target(connection, agency, dataset)  # NotFound
        await _refuse_beyond(connection, caller, agency, dataset)


def refuse_reviewer(caller: Caller) -> None:
    if caller.role == "reviewer":
        raise NotPermitted(
            "A reviewer hands in nothing: nobody reviews their own submission.",
            reason="reviewer",
            hint="A publisher of the agency has a key for this.",
        )


async def refuse_other_agency(connection: Connection, agency_id: int, slug: str) -> None:
    agency = await agencies.agency(connection, slug) if is_storable(slug) else None
    if agency is None:
        raise NotFound(f"There is no agency {slug}.")
    if agency.id != agency_id:
        raise NotPermitted("This key belongs to another agency.", reason="other_agency")


def refuse_to_decide(caller: Caller, submission: Submission) -> None:
    if caller.person_id == submission.submitted_by:
        raise NotPermitted(
            "Nobody reviews their own submission.",
            reason="own_submission",
            hint="A reviewer of the agency decides, with a key of their own; who handed it in can withdraw it.",
        )
    is_deputy = caller.person_id == submission.deputy_id and submission.reminded_at is not None
    if caller.role != "reviewer" and not is_deputy:
        raise NotPermitted(
            "This is for a reviewer of the agency, or for its deputy once the reviewers have been reminded.",
            reason="reviewer",
            hint="gsb agency key … --role reviewer makes a reviewer's key.",
        )


async def own(connection: Connection, caller: Caller, submission_id: str) -> Submission:
    """Locked until the transaction ends, and read after that."""
    await store.lock(connection, submission_id)
    return await of_agency(connection, caller, submission_id)


async def of_agency(connection: Connection, caller: Caller, submission_id: str) -> Submission:
    submission = await store.by_id(connection, submission_id)
    if submission is None or submission.agency_id != caller.agency_id:
        raise NotFound("There is no such submission.")
    await _refuse_beyond(connection, caller, submission.agency, submission.dataset)
    return submission


async def _refuse_beyond(connection: Connection, caller: Caller, agency: str, dataset: str) -> None:
    """A key that is held to datasets or levels; what is withheld is in no release."""
    if caller.only is None and caller.levels is None:
        return
    contract = (await releases.target(connection, agency, dataset)).contract
    levels = {contract.access, *(contract.access_of(field) for field in contract.fields)}
    refuse_beyond(caller, f"{agency}/{dataset}", levels - {AccessLevel.WITHHELD})
