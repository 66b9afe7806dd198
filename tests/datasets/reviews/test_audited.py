"""Every step of a submission writes an entry that names who took it, or cannot commit; the service names itself."""

from tests.audited import refuse_what_is_not_audited
from tests.datasets.conftest import Documents
from tests.datasets.reviews.conftest import Desk

from publicgsb.datasets.agencies.service import add_dataset
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.reviews import service
from publicgsb.datasets.reviews.model import State
from publicgsb.datasets.reviews.reminding import lapse_changed, remind
from publicgsb.platform.server.audit import Filters, entries, verify


async def _written(desk: Desk) -> list[tuple[str, str]]:
    found = await entries(desk.connections, Filters())
    return [(one.action, one.actor) for one in reversed(found) if one.action.split(".")[0] in ("submission", "job")]


async def test_from_draft_to_published_each_step_is_audited(desk: Desk) -> None:
    await refuse_what_is_not_audited(desk.connections)
    made = await desk.hand_in(is_draft=True)
    await service.submit(desk.connections, desk.publisher, made.id)
    await desk.work()
    await remind(desk.connections, after_seconds=0)
    await service.approve(desk.connections, desk.reviewer, made.id)
    await desk.work()
    assert (await desk.now(made)).stored is State.PUBLISHED
    written = await _written(desk)
    assert [action for action, _ in written] == [
        "submission.hand_in", "submission.submit", "job.end", "submission.check", "submission.remind",
        "submission.approve", "submission.publish",
    ]  # fmt: skip
    by_itself = {action: actor for action, actor in written if actor.startswith("system:")}
    assert by_itself == {
        "job.end": "system:jobs", "submission.check": "system:reviews", "submission.remind": "system:reviews",
        "submission.publish": "system:reviews",
    }  # fmt: skip
    assert (await verify(desk.connections)).problems == ()


async def test_what_comes_to_nothing_is_audited_too(desk: Desk, country: Documents) -> None:
    await refuse_what_is_not_audited(desk.connections)
    await desk.in_review(b"code,name\nIR\n")
    assert [action for action, _ in await _written(desk)] == ["submission.hand_in", "job.end", "submission.fail"]
    (end,) = await entries(desk.connections, Filters(action="job.end"))
    assert (end.before, end.after) == ({"state": "running"}, {"state": "refused"})
    back, gone, lapsing = await desk.in_review(), await desk.in_review(), await desk.in_review()
    await service.send_back(desk.connections, desk.reviewer, back.id, "Look at row 1.")
    await service.withdraw_submission(desk.connections, desk.publisher, gone.id)
    await service.approve(desk.connections, desk.reviewer, lapsing.id)
    await add_dataset(desk.connections, parse(country(version="1.0.1", attribution="Others")), "test")
    assert await lapse_changed(desk.connections) == 1
    found = {action for action, _ in await _written(desk)}
    assert found >= {"submission.send_back", "submission.withdraw", "submission.lapse"}


async def test_an_approval_that_lapses_as_it_is_published_is_audited(desk: Desk, country: Documents) -> None:
    await refuse_what_is_not_audited(desk.connections)
    made = await desk.in_review()
    await service.approve(desk.connections, desk.reviewer, made.id)
    await add_dataset(desk.connections, parse(country(version="1.0.1", attribution="Others")), "test")
    await desk.work()
    assert (await desk.now(made)).stored is State.IN_REVIEW
    (end, *_) = [one for one in await entries(desk.connections, Filters(action="job.end")) if "code" in one.after]
    assert end.after == {"state": "failed", "code": "CONFLICT", "reason": "lapsed"}
