"""Handing a file in, approving it, sending it back, withdrawing it: who may, and what follows.

Nobody reviews their own: the database says so too (`nobody_reviews_their_own`).
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from publicgsb.datasets.agencies import store as agencies
from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.jobs import service as jobs
from publicgsb.datasets.jobs import store as jobs_store
from publicgsb.datasets.jobs.model import Job, Purpose, Upload
from publicgsb.datasets.privacy.version import GATE_VERSION
from publicgsb.datasets.releases import store as releases
from publicgsb.datasets.reviews import store
from publicgsb.datasets.reviews.model import OPEN_STATES, State, Submission
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound, NotPermitted
from publicgsb.platform.kernel.held import refuse_beyond
from publicgsb.platform.kernel.ids import random_base62
from publicgsb.platform.kernel.outbox import publish

REASON_LENGTH_MAX = 2_000
EMBARGO_DAYS_MAX = 366
OPEN_MAX = 20  # of one dataset: each keeps its file on disk


_STORED_AS = {
    State.EMBARGOED: State.APPROVED,
    State.SUPERSEDED: State.PUBLISHED,
    State.RECALLED: State.PUBLISHED,
}


def actor_of(caller: Caller) -> str:
    return f"person:{caller.person_id} key:{caller.key_id}"


async def receive_upload(
    connections: Connections,
    caller: Caller,
    agency: str,
    dataset: str,
    idempotency_key: str,
    upload: Upload,
    *,
    as_of: date | None = None,
) -> tuple[Job, bool]:
    """What becomes of an uploaded file: a release, or where the agency has them reviewed a submission; and whether the
    job is new.
    """
    async with connections.use() as connection:
        target = await releases.target(connection, agency, dataset)
    if not target.needs_review:
        submitted = await jobs.submit(
            *(connections, agency, dataset, idempotency_key, upload, actor_of(caller)),
            agency_id=caller.agency_id,
            as_of=as_of,
        )
        return submitted.job, submitted.is_new
    submission, is_new = await hand_in(connections, caller, agency, dataset, idempotency_key, upload, as_of=as_of)
    assert submission.job_id is not None
    return await jobs.job_of(connections, caller.agency_id, submission.job_id), is_new


async def hand_in(
    connections: Connections,
    caller: Caller,
    agency: str,
    dataset: str,
    idempotency_key: str,
    upload: Upload,
    *,
    as_of: date | None = None,
    embargo_until: datetime | None = None,
    is_draft: bool = False,
) -> tuple[Submission, bool]:
    """A submission that is being checked, or a draft that is not; and whether it is new. The upload's file is its own.

    The same key with the same file gives the first submission again, with another file Conflict.
    """
    submission_id = f"sub_{random_base62(22)}"
    is_new = False
    try:
        refuse_reviewer(caller)
        _check_embargo(embargo_until)
        async with connections.transaction() as connection:
            await _refuse_other_agency(connection, caller, agency)
            target = await releases.target(connection, agency, dataset)
            is_known = await store.by_idempotency_key(connection, caller.agency_id, idempotency_key) is not None
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
                agency_id=caller.agency_id,
                dataset_id=target.dataset_id,
                idempotency_key=idempotency_key,
                upload=upload,
                as_of=as_of,
                embargo_until=embargo_until,
                person_id=caller.person_id,
                actor=actor_of(caller),
            )
            if is_new:
                made = await _found(connection, submission_id)
                if not is_draft:
                    await queue_job(connection, made, Purpose.CHECK, 1)
                await _noted(connection, caller, "hand_in", made, None, made.stored, sha256=upload.sha256)
            submission = await (
                store.by_id(connection, submission_id)
                if is_new
                else store.by_idempotency_key(connection, caller.agency_id, idempotency_key)
            )
    finally:
        if not is_new:
            upload.path.unlink(missing_ok=True)
    assert submission is not None
    if (submission.dataset_id, submission.file_sha256, submission.as_of) != (target.dataset_id, upload.sha256, as_of):
        raise Conflict(
            "This Idempotency-Key was used before for another file, dataset or date.",
            hint="Send a new key with a new file.",
            reason="idempotency_key",
        )
    return submission, is_new


async def refuse_to_hand_in(connections: Connections, caller: Caller, agency: str, dataset: str) -> None:
    """Raises what `hand_in` would say of the caller, before a byte of the file is read."""
    refuse_reviewer(caller)
    await refuse_to_act(connections, caller, agency, dataset)


async def refuse_to_act(connections: Connections, caller: Caller, agency: str, dataset: str) -> None:
    """NotPermitted for whom the dataset is no matter of: another agency's, or a key that is not for it."""
    async with connections.use() as connection:
        await _refuse_other_agency(connection, caller, agency)
        await releases.target(connection, agency, dataset)  # NotFound
        await _refuse_beyond(connection, caller, agency, dataset)


