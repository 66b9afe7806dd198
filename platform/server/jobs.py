"""The jobs process: uploaded files become releases, what is past its time is tidied, dead workers are reclaimed."""

import asyncio
import logging
import signal
from datetime import UTC, datetime

from publicgsb.apikeys.grants.expiring import warn_of_ends
from publicgsb.apikeys.mail import outbox
from publicgsb.apikeys.signing.service import erase_retired
from publicgsb.datasets.demand import figures as demand
from publicgsb.datasets.drafting.requested.making import make_drafts
from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.requested.making import make_requested
from publicgsb.datasets.exports.sweep import sweep_files
from publicgsb.datasets.fetching.service import fetch_due
from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.jobs.worker import run_jobs
from publicgsb.datasets.notices.ending import end_due
from publicgsb.datasets.quality.asking import ask_due, count_uncounted
from publicgsb.datasets.requests.deadlines import keep_clocks
from publicgsb.datasets.reviews.reminding import lapse_changed, remind
from publicgsb.datasets.validating.making import look_at_files
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse, prune
from publicgsb.platform.server import audit
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.exports import objects_of
from publicgsb.platform.server.fetching import fetch_rules
from publicgsb.platform.server.for_ever import for_ever
from publicgsb.platform.server.mail import LOOK_SECONDS, send_all
from publicgsb.platform.server.noticing import tell_late_users, users_of
from publicgsb.platform.server.parts import SPOOL_FOLDER
from publicgsb.platform.server.recalling import tell_readers
from publicgsb.platform.server.requesting import tell_asker
from publicgsb.platform.server.settings import Settings
from publicgsb.platform.server.telling import tell_for_ever
from publicgsb.platform.server.upkeep import UPKEEP_SECONDS, keep_keys
from publicgsb.quotas import spool
from publicgsb.quotas.leases import DEAD_AFTER_SECONDS, reclaim
from publicgsb.quotas.metering.check import check_and_alarm
from publicgsb.schema.serving.persisted import forget_unused

RECLAIM_SECONDS = 5.0
TIDY_SECONDS = 3600.0
CHECK_SECONDS = 60.0
REVIEW_SECONDS = 60.0
REQUESTS_SECONDS = 60.0
FILES_SECONDS = 1.0
DRAFTS_SECONDS = 0.5
SWEEP_SECONDS = 600.0
FETCH_SECONDS = 30.0
QUALITY_SECONDS = 5.0

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
    objects, folder = objects_of(settings), settings.state_dir
    pulse = Pulse(connections, "jobs")
    await pulse.start()
    beside = [
        asyncio.create_task(one, name=name)
        for name, one in {
            "reclaim": for_ever("reclaiming", lambda: _reclaim(connections, pulse), RECLAIM_SECONDS),
            "tidy": for_ever("tidying", lambda: _tidy(connections), TIDY_SECONDS),
            "metering": for_ever("the check of usage", lambda: _check(connections, settings), CHECK_SECONDS),
            "keys": for_ever("the upkeep of keys", lambda: keep_keys(connections, settings), UPKEEP_SECONDS),
            "tell": tell_for_ever(settings, database_url, stop),
            "reviews": for_ever("reviews", lambda: _reviews(connections), REVIEW_SECONDS),
            "requests": for_ever(
                "data requests",
                lambda: keep_clocks(connections, tell=tell_asker(settings.base_url)),
                REQUESTS_SECONDS,
            ),
            "files": for_ever("making files", lambda: make_due(connections, objects, folder), FILES_SECONDS),
            "exports": for_ever("exports", lambda: make_requested(connections, objects, folder), FILES_SECONDS),
            "drafts": for_ever("drafting", lambda: make_drafts(connections, folder), DRAFTS_SECONDS),
            "validations": for_ever("validating", lambda: look_at_files(connections, folder), DRAFTS_SECONDS),
            "sweep": for_ever("sweeping files", lambda: sweep_files(connections, objects, folder), SWEEP_SECONDS),
            "sources": for_ever(
                "fetching", lambda: fetch_due(connections, settings.state_dir, fetch_rules(settings)), FETCH_SECONDS
            ),
            "quality": for_ever("quality", lambda: _quality(connections, settings), QUALITY_SECONDS),
            "mail": for_ever("mail", lambda: send_all(connections, settings), LOOK_SECONDS),
        }.items()
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
            users_of=users_of,
        )
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await pulse.stop()
        await connections.close()


async def _reclaim(connections: Connections, pulse: Pulse) -> None:
    if pulse.seconds_in_contact < DEAD_AFTER_SECONDS:
        return  # after an outage of the database nobody has had a chance to beat yet
    reclaimed = await reclaim(connections)
    if reclaimed.workers:
        log.warning("dead workers reclaimed", extra={"workers": reclaimed.workers, "units": reclaimed.units})
    await prune(connections)


async def _tidy(connections: Connections) -> None:
    # Logs are kept elsewhere: a head in them proves the audit up to it (`gsb audit verify --head`).
    log.info("head of the audit", extra={"audit_head": str(await audit.head(connections))})
    await forget_unused(connections)
    await outbox.forget(connections)
    await erase_retired(connections)
    await warn_of_ends(connections)
    await tell_late_users(connections)
    await demand.forget(connections)


async def _reviews(connections: Connections) -> None:
    await lapse_changed(connections)
    await tell_readers(connections)
    await remind(connections)
    await end_due(connections, datetime.now(UTC))


async def _quality(connections: Connections, settings: Settings) -> None:
    await count_uncounted(connections)
    await ask_due(connections, settings.base_url)


async def _check(connections: Connections, settings: Settings) -> None:
    """What workers that died have left on disk is written down, and what was used is held against what was allotted."""
    await spool.replay(settings.state_dir / SPOOL_FOLDER, connections)
    await check_and_alarm(connections)
