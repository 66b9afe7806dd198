"""What time does to submissions: reviewers are reminded after two days, and approvals lapse when anything changes."""

from publicgsb.datasets.privacy.version import GATE_VERSION
from publicgsb.datasets.reviews import steps, store
from publicgsb.datasets.reviews.model import State
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections

REMIND_AFTER_SECONDS = 2 * 24 * 3600.0


async def remind(connections: Connections, *, after_seconds: float = REMIND_AFTER_SECONDS) -> int:
    """Each submission once per time that it came into review; from then on the deputy may decide on it."""
    async with connections.transaction() as connection:
        taken = await store.take_reminders(connection, after_seconds)
        for submission_id in taken:
            submission = await store.by_id(connection, submission_id)
            assert submission is not None and submission.in_review_at is not None
            since = submission.in_review_at.isoformat()
            await record(
                connection,
                steps.REVIEWS,
                "submission.remind",
                f"submission:{submission.id}",
                before={"reminded": False},
                after={"reminded": True, "in_review_since": since},
                dataset=submission.name,
            )
            await steps.tell_agency(connection, "submission.waiting", submission, since=since)
    return len(taken)


async def lapse_changed(connections: Connections) -> int:
    """Approvals that no longer hold end before their embargo does."""
    async with connections.use() as connection:
        found = await store.lapsed(connection, GATE_VERSION)
    for submission_id in found:
        async with connections.transaction() as connection:
            await store.lock(connection, submission_id)
            submission = await store.by_id(connection, submission_id)
            if submission is not None and submission.stored is State.APPROVED and not submission.holds(GATE_VERSION):
                await steps.lapse(connection, submission)
    return len(found)
