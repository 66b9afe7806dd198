"""What the jobs process tells: the outbox to webhooks, and that an account has reached a share of its limit.

On connections of its own, so that a release that holds the others keeps nobody from being told.
"""

import asyncio
import logging

from publicgsb.apikeys.mail import outbox as mails
from publicgsb.apikeys.mail.letters import Letter
from publicgsb.apikeys.webhooks.courier import Courier
from publicgsb.platform.kernel import outbox
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.server import parts
from publicgsb.platform.server.for_ever import AGAIN_SECONDS, for_ever
from publicgsb.platform.server.notices import Notices
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas.thresholds import raise_thresholds

CONNECTIONS = 4
THRESHOLD_SECONDS = 5.0
PRUNE_SECONDS = 3600.0

log = logging.getLogger(__name__)


async def tell_for_ever(settings: Settings, database_url: str, stop: asyncio.Event) -> None:
    """Until `stop` is set; the mails that go with some messages are queued with them.

    A failure of ours is logged and begun again: releases must not die of it.
    """
    connections = Connections(database_url, size=CONNECTIONS)
    secrets = parts.webhook_secrets(load_secrets(settings))
    hearer = Notices(_post)
    beside = [
        asyncio.create_task(for_ever("thresholds", lambda: raise_thresholds(connections), THRESHOLD_SECONDS)),
        asyncio.create_task(for_ever("the outbox", lambda: outbox.prune(connections), PRUNE_SECONDS)),
    ]
    try:
        while not stop.is_set():
            try:
                await Courier(connections, secrets, parts.webhook_sender(settings), hearer=hearer).run(stop)
            except Exception:
                log.exception("webhooks broke; beginning again")
                await asyncio.sleep(AGAIN_SECONDS)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await connections.close()


async def _post(connection: Connection, address: str, subject: str, text: str) -> None:
    await mails.post(connection, address, Letter(subject, text))
