"""A file becomes a release only after somebody else has approved exactly it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from tests.datasets.conftest import Documents, WriteCsv
from tests.datasets.reviews.conftest import FIRST, SECOND, Desk

from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.agencies.service import add_dataset
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.jobs.worker import run_one
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.service import release_file
from publicgsb.datasets.reviews import service
from publicgsb.datasets.reviews.model import Review, State, Submission, Submitter
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound, NotPermitted


def state(submission: Submission) -> State:
    return submission.state(datetime.now(UTC))


async def test_a_file_is_checked_approved_by_another_person_and_published(desk: Desk) -> None:
    made = await desk.hand_in()
    assert (state(made), await desk.releases()) == (State.VALIDATING, [])
    await desk.work()
    waiting = await desk.now(made)
    assert (state(waiting), await desk.releases()) == (State.IN_REVIEW, [])
    approved = await service.approve(desk.connections, desk.reviewer, made.id, file_sha256=made.file_sha256)
    assert state(approved) is State.APPROVED
    await desk.work()
    published = await desk.now(made)
    assert (state(published), published.release_seq) == (State.PUBLISHED, 1)
    assert await desk.releases() == [(1, "published", True)]
    assert desk.files() == []
    assert await desk.told() == [f"submission.{one}" for one in ("validating", "in_review", "approved")]


async def test_a_later_release_supersedes_and_a_recall_shows(desk: Desk) -> None:
    first, second = await desk.published(FIRST), await desk.published(SECOND)
    assert (state(await desk.now(first)), state(await desk.now(second))) == (State.SUPERSEDED, State.PUBLISHED)


async def test_nobody_approves_their_own_submission(desk: Desk) -> None:
    made = await desk.in_review()
    as_reviewer = replace(desk.publisher, role="reviewer")
    with pytest.raises(NotPermitted, match="their own"):
        await service.approve(desk.connections, as_reviewer, made.id)


async def test_the_database_itself_keeps_approver_and_submitter_apart(desk: Desk) -> None:
    made = await desk.in_review()
    with pytest.raises(asyncpg.CheckViolationError, match="nobody_reviews_their_own"):
        async with desk.connections.transaction() as connection:
            await connection.execute("update gsb.submission set decided_by = submitted_by where id = $1", made.id)


async def test_a_publisher_does_not_review_and_a_reviewer_hands_in_nothing(desk: Desk) -> None:
    made = await desk.in_review()
    with pytest.raises(NotPermitted) as refused:
        await service.approve(desk.connections, desk.other_publisher, made.id)
    assert refused.value.details["reason"] == "reviewer"
    with pytest.raises(NotPermitted):
        await service.refuse_to_hand_in(desk.connections, desk.reviewer, "standards", "countries")


async def test_what_is_sent_back_has_a_reason_and_is_never_published(desk: Desk) -> None:
    made = await desk.in_review()
    for none in ("  ", "a\0b"):
        with pytest.raises(InvalidRequest):
            await service.send_back(desk.connections, desk.reviewer, made.id, none)
    back = await service.send_back(desk.connections, desk.reviewer, made.id, "Japan is spelt otherwise.")
    assert (state(back), back.reason) == (State.SENT_BACK, "Japan is spelt otherwise.")
    with pytest.raises(Conflict):
        await service.approve(desk.connections, desk.reviewer, made.id)
    assert not await run_one(desk.connections, desk.state_dir)


async def test_what_was_approved_can_be_sent_back_until_it_is_out(desk: Desk) -> None:
    made = await desk.in_review()
    await service.approve(desk.connections, desk.reviewer, made.id)
    await service.send_back(desk.connections, desk.reviewer, made.id, "On second thoughts.")
    await desk.work()
    assert (state(await desk.now(made)), await desk.releases()) == (State.SENT_BACK, [])


async def test_a_submission_is_withdrawn_by_a_publisher_of_its_agency_before_it_is_out(desk: Desk) -> None:
    made = await desk.hand_in()
    withdrawn = await service.withdraw_submission(desk.connections, desk.other_publisher, made.id, "Too early.")
    await desk.work()
    assert (state(withdrawn), state(await desk.now(made))) == (State.WITHDRAWN, State.WITHDRAWN)
    published = await desk.published()
    with pytest.raises(Conflict):
        await service.withdraw_submission(desk.connections, desk.publisher, published.id)


async def test_a_file_with_errors_fails_with_its_report_and_is_kept_nowhere(desk: Desk) -> None:
    failed = await desk.in_review(b"code,name\nIR\n")
    assert (state(failed), desk.files()) == (State.FAILED, [])
    assert failed.report is not None and failed.report["counts"] == {"missing-cell": 1}
    assert await desk.told() == ["submission.validating", "submission.failed"]


async def test_a_draft_is_looked_at_by_nobody_before_it_is_submitted(desk: Desk) -> None:
    draft = await desk.hand_in(is_draft=True)
    assert not await run_one(desk.connections, desk.state_dir)
    assert (state(draft), await desk.told()) == (State.DRAFT, [])
    submitted = await service.submit(desk.connections, desk.publisher, draft.id)
    await desk.work()
    assert (state(submitted), state(await desk.now(draft))) == (State.VALIDATING, State.IN_REVIEW)


async def test_an_embargo_holds_what_was_approved_until_its_time(desk: Desk) -> None:
    made = await desk.in_review(embargo_until=datetime.now(UTC) + timedelta(days=3))
    await service.approve(desk.connections, desk.reviewer, made.id)
    await desk.work()
    assert (state(await desk.now(made)), await desk.releases()) == (State.EMBARGOED, [])
    await desk.set_embargo(made, datetime.now(UTC) - timedelta(seconds=1))
    await desk.work()
    assert (state(await desk.now(made)), await desk.releases()) == (State.PUBLISHED, [(1, "published", True)])


@pytest.mark.parametrize("days", [-1, 400])
async def test_an_embargo_lies_in_the_future_within_a_year(desk: Desk, days: int) -> None:
    with pytest.raises(InvalidRequest):
        await desk.hand_in(embargo_until=datetime.now(UTC) + timedelta(days=days))
    assert desk.files() == []


async def test_an_approval_lapses_when_the_contract_changes(desk: Desk, country: Documents) -> None:
    made = await desk.in_review()
    await service.approve(desk.connections, desk.reviewer, made.id)
    await add_dataset(desk.connections, parse(country(version="1.0.1", attribution="Others")), "test")
    await desk.work()
    again = await desk.now(made)
    assert (state(again), again.checks, again.approved, await desk.releases()) == (State.IN_REVIEW, 2, None, [])
    await service.approve(desk.connections, desk.reviewer, made.id)
    await desk.work()
    assert state(await desk.now(made)) is State.PUBLISHED
    assert "submission.lapsed" in await desk.told()


async def test_approving_what_was_checked_under_another_contract_has_it_checked_again(
    desk: Desk, country: Documents
) -> None:
    made = await desk.in_review()
    await add_dataset(desk.connections, parse(country(version="1.0.1", attribution="Others")), "test")
    with pytest.raises(Conflict) as lapsed:
        await service.approve(desk.connections, desk.reviewer, made.id)
    assert lapsed.value.details["reason"] == "lapsed"
    assert state(await desk.now(made)) is State.VALIDATING


async def test_an_approval_lapses_when_the_rules_of_the_gate_change(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await desk.in_review()
    await service.approve(desk.connections, desk.reviewer, made.id)
    monkeypatch.setattr("publicgsb.datasets.reviews.checking.GATE_VERSION", "ir-next")
    await desk.work()
    again = await desk.now(made)
    assert again.checked is not None
    assert (state(again), again.checked.gate_version, await desk.releases()) == (State.IN_REVIEW, "ir-next", [])


async def test_a_file_that_is_not_the_one_that_was_approved_is_not_published(desk: Desk) -> None:
    made = await desk.in_review()
    await service.approve(desk.connections, desk.reviewer, made.id)
    (desk.state_dir / "uploads" / made.file_name).write_bytes(SECOND)
    await desk.work()
    failed = await desk.now(made)
    assert (state(failed), await desk.releases()) == (State.FAILED, [])
    assert failed.error is not None and failed.error["details"] == {"reason": "file_changed"}


async def test_another_agencys_submission_answers_like_a_missing_one(desk: Desk) -> None:
    made = await desk.hand_in()
    other = replace(desk.reviewer, agency_id=9999)
    with pytest.raises(NotFound):
        await service.submission_of(desk.connections, other, made.id)
    with pytest.raises(NotFound):
        await service.approve(desk.connections, other, made.id)


async def test_the_same_key_with_the_same_file_is_the_same_submission(desk: Desk) -> None:
    first, again = await desk.hand_in(key="one"), await desk.hand_in(key="one")
    assert (first.id, len(desk.files())) == (again.id, 1)
    with pytest.raises(Conflict):
        await desk.hand_in(SECOND, key="one")


async def test_what_is_open_of_a_dataset_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "OPEN_MAX", 2)
    first = await desk.hand_in(key="a")
    await desk.hand_in(key="b")
    with pytest.raises(Conflict) as refused:
        await desk.hand_in(key="c")
    assert (refused.value.details["reason"], len(desk.files())) == ("too_many", 2)
    assert (await desk.hand_in(key="a")).id == first.id
    await service.withdraw_submission(desk.connections, desk.publisher, first.id)
    await desk.hand_in(key="c")


async def test_a_list_is_by_shown_state_and_without_reports(desk: Desk) -> None:
    first, second = await desk.published(FIRST), await desk.published(SECOND)
    superseded = await service.submissions_of(desk.connections, first.agency_id, [State.SUPERSEDED])
    assert [(one.id, one.report, one.review) for one in superseded] == [(first.id, None, None)]
    published = await service.submissions_of(desk.connections, None, [State.PUBLISHED])
    assert [one.id for one in published] == [second.id]


async def test_a_key_that_is_held_to_other_datasets_or_levels_decides_nothing(desk: Desk) -> None:
    made = await desk.in_review()
    only = replace(desk.reviewer, only=frozenset({"standards/other"}))
    levels = replace(desk.reviewer, levels=frozenset({"registered"}))
    for held_key in (only, levels):
        with pytest.raises(NotPermitted):
            await service.approve(desk.connections, held_key, made.id)


async def test_a_file_of_changes_is_approved_on_top_of_one_release_alone(desk: Desk) -> None:
    await desk.published(FIRST)
    made = await desk.in_review(b"code,name\nDE,Germany\n", mode=Mode.APPEND)
    await service.approve(desk.connections, desk.reviewer, made.id)
    await set_review(desk.connections, "standards", Review.NONE, "test")
    file = desk.state_dir / "other.csv"
    file.write_bytes(SECOND)
    await release_file(desk.connections, desk.state_dir, "standards", "countries", file, "test")
    await desk.work()
    failed = await desk.now(made)
    assert (state(failed), failed.checks) == (State.FAILED, 2)
    assert failed.report is not None and not failed.report["isReleasable"]
    assert [seq for seq, _, _ in await desk.releases()] == [2, 1]


async def test_a_file_of_changes_is_published_on_top_of_what_it_was_checked_with(desk: Desk) -> None:
    await desk.published(FIRST)
    made = await desk.in_review(b"code,name\nDE,Germany\n", mode=Mode.APPEND)
    assert made.review is not None and made.review["rows"]["added"] == 1
    await service.approve(desk.connections, desk.reviewer, made.id)
    await desk.work()
    assert state(await desk.now(made)) is State.PUBLISHED


async def test_a_fetched_file_is_reviewed_like_any_other(desk: Desk) -> None:
    made = await desk.hand_in(submitter=Submitter(desk.publisher.agency_id, None, "system:source"))
    await desk.work()
    await service.approve(desk.connections, desk.reviewer, made.id)
    await desk.work()
    published = await desk.now(made)
    assert (state(published), published.submitter) == (State.PUBLISHED, "system:source")


async def test_where_review_is_required_nothing_is_released_without(desk: Desk, write_csv: WriteCsv) -> None:
    file = write_csv([["code", "name"], ["IR", "Iran"]])
    with pytest.raises(NotPermitted) as refused:
        await release_file(desk.connections, desk.state_dir, "standards", "countries", file, "test")
    assert refused.value.details["reason"] == "review_required"
    await set_review(desk.connections, "standards", Review.NONE, "test")
    outcome = await release_file(desk.connections, desk.state_dir, "standards", "countries", file, "test")
    assert outcome.release is not None


async def test_a_deputy_is_one_of_the_agencys_people(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await set_review(desk.connections, "standards", Review.REQUIRED, "test", deputy_id=10**9)


async def test_every_step_is_in_the_audit_with_who_did_it(desk: Desk) -> None:
    made = await desk.published()
    async with desk.connections.use() as connection:
        rows = await connection.fetch(
            "select actor, action from gsb.audit where subject = $1 order by id", f"submission:{made.id}"
        )
    publisher, reviewer = (f"person:{one.person_id} key:{one.key_id}" for one in (desk.publisher, desk.reviewer))
    assert [tuple(row) for row in rows] == [
        (publisher, "submission.hand_in"), ("system:reviews", "submission.check"),
        (reviewer, "submission.approve"), ("system:reviews", "submission.publish"),
    ]  # fmt: skip
