"""One worker process that spends an account until it is exhausted, then prints what it settled as JSON.

Arguments: database url, redis url, organisation, application, plan, seed. Also prints each hundredth sum while it runs,
so that a test which kills it knows a lower bound of what it spent.
"""

import asyncio
import json
import random
import sys

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import QuotaExhausted, Unavailable
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.quotas.plans import Plans
from publicgsb.quotas.purse import Purses
from publicgsb.quotas.redis_client import connect


async def spend(purses: Purses, account: tuple[int, int], plan: str, seed: int) -> tuple[int, int]:
    choose = random.Random(seed)
    settled = requests = 0
    cost = 1
    while True:
        try:
            taken = purses.try_take(account, plan, cost) or await purses.take(account, plan, cost)
        except QuotaExhausted:
            if cost == 1:
                return settled, requests
            cost = 1
            continue
        except Unavailable:
            await asyncio.sleep(0.1)  # a worker that was killed has not been missed yet
            continue
        taken.settle(cost)
        settled += cost
        requests += 1
        cost = choose.choice((1, 2, 5))
        if requests % 100 == 0:
            print(json.dumps({"settled": settled}), flush=True)
            await asyncio.sleep(0)


async def main() -> None:
    database_url, redis_url, organisation, application, plan, seed = sys.argv[1:]
    connections = Connections(database_url, size=4)
    redis = connect(redis_url, timeout_seconds=5.0)
    pulse = Pulse(connections, "spender")
    plans = Plans(connections, pulse)
    purses = Purses(connections, redis, pulse, plans)
    await plans.load()
    await pulse.start()
    await purses.start()
    settled, requests = await spend(purses, (int(organisation), int(application)), plan, int(seed))
    await purses.close()
    await pulse.stop()
    print(json.dumps({"settled": settled, "requests": requests}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