async def submit(connections: Connections, caller: Caller, submission_id: str) -> Submission:
    """A draft goes to be checked, and from there into review."""
    async with connections.transaction() as connection:
        submission = await _own(connection, caller, submission_id)
        refuse_reviewer(caller)
        _must_be(submission, State.DRAFT)
        await check_again(connection, submission, None)
        await _noted(connection, caller, "submit", submission, State.DRAFT, State.VALIDATING)
        return await _found(connection, submission_id)


async def approve(
    connections: Connections, caller: Caller, submission_id: str, *, file_sha256: str | None = None
) -> Submission:
    """For its file, its contract and the rules of the gate as they are now; the jobs process publishes it, once its
    embargo is over. Conflict (`lapsed`) when any of them is another by now: it is checked again.
    """
    has_lapsed = False
    async with connections.transaction() as connection:
        submission = await _own(connection, caller, submission_id)
        _refuse_to_decide(caller, submission)
        _must_be(submission, State.IN_REVIEW)
        if file_sha256 is not None and file_sha256 != submission.file_sha256:
            raise Conflict("The submission is of another file.", reason="file", file_sha256=submission.file_sha256)
        has_lapsed = not submission.holds(GATE_VERSION)
        if has_lapsed:
            await lapse(connection, submission)
        else:
            await store.set_decided(connection, submission.id, State.APPROVED, caller.person_id, None)
            await queue_job(
                connection, submission, Purpose.PUBLISH, submission.checks, not_before=submission.embargo_until
            )
            await _noted(
                *(connection, caller, "approve", submission, State.IN_REVIEW, State.APPROVED),
                sha256=submission.file_sha256,
                contract=submission.contract_now[1],
                gate=GATE_VERSION,
            )
        found = await _found(connection, submission_id)
    if has_lapsed:
        raise Conflict(
            "The contract or the rules of the privacy gate changed since this was checked; it is being checked again.",
            reason="lapsed",
            hint="Look at it again once it is back in review.",
        )
    return found


async def send_back(connections: Connections, caller: Caller, submission_id: str, reason: str) -> Submission:
    """With a reason for its submitter, who hands in a corrected file anew. Also what was approved, until it is out."""
    text = _reason(reason)
    async with connections.transaction() as connection:
        submission = await _own(connection, caller, submission_id)
        _refuse_to_decide(caller, submission)
        _must_be(submission, State.IN_REVIEW, State.APPROVED)
        await store.set_decided(connection, submission.id, State.SENT_BACK, caller.person_id, text)
        await _given_up(connection, submission, "It was sent back.")
        await _noted(connection, caller, "send_back", submission, submission.stored, State.SENT_BACK, reason=text)
        return await _found(connection, submission_id)


async def withdraw_submission(
    connections: Connections, caller: Caller, submission_id: str, reason: str | None = None
) -> Submission:
    """By any publisher of the agency, until it is published."""
    text = _reason(reason) if reason else None
    async with connections.transaction() as connection:
        submission = await _own(connection, caller, submission_id)
        refuse_reviewer(caller)
        _must_be(submission, *OPEN_STATES)
        await store.set_withdrawn(connection, submission.id, text)
        await _given_up(connection, submission, "Its submission was withdrawn.")
        await _noted(connection, caller, "withdraw", submission, submission.stored, State.WITHDRAWN, reason=text)
        return await _found(connection, submission_id)


async def submission_of(connections: Connections, caller: Caller, submission_id: str) -> Submission:
    """NotFound also for another agency's."""
    async with connections.use() as connection:
        return await _of_agency(connection, caller, submission_id)


async def submissions_of(
    connections: Connections, agency_id: int | None, states: list[State] | None = None
) -> list[Submission]:
    """Newest first; what a state means that follows from the registry is looked at as well."""
    now = datetime.now(UTC)
    stored = [_STORED_AS.get(state, state) for state in states] if states is not None else None
    async with connections.use() as connection:
        found = await store.of_agency(connection, agency_id, stored)
    return [one for one in found if states is None or one.state(now) in states]


async def check_again(connection: Connection, submission: Submission, reason: str | None) -> None:
    """Back to the check, whatever it was; what was decided on it no longer stands."""
    checks = await store.set_validating(connection, submission.id, reason)
    await queue_job(connection, submission, Purpose.CHECK, checks)


