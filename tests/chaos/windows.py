"""What happens to the windows' store while everybody is served."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeAlias

from tests.chaos.outcome import Outcome
from tests.chaos.proxy import BadLine
from tests.chaos.scale import Scale
from tests.chaos.stage import Stage
from tests.redis_server import OwnRedis

Play: TypeAlias = Callable[[Stage, Scale], Coroutine[Any, Any, Outcome]]


async def nothing_wrong(stage: Stage, scale: Scale) -> Outcome:
    """Many processes and tasks, one account, random prices: the window is used up, and never exceeded."""
    with OwnRedis(stage.folder) as redis:
        return await stage.play("nothing wrong", scale, redis.url, redis_timeout_ms=5_000)


async def flushall(stage: Stage, scale: Scale) -> Outcome:
    with OwnRedis(stage.folder) as redis:
        return await stage.play(
            "FLUSHALL", scale, redis.url, _again(stage, scale, lambda: asyncio.to_thread(redis.flush))
        )


async def kill_and_empty_restart(stage: Stage, scale: Scale) -> Outcome:
    with OwnRedis(stage.folder) as redis:

        def fault() -> None:
            redis.kill()
            redis.start()

        again = _again(stage, scale, lambda: asyncio.to_thread(fault))
        return await stage.play("kill -9 and empty restart of Redis", scale, redis.url, again)


async def stall(stage: Stage, scale: Scale) -> Outcome:
    with OwnRedis(stage.folder) as redis:

        async def fault() -> None:
            redis.pause()
            await asyncio.sleep(3.0)
            redis.resume()

        try:
            longer = replace(scale, seconds=scale.seconds + 3.0 * scale.faults)
            return await stage.play("stall of 3 s", longer, redis.url, _again(stage, scale, fault))
        finally:
            redis.resume()


async def absent(stage: Stage, scale: Scale) -> Outcome:
    return await stage.play("Redis absent for the whole run", scale, f"unix://{stage.folder / 'nobody.sock'}")


async def bad_line(stage: Stage, scale: Scale) -> Outcome:
    with OwnRedis(stage.folder) as redis:
        async with BadLine(stage.folder, redis.socket, seed=scale.seed) as line:

            async def fault() -> None:
                """Good in between, so that windows are in Redis again when it begins anew."""
                line.is_bad = True
                await asyncio.sleep(scale.seconds / (scale.faults + 1) / 2)
                line.is_bad = scale.faults == 1

            name = "20 % of writes delayed by 200-800 ms, 1 % cut"
            return await stage.play(name, scale, line.url, _again(stage, scale, fault))


FAULTS: tuple[Play, ...] = (
    flushall,
    kill_and_empty_restart,
    stall,
    absent,
    bad_line,
)


def _again(stage: Stage, scale: Scale, fault: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
    async def run() -> None:
        for _ in range(scale.faults):
            await asyncio.sleep(scale.seconds / (scale.faults + 1))
            began = round(time.time() * 1000)
            await fault()
            stage.struck.append((began, round(time.time() * 1000)))

    return run
