"""Checks and publications are jobs: whoever dies, decides late or comes twice, one thing happens or nothing does."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.datasets.reviews.conftest import FIRST, Desk

from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.jobs import store as jobs
from publicgsb.datasets.jobs.model import Job
from publicgsb.datasets.jobs.worker import run_job
from publicgsb.datasets.releases.service import withdraw
from publicgsb.datasets.reviews import checking, service
from publicgsb.datasets.reviews.model import Review, State, Submission
from publicgsb.datasets.reviews.reminding import remind
from publicgsb.platform.kernel.errors import Conflict


async def claim(desk: Desk, lease_seconds: float) -> Job:
    async with desk.connections.transaction() as connection:
        job = await jobs.claim(connection, lease_seconds)
    assert job is not None
    return job


async def test_a_check_whose_process_died_is_done_by_another_and_the_late_one_changes_nothing(desk: Desk) -> None:
    made = await desk.hand_in()
    dead = await claim(desk, 0.0)
    await desk.work()
    waiting = await desk.now(made)
    await run_job(desk.connections, desk.state_dir, dead)
    assert (waiting.stored, await desk.now(made)) == (State.IN_REVIEW, waiting)
    assert (await desk.told()).count("submission.in_review") == 1


async def test_a_publication_whose_process_died_is_done_once(desk: Desk) -> None:
    made = await desk.in_review()
    await service.approve(desk.connections, desk.reviewer, made.id)
    dead = await claim(desk, 0.0)
    await asyncio.gather(desk.work(), run_job(desk.connections, desk.state_dir, dead))
    async with asyncio.timeout(60):  # whoever found the dataset's releases locked by the other comes back later
        while (await desk.now(made)).stored is State.APPROVED:
            await asyncio.sleep(0.2)
            await desk.work()
    assert (await desk.now(made)).stored is State.PUBLISHED
    assert await desk.releases() == [(1, "published", True)]


async def test_what_is_sent_back_while_it_is_being_published_is_not_published(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await desk.in_review()
    await service.approve(desk.connections, desk.reviewer, made.id)
    course_of = checking.course_of

    async def then_sent_back(*arguments: Any) -> checking.Course:
        course = await course_of(*arguments)
        await service.send_back(desk.connections, desk.reviewer, made.id, "Stop.")
        return course

    monkeypatch.setattr(checking, "course_of", then_sent_back)
    await desk.work()
    assert ((await desk.now(made)).stored, await desk.releases()) == (State.SENT_BACK, [])


async def test_two_who_approve_at_once_approve_once(desk: Desk) -> None:
    deputy = desk.other_publisher
    await set_review(desk.connections, "standards", Review.REQUIRED, "test", deputy_id=deputy.person_id)
    made = await desk.in_review()
    await remind(desk.connections, after_seconds=0)
    outcomes = await asyncio.gather(
        *(service.approve(desk.connections, who, made.id) for who in (desk.reviewer, deputy)), return_exceptions=True
    )
    assert [type(one) for one in outcomes if not isinstance(one, Submission)] == [Conflict]
    await desk.work()
    assert await desk.releases() == [(1, "published", True)]


async def test_what_was_approved_for_a_dataset_that_is_withdrawn_meanwhile_fails(desk: Desk) -> None:
    await desk.published(FIRST)
    made = await desk.in_review(FIRST)
    await service.approve(desk.connections, desk.reviewer, made.id)
    await withdraw(desk.connections, "standards", "countries", Label("چون", "Because"), "test")
    await desk.work()
    failed = await desk.now(made)
    assert failed.state(datetime.now(UTC)) is State.FAILED
    assert failed.error is not None and failed.error["code"] == "DATASET_WITHDRAWN"
