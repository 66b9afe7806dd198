"""What the jobs process does about keys every few minutes: end the silent replaced ones, warn before others end."""

import logging
from datetime import UTC, datetime, timedelta

from publicgsb.apikeys.announcing import tell_keys
from publicgsb.apikeys.upkeep.expiry import Expiring, warn_expiring
from publicgsb.apikeys.upkeep.silent import retire_silent
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.server.settings import Settings

UPKEEP_SECONDS = 300.0

log = logging.getLogger(__name__)


async def keep_keys(connections: Connections, settings: Settings, now: datetime | None = None) -> None:
    now = now or datetime.now(UTC)
    retired = await retire_silent(connections, timedelta(hours=settings.key_silent_hours), now)
    if retired:
        log.info("replaced keys that nobody uses have ended", extra={"keys": len(retired)})
    await warn_expiring(connections, _write, now)


async def _write(connection: Connection, expiring: Expiring) -> None:
    """Into the outbox; the log has no address, as it is read by more people."""
    await tell_keys(connection, "key.expiring", [expiring.key_id], days=expiring.days)
    log.warning(
        "key %s ends within %d days", expiring.key_id, expiring.days, extra={"expires": expiring.expires_at.isoformat()}
    )
