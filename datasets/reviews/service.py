"""Handing a file in, approving it, sending it back, withdrawing it: who may, and what follows.

Nobody reviews their own: the database says so too (`nobody_reviews_their_own`).
"""

from datetime import UTC, date, datetime

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.jobs import service as jobs
from publicgsb.datasets.jobs.model import Job, Purpose, Upload
from publicgsb.datasets.notices.guard import refuse_unannounced
from publicgsb.datasets.privacy.version import GATE_VERSION
from publicgsb.datasets.releases import store as releases
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.reviews import store
from publicgsb.datasets.reviews.model import OPEN_STATES, State, Submission, Submitter
from publicgsb.datasets.reviews.rights import (
    actor_of,
    of_agency,
    own,
    refuse_other_agency,
    refuse_reviewer,
    refuse_to_act,
    refuse_to_decide,
)
from publicgsb.datasets.reviews.steps import check_again, found_of, give_up, lapse, note, queue_job
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotPermitted
from publicgsb.platform.kernel.ids import random_base62
from publicgsb.platform.kernel.texts import is_storable

REASON_LENGTH_MAX = 2_000
EMBARGO_DAYS_MAX = 366
OPEN_MAX = 20  # of one dataset: each keeps its file on disk


_STORED_AS = {
    State.EMBARGOED: State.APPROVED,
    State.SUPERSEDED: State.PUBLISHED,
    State.RECALLED: State.PUBLISHED,
}


async def receive_upload(
    connections: Connections,
    submitter: Submitter,
    agency: str,
    dataset: str,
    idempotency_key: str,
    upload: Upload,
    *,
    as_of: date | None = None,
    mode: Mode = Mode.FULL,
    notes: Label | None = None,
) -> tuple[Job, bool]:
    """A release comes of an uploaded or fetched file, or a submission where the agency has them reviewed.

    The job that makes it, and whether that is new.
    """
    async with connections.use() as connection:
        target = await releases.target(connection, agency, dataset)
    if not target.needs_review:
        submitted = await jobs.submit(
            *(connections, agency, dataset, idempotency_key, upload, submitter.actor),
            agency_id=submitter.agency_id,
            as_of=as_of,
            mode=mode,
            notes=notes,
        )
        return submitted.job, submitted.is_new
    submission, is_new = await hand_in(
        *(connections, submitter, agency, dataset, idempotency_key, upload), as_of=as_of, mode=mode, notes=notes
    )
    if submission.job_id is None:
        raise Conflict(
            "This Idempotency-Key was used for a draft.",
            hint=f"POST /api/v1/submissions/{submission.id}/submit hands it in.",
            reason="idempotency_key",
        )
    return await jobs.job_of(connections, submitter.agency_id, submission.job_id), is_new


async def hand_in(
    connections: Connections,
    submitter: Submitter,
    agency: str,
    dataset: str,
    idempotency_key: str,
    upload: Upload,
    *,
    as_of: date | None = None,
    mode: Mode = Mode.FULL,
    embargo_until: datetime | None = None,
    is_draft: bool = False,
    notes: Label | None = None,
) -> tuple[Submission, bool]:
    """A submission that is being checked, or a draft that is not; and whether it is new. The upload's file is its own.

    The same key with the same file gives the first submission again, with another file Conflict.
    """
    submission_id = f"sub_{random_base62(22)}"
    is_new = False
    try:
        _check_embargo(embargo_until)
        async with connections.transaction() as connection:
            await refuse_other_agency(connection, submitter.agency_id, agency)
            target = await releases.target(connection, agency, dataset)
            is_known = await store.by_idempotency_key(connection, submitter.agency_id, idempotency_key) is not None
            if not is_known and await store.count_open(connection, target.dataset_id) >= OPEN_MAX:
                raise Conflict(
                    f"{OPEN_MAX} submissions of {agency}/{dataset} are open, and each keeps its file.",
                    reason="too_many",
                    hint="Withdraw some, or have them decided on.",
                )
            is_new = await store.insert(
                connection,
                submission_id,
                State.DRAFT if is_draft else State.VALIDATING,
                submitter=submitter,
                dataset_id=target.dataset_id,
                idempotency_key=idempotency_key,
                upload=upload,
                as_of=as_of,
                mode=mode,
                embargo_until=embargo_until,
                notes=notes,
            )
            if is_new:
                made = await found_of(connection, submission_id)
                if not is_draft:
                    await queue_job(connection, made, Purpose.CHECK, 1)
                await note(connection, submitter.actor, "hand_in", made, None, made.stored, sha256=upload.sha256)
            submission = await (
                store.by_id(connection, submission_id)
                if is_new
                else store.by_idempotency_key(connection, submitter.agency_id, idempotency_key)
            )
    finally:
        if not is_new:
            upload.path.unlink(missing_ok=True)
    assert submission is not None
    what = (submission.dataset_id, submission.file_sha256, submission.as_of, submission.mode, submission.notes)
    if what != (target.dataset_id, upload.sha256, as_of, mode, notes):
        raise Conflict(
            "This Idempotency-Key was used before for another file, dataset, date, mode or notes.",
            hint="Send a new key with a new file.",
            reason="idempotency_key",
        )
    return submission, is_new


async def refuse_to_hand_in(connections: Connections, caller: Caller, agency: str, dataset: str) -> None:
    """Raises what `hand_in` would say of the caller, before a byte of the file is read."""
    refuse_reviewer(caller)
    await refuse_to_act(connections, caller, agency, dataset)


