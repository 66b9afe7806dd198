"""One worker process that spends one account's month, or rushes for many accounts of one unit each.

Argument: JSON with mode (spend, rush), database_url, redis_url, folder, number, seed, plan; for a rush the tasks. Says
its boot id when it is ready. A spender spends until the account is exhausted at the price of 1; each line of a rush
is a round. What a spender admitted is in shared memory, so that it is known of one that was killed too.
"""

import asyncio
import json
import mmap
import random
import struct
import sys
from pathlib import Path
from typing import Any

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, QuotaExhausted
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.quotas.facts import Facts
from publicgsb.quotas.plans import Plans
from publicgsb.quotas.purse import Purses
from publicgsb.quotas.redis_client import connect
from publicgsb.quotas.spool import Spool

ACCOUNT = (3, 30)
PRICE_MAX = 50
PAUSE_EVERY = 50  # requests, for the heartbeat's turn


class Tally:
    """Units admitted so far, in a file that outlives its process."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8)
        self.units = 0

    def add(self, units: int) -> None:
        self.units += units
        struct.pack_into("<q", self._memory, 0, self.units)


def read_tally(path: Path) -> int:
    return int(struct.unpack("<q", path.read_bytes())[0])


async def spend(purses: Purses, facts: Facts, tally: Tally, asked: dict[str, Any]) -> None:
    choose = random.Random(asked["seed"])
    price, requests = 1, 0
    while True:
        try:
            taken = purses.try_take(ACCOUNT, asked["plan"], price) or await purses.take(ACCOUNT, asked["plan"], price)
        except QuotaExhausted:
            if price == 1:
                return
            price = 1
            continue
        except GsbError:
            await asyncio.sleep(0.1)  # a worker that was killed has not been missed yet
            continue
        used = choose.randint(1, price)
        tally.add(used)
        taken.settle(used)
        facts.record_answer(ACCOUNT[1], "k", "h", (), points=used, bytes=1, errors=0, ms=1)
        requests += 1
        price = choose.randint(1, PRICE_MAX)
        if requests % PAUSE_EVERY == 0:
            await asyncio.sleep(asked["pause_seconds"])


async def rush(purses: Purses, asked: dict[str, Any]) -> None:
    """For each line a round: all at once for the one unit of an account that nobody asked for before."""

    async def one(account: tuple[int, int]) -> str:
        try:
            (await purses.take(account, asked["plan"], 1)).settle(1)
        except GsbError as refused:
            return refused.code
        return "admitted"

    while line := await asyncio.to_thread(sys.stdin.readline):
        account = (int(line), 1)
        outcomes = await asyncio.gather(*(one(account) for _ in range(asked["tasks"])))
        print(json.dumps({name: outcomes.count(name) for name in set(outcomes)}), flush=True)


async def main() -> None:
    asked = json.loads(sys.argv[1])
    connections = Connections(asked["database_url"], size=4)
    redis = connect(asked["redis_url"], timeout_seconds=5.0)
    pulse = Pulse(connections, "chaos")
    plans = Plans(connections, pulse)
    purses = Purses(connections, redis, pulse, plans)
    folder = Path(asked["folder"])
    facts = Facts(connections, pulse.boot_id, Spool(folder / "facts", pulse.boot_id, 1 << 26))
    tally = Tally(folder / f"tally-{asked['number']}")
    await plans.load()
    await pulse.start()
    await purses.start()
    await facts.start()
    print(pulse.boot_id, flush=True)
    if asked["mode"] == "rush":
        await rush(purses, asked)
    else:
        await asyncio.to_thread(sys.stdin.readline)
        await spend(purses, facts, tally, asked)
        print("exhausted", flush=True)
    await facts.close()
    await purses.close()
    await pulse.stop()
    await connections.close()
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main())
