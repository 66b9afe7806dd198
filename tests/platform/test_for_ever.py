"""What goes on beside the main work: nothing that fails in it ends it, and nothing is hidden."""

import asyncio
import logging

import anyio
import pytest

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.server import for_ever as module
from publicgsb.platform.server.for_ever import for_ever


@pytest.mark.parametrize("failure", [Unavailable("The database is away."), ValueError("a bug")])
async def test_a_failure_is_logged_and_tried_again_soon(
    failure: Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)
    failing, done = [failure, failure], asyncio.Event()

    async def work() -> None:
        if failing:
            raise failing.pop()
        done.set()

    with caplog.at_level(logging.WARNING), anyio.fail_after(60):
        task = asyncio.create_task(for_ever("the work", work, 3600.0))
        await done.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [record.getMessage().startswith("the work") for record in caplog.records] == [True, True]
