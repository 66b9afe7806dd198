"""One timer ends every request that runs too long, and no other."""

import asyncio

import pytest

from publicgsb.schema.serving.deadlines import Deadlines


async def work(deadlines: Deadlines, seconds: float) -> str:
    task = deadlines.enter()
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        if not deadlines.leave(task):
            raise
        return "late"
    finally:
        deadlines.leave(task)
    return "done"


async def test_late_work_is_ended_and_the_rest_is_not() -> None:
    deadlines = Deadlines(2.0)
    assert await asyncio.gather(*(work(deadlines, seconds) for seconds in (0, 0.01, 30, 0.02, 30))) == [
        *("done", "done", "late", "done", "late")
    ]


async def test_the_task_lives_on_after_its_deadline() -> None:
    deadlines = Deadlines(0.1)
    assert await work(deadlines, 30) == "late"
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    assert await work(deadlines, 0) == "done"


async def test_a_cancel_from_elsewhere_stays_a_cancel() -> None:
    running = asyncio.create_task(work(Deadlines(30), 30))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