async def lapse(connection: Connection, submission: Submission) -> None:
    """What it was checked or approved for is no longer what would be published."""
    reason = "The contract or the rules of the privacy gate changed."
    await _given_up(connection, submission, reason)
    await check_again(connection, submission, reason)
    await record(
        connection,
        "system:reviews",
        "submission.lapse",
        f"submission:{submission.id}",
        before={"state": submission.stored.value},
        after={"state": State.VALIDATING.value},
        reason=reason,
        dataset=submission.name,
    )
    await tell_agency(connection, "submission.lapsed", submission, reason=reason)


async def queue_job(
    connection: Connection,
    submission: Submission,
    purpose: Purpose,
    number: int,
    *,
    not_before: datetime | None = None,
) -> None:
    """Its key holds a space, which no caller's may."""
    inserted = await jobs_store.insert(
        connection,
        f"job_{random_base62(22)}",
        submission.agency_id,
        submission.dataset_id,
        f"{purpose.value} {submission.id} {number}",
        Upload(Path(submission.file_name), submission.file_sha256, submission.file_bytes),
        submission.as_of,
        submission.actor,
        purpose=purpose,
        submission_id=submission.id,
        not_before=not_before,
    )
    assert inserted, "each check and each approval has a number of its own"


async def tell_agency(connection: Connection, kind: str, submission: Submission, **details: Any) -> None:
    """To the agency's webhooks, and by mail to whom it concerns (platform/server/reviewing.py)."""
    payload = {"submission": submission.id, "dataset": submission.name, "submitter": submission.submitter, **details}
    await publish(connection, kind, payload, agency_id=submission.agency_id)


def refuse_reviewer(caller: Caller) -> None:
    if caller.role == "reviewer":
        raise NotPermitted(
            "A reviewer hands in nothing: nobody reviews their own submission.",
            reason="reviewer",
            hint="A publisher of the agency has a key for this.",
        )


async def _refuse_other_agency(connection: Connection, caller: Caller, slug: str) -> None:
    agency = await agencies.agency(connection, slug)
    if agency is None:
        raise NotFound(f"There is no agency {slug}.")
    if agency.id != caller.agency_id:
        raise NotPermitted("This key belongs to another agency.", reason="other_agency")


def _refuse_to_decide(caller: Caller, submission: Submission) -> None:
    if caller.person_id == submission.submitted_by:
        raise NotPermitted("Nobody reviews their own submission.", reason="own_submission")
    is_deputy = caller.person_id == submission.deputy_id and submission.reminded_at is not None
    if caller.role != "reviewer" and not is_deputy:
        raise NotPermitted(
            "This is for a reviewer of the agency, or for its deputy once the reviewers have been reminded.",
            reason="reviewer",
            hint="gsb agency key … --role reviewer makes a reviewer's key.",
        )


async def _own(connection: Connection, caller: Caller, submission_id: str) -> Submission:
    """Locked until the transaction ends, and read after that."""
    await store.lock(connection, submission_id)
    return await _of_agency(connection, caller, submission_id)


async def _of_agency(connection: Connection, caller: Caller, submission_id: str) -> Submission:
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


async def _found(connection: Connection, submission_id: str) -> Submission:
    submission = await store.by_id(connection, submission_id)
    assert submission is not None
    return submission


def _must_be(submission: Submission, *states: State) -> None:
    if submission.stored not in states:
        raise Conflict(
            f"The submission is {submission.stored.value.replace('_', ' ')}.",
            reason="state",
            state=submission.stored.value,
        )


async def _given_up(connection: Connection, submission: Submission, why: str) -> None:
    problem = Conflict(why, reason="submission").as_problem(submission.id)
    await store.give_up_jobs(connection, submission.id, problem)


async def _noted(
    connection: Connection,
    caller: Caller,
    what: str,
    submission: Submission,
    before: State | None,
    after: State,
    *,
    reason: str | None = None,
    **details: Any,
) -> None:
    await record(
        connection,
        actor_of(caller),
        f"submission.{what}",
        f"submission:{submission.id}",
        before={"state": before.value} if before else None,
        after={"state": after.value, **details},
        reason=reason,
        dataset=submission.name,
    )
    if after is not State.DRAFT:
        told = {"reason": reason} if reason else {}
        await tell_agency(connection, f"submission.{after.value}", submission, **told)


def _reason(text: str) -> str:
    stripped = text.strip()
    if not stripped or len(stripped) > REASON_LENGTH_MAX:
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
