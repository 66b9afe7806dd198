"""What the jobs process does about keys every few minutes: end the silent replaced ones, warn before others end."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from publicgsb.apikeys.upkeep.expiry import Expiring, warn_expiring
from publicgsb.apikeys.upkeep.silent import retire_silent
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.server.settings import Settings

UPKEEP_SECONDS = 300.0

log = logging.getLogger(__name__)


async def keep_keys_for_ever(connections: Connections, settings: Settings) -> None:
    """Until cancelled; a failure is logged, and the next round tries again."""
    while True:
        try:
            await keep_keys(connections, settings, datetime.now(UTC))
        except GsbError as away:
            log.warning("the upkeep of keys waits for the database: %s", away.code)
        except Exception:
            log.exception("the upkeep of keys failed; trying again")
        await asyncio.sleep(UPKEEP_SECONDS)


async def keep_keys(connections: Connections, settings: Settings, now: datetime) -> None:
    retired = await retire_silent(connections, timedelta(hours=settings.key_silent_hours), now)
    if retired:
        log.info("replaced keys that nobody uses have ended", extra={"keys": len(retired)})
    await warn_expiring(connections, _write, now)


async def _write(_: Connection, expiring: Expiring) -> None:
    """Without the address: logs are read by more people than an outbox."""
    log.warning(
        "key %s ends within %d days", expiring.key_id, expiring.days, extra={"expires": expiring.expires_at.isoformat()}
    )
