"""The jobs process: uploaded files become releases, what is past its time is tidied, dead workers are reclaimed."""

import asyncio
import logging
import signal
import time
from pathlib import Path

from publicgsb.apikeys.grants.expiring import warn_of_ends
from publicgsb.apikeys.mail import outbox
from publicgsb.apikeys.signing.service import erase_retired
from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.jobs.worker import run_jobs
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.kernel.pulse import Pulse, prune
from publicgsb.platform.server import audit
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.mail import send_for_ever
from publicgsb.platform.server.parts import SPOOL_FOLDER
from publicgsb.platform.server.settings import Settings
from publicgsb.platform.server.telling import tell_for_ever
from publicgsb.platform.server.upkeep import keep_keys_for_ever
from publicgsb.quotas import spool
from publicgsb.quotas.leases import DEAD_AFTER_SECONDS, reclaim
from publicgsb.quotas.metering.check import check_and_alarm
from publicgsb.schema.serving.persisted import forget_unused

RECLAIM_SECONDS = 5.0
FORGET_SECONDS = 3600.0
CHECK_SECONDS = 60.0

log = logging.getLogger(__name__)


def main(settings: Settings) -> None:
    """Until SIGTERM or Ctrl-C; a job under way goes back into the queue."""
    with Engines(settings) as engines:
        asyncio.run(_run(settings, engines.database_url))


async def _run(settings: Settings, database_url: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    connections = Connections(database_url, size=settings.control_connections)
    pulse = Pulse(connections, "jobs")
    await pulse.start()
    beside = [
        asyncio.create_task(_reclaim_for_ever(connections, pulse), name="reclaim"),
        asyncio.create_task(_check_for_ever(connections, settings.state_dir / SPOOL_FOLDER), name="metering"),
        asyncio.create_task(keep_keys_for_ever(connections, settings), name="keys"),
        asyncio.create_task(tell_for_ever(settings, database_url, stop), name="tell"),
        asyncio.create_task(send_for_ever(connections, settings), name="mail"),
    ]
    log.info("jobs process is ready")
    try:
        await run_jobs(
            connections,
            settings.state_dir,
            stop,
            limits=Limits(),
            keep_releases=settings.keep_releases,
            keep_days=settings.keep_days,
        )
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await pulse.stop()
        await connections.close()


async def _reclaim_for_ever(connections: Connections, pulse: Pulse) -> None:
    forgot_at = -FORGET_SECONDS
    while True:
        await asyncio.sleep(RECLAIM_SECONDS)
        if pulse.seconds_in_contact < DEAD_AFTER_SECONDS:
            continue  # after an outage of the database nobody has had a chance to beat yet
        try:
            reclaimed = await reclaim(connections)
            if reclaimed.workers:
                log.warning("dead workers reclaimed", extra={"workers": reclaimed.workers, "units": reclaimed.units})
            await prune(connections)
            if time.monotonic() - forgot_at >= FORGET_SECONDS:
                await forget_unused(connections)
                await outbox.forget(connections)
                # Logs are kept elsewhere: a head in them proves the audit up to it (`gsb audit verify --head`).
                log.info("head of the audit", extra={"audit_head": str(await audit.head(connections))})
                await erase_retired(connections)
                await warn_of_ends(connections)
                forgot_at = time.monotonic()
        except GsbError as away:
            log.warning("reclaiming waits for the database: %s", away.message)


async def _check_for_ever(connections: Connections, folder: Path) -> None:
    """What workers that died have left on disk is written down, and what was used is held against what was allotted."""
    while True:
        try:
            await spool.replay(folder, connections)
            await check_and_alarm(connections)
        except GsbError as away:
            log.warning("the check of usage waits for the database: %s", away.message)
        except Exception:
            log.exception("the check of usage failed; it is tried again")
        await asyncio.sleep(CHECK_SECONDS)
