"""One worker whose database is away: records answers of 2 points and spools them until it is killed.

Arguments: database url, spool folder. Prints after each spool how many whole answers are surely on the disk.
"""

import asyncio
import sys
from pathlib import Path
from uuid import uuid4

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas.facts import Facts
from publicgsb.quotas.spool import Spool


async def main() -> None:
    database_url, folder = sys.argv[1:]
    boot_id = BootId(uuid4())
    facts = Facts(Connections(database_url, size=1), boot_id, Spool(Path(folder), boot_id, 10_000_000))
    answers = 0
    while answers < 10_000:
        facts.record_answer(4, "k", f"h{answers}", (), points=2, bytes=50, errors=0, ms=3)
        answers += 1
        await facts._try_flush()
        print(facts.spooled // 2, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
