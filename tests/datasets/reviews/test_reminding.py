"""Who does not decide is reminded, and then somebody else may."""

import pytest
from tests.datasets.conftest import Documents
from tests.datasets.reviews.conftest import Desk

from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.agencies.service import add_dataset
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.reviews import service
from publicgsb.datasets.reviews.model import Review, State
from publicgsb.datasets.reviews.reminding import lapse_changed, remind
from publicgsb.platform.kernel.errors import NotPermitted


async def test_a_submission_is_reminded_of_once_after_two_days_and_not_before(desk: Desk) -> None:
    made = await desk.in_review()
    assert await remind(desk.connections) == 0
    async with desk.connections.use() as connection:
        await connection.execute("update gsb.submission set in_review_at = now() - interval '49 hours'")
    assert [await remind(desk.connections), await remind(desk.connections)] == [1, 0]
    assert (await desk.told()).count("submission.waiting") == 1
    assert (await desk.now(made)).reminded_at is not None


async def test_the_deputy_decides_once_the_reviewers_were_reminded(desk: Desk) -> None:
    deputy = desk.other_publisher
    await set_review(desk.connections, "standards", Review.REQUIRED, "test", deputy_id=deputy.person_id)
    made = await desk.in_review()
    with pytest.raises(NotPermitted):
        await service.approve(desk.connections, deputy, made.id)
    await remind(desk.connections, after_seconds=0)
    await service.approve(desk.connections, deputy, made.id)
    await desk.work()
    assert (await desk.now(made)).stored is State.PUBLISHED


async def test_a_deputy_does_not_decide_on_what_they_handed_in(desk: Desk) -> None:
    deputy = desk.publisher
    await set_review(desk.connections, "standards", Review.REQUIRED, "test", deputy_id=deputy.person_id)
    made = await desk.in_review()
    await remind(desk.connections, after_seconds=0)
    with pytest.raises(NotPermitted) as refused:
        await service.approve(desk.connections, deputy, made.id)
    assert refused.value.details["reason"] == "own_submission"


async def test_an_approval_under_embargo_lapses_before_its_time_comes(desk: Desk, country: Documents) -> None:
    made = await desk.in_review()
    await service.approve(desk.connections, desk.reviewer, made.id)
    await add_dataset(desk.connections, parse(country(version="1.0.1", attribution="Others")), "test")
    assert [await lapse_changed(desk.connections), await lapse_changed(desk.connections)] == [1, 0]
    assert (await desk.now(made)).stored is State.VALIDATING
