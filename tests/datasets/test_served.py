"""What is told of a release waits for the worker to serve it, and not for ever."""

import pytest

from publicgsb.datasets.served import WAIT_SECONDS, until_served
from publicgsb.platform.kernel.errors import Unavailable


async def test_without_a_release_nothing_is_waited_for() -> None:
    async def never(version: int, timeout_seconds: float) -> bool:
        raise AssertionError("nobody asks")

    await until_served(never, None)


async def test_a_worker_that_is_cut_off_says_so_after_two_seconds_and_when_to_ask_again() -> None:
    asked: list[tuple[int, float]] = []

    async def behind(version: int, timeout_seconds: float) -> bool:
        asked.append((version, timeout_seconds))
        return False

    with pytest.raises(Unavailable) as refused:
        await until_served(behind, 7)
    assert asked == [(7, WAIT_SECONDS)]
    assert (refused.value.details["reason"], refused.value.retry_after_seconds) == ("behind", 1)