async def submit(connections: Connections, caller: Caller, submission_id: str) -> Submission:
    """A draft goes to be checked, and from there into review."""
    async with connections.transaction() as connection:
        submission = await own(connection, caller, submission_id)
        refuse_reviewer(caller)
        _must_be(submission, State.DRAFT)
        await check_again(connection, submission, None)
        await note(connection, actor_of(caller), "submit", submission, State.DRAFT, State.VALIDATING)
        return await found_of(connection, submission_id)


async def approve(
    connections: Connections, caller: Caller, submission_id: str, *, file_sha256: str | None = None
) -> Submission:
    """For its file, its contract and the rules of the gate as they are now; the jobs process publishes it, once its
    embargo is over. Conflict (`lapsed`) when any of them is another by now: it is checked again; and
    (`breaking_not_announced`) while its contract breaks what callers use.
    """
    has_lapsed = False
    async with connections.transaction() as connection:
        submission = await own(connection, caller, submission_id)
        refuse_to_decide(caller, submission)
        _must_be(submission, State.IN_REVIEW)
        if file_sha256 is not None and file_sha256 != submission.file_sha256:
            raise Conflict(
                "The submission is of another file.",
                reason="file",
                hint="Look at it again, and approve it by the SHA-256 that its page shows.",
                file_sha256=submission.file_sha256,
            )
        if await store.contract_by(connection, submission.id) == caller.person_id:
            raise NotPermitted(
                "Nobody approves the first release under a contract that they declared.", reason="own_contract"
            )
        has_lapsed = not submission.holds(GATE_VERSION)
        if has_lapsed:
            await lapse(connection, submission)
        else:
            await refuse_unannounced(
                connection, await releases.target(connection, submission.agency, submission.dataset)
            )
            await store.set_decided(connection, submission.id, State.APPROVED, caller.person_id, None)
            await queue_job(
                connection, submission, Purpose.PUBLISH, submission.checks, not_before=submission.embargo_until
            )
            await note(
                *(connection, actor_of(caller), "approve", submission, State.IN_REVIEW, State.APPROVED),
                sha256=submission.file_sha256,
                contract=submission.contract_now[1],
                gate=GATE_VERSION,
            )
        found = await found_of(connection, submission_id)
    if has_lapsed:
        raise Conflict(
            "Contract, rules of the gate or the release it changes are others than those checked; it is checked again.",
            reason="lapsed",
            hint="Look at it again once it is back in review.",
        )
    return found


async def send_back(connections: Connections, caller: Caller, submission_id: str, reason: str) -> Submission:
    """With a reason for its submitter, who hands in a corrected file anew. Also what was approved, until it is out."""
    text = _reason(reason)
    async with connections.transaction() as connection:
        submission = await own(connection, caller, submission_id)
        refuse_to_decide(caller, submission)
        _must_be(submission, State.IN_REVIEW, State.APPROVED)
        await store.set_decided(connection, submission.id, State.SENT_BACK, caller.person_id, text)
        await give_up(connection, submission, "It was sent back.")
        await note(
            connection, actor_of(caller), "send_back", submission, submission.stored, State.SENT_BACK, reason=text
        )
        return await found_of(connection, submission_id)


async def withdraw_submission(
    connections: Connections, caller: Caller, submission_id: str, reason: str | None = None
) -> Submission:
    """By any publisher of the agency, until it is published."""
    text = _reason(reason) if reason else None
    async with connections.transaction() as connection:
        submission = await own(connection, caller, submission_id)
        refuse_reviewer(caller)
        _must_be(submission, *OPEN_STATES)
        await store.set_withdrawn(connection, submission.id, text)
        await give_up(connection, submission, "Its submission was withdrawn.")
        await note(
            connection, actor_of(caller), "withdraw", submission, submission.stored, State.WITHDRAWN, reason=text
        )
        return await found_of(connection, submission_id)


async def submission_of(connections: Connections, caller: Caller, submission_id: str) -> Submission:
    """NotFound also for another agency's."""
    async with connections.use() as connection:
        return await of_agency(connection, caller, submission_id)


async def submissions_of(
    connections: Connections, agency_id: int | None, states: list[State] | None = None
) -> list[Submission]:
    """Newest first; what a state means that follows from the registry is looked at as well."""
    now = datetime.now(UTC)
    stored = [_STORED_AS.get(state, state) for state in states] if states is not None else None
    async with connections.use() as connection:
        found = await store.of_agency(connection, agency_id, stored)
    return [one for one in found if states is None or one.state(now) in states]


def _must_be(submission: Submission, *states: State) -> None:
    if submission.stored not in states:
        raise Conflict(
            f"The submission is {submission.stored.value.replace('_', ' ')}.",
            reason="state",
            state=submission.stored.value,
        )


def _reason(text: str) -> str:
    stripped = text.strip()
    if not stripped or len(stripped) > REASON_LENGTH_MAX or not is_storable(stripped):
        raise InvalidRequest(f"A reason has 1 to {REASON_LENGTH_MAX} characters.", reason="reason")
    return stripped


def _check_embargo(until: datetime | None) -> None:
    if until is None:
        return
    days = (until - datetime.now(UTC)).total_seconds() / 86_400
    if not 0 < days <= EMBARGO_DAYS_MAX:
        raise InvalidRequest(
            f"An embargo ends in the future, within {EMBARGO_DAYS_MAX} days.",
            reason="embargo",
            hint="For example 2026-12-24T08:00:00+03:30.",
        )
