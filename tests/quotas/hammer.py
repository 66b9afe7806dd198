"""One process that takes units of a short window as fast as it can; prints [[granted_ms, units], …] as JSON.

Arguments: database url, redis url, limit, window seconds, how long, seed.
"""

import asyncio
import json
import random
import sys
import time

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.redis_client import connect
from publicgsb.quotas.windows import Verdict, Windows


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
    database_url, url, limit, window_seconds, seconds, seed = sys.argv[1:]
    connections = Connections(database_url, size=2)
    redis = connect(url, timeout_seconds=5.0)
    pulse = Pulse(connections, "hammer")
    windows = Windows(connections, redis, pulse)
    await pulse.start()
    await windows.start()
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
                    unused = [(grant.mark, grant.granted - kept)]
            elif grant.verdict is Verdict.HELD:
                await windows.opened((1, 1))

    await asyncio.gather(*(hammer() for _ in range(4)))
    await windows.close()
    await pulse.stop()
    await redis.aclose()
    await connections.close()
    print(json.dumps(granted))


if __name__ == "__main__":
    asyncio.run(main())
