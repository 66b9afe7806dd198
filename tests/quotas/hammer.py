"""One process that takes units of a short window as fast as it can; prints [[granted_ms, units], …] as JSON.

Arguments: redis url, limit, window seconds, how long, seed.
"""

import asyncio
import json
import random
import sys
import time
from uuid import uuid4

from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.windows import Verdict, Windows, connect


def plan_of(limit: int, window_seconds: int) -> Plan:
    return Plan(
        "hammered",
        (
            Policy("burst", PolicyKind.WINDOW, limit, PolicyUnit.POINTS, window_seconds=window_seconds),
            Policy("long", PolicyKind.WINDOW, limit * 4, PolicyUnit.POINTS, window_seconds=window_seconds * 10),
            Policy("month", PolicyKind.PERIOD, 1_000_000, PolicyUnit.POINTS, period=Period.MONTH),
        ),
    )


async def main() -> None:
    url, limit, window_seconds, seconds, seed = sys.argv[1:]
    redis = connect(url, timeout_seconds=5.0)
    windows = Windows(redis, BootId(uuid4()))
    plan = plan_of(int(limit), int(window_seconds))
    choose = random.Random(int(seed))
    granted: list[tuple[int, int]] = []

    async def hammer() -> None:
        unused: list[tuple[int, int]] = []
        until = time.monotonic() + float(seconds)
        while time.monotonic() < until:
            least = choose.randint(1, 3)
            grant = await windows.grant((1, 1), plan, want=least + 4, minimum=least, unused=unused)
            unused = []
            if grant.verdict is Verdict.GRANTED:
                kept = choose.randint(least, grant.granted)
                granted.append((grant.granted_ms, kept))
                if kept < grant.granted:
                    unused = [(grant.granted_ms, grant.granted - kept)]

    await asyncio.gather(*(hammer() for _ in range(4)))
    await redis.aclose()
    print(json.dumps(granted))


if __name__ == "__main__":
    asyncio.run(main())
