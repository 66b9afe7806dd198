"""What the jobs process tells by mail: queued with the message, so that it goes out once."""

import asyncio

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.outbox import publish
from publicgsb.platform.server.settings import Settings
from publicgsb.platform.server.telling import tell_for_ever

EXPIRING = {"key": "abcdefgh", "label": "first key", "days": 7, "expiresAt": "2026-12-04T00:00:00Z"}


async def test_a_message_that_concerns_an_organisation_is_in_the_outbox_of_mails(
    settings: Settings, connections: Connections, database_url: str
) -> None:
    async with connections.transaction() as connection:
        organisation_id = await connection.fetchval(
            """
            insert into gsb.organisation (name, email, purpose) values ('Rah', 'rah@example.org', 'trips') returning id
            """
        )
        await publish(connection, "key.expiring", EXPIRING, organisation_id=organisation_id)
    stop = asyncio.Event()
    telling = asyncio.create_task(tell_for_ever(settings, database_url, stop))
    async with asyncio.timeout(60), connections.use() as connection:
        while not (mails := await connection.fetch("select to_address, subject from gsb.mail")):
            await asyncio.sleep(0.02)
    stop.set()
    await telling
    assert [(row["to_address"], "abcdefgh" in row["subject"]) for row in mails] == [("rah@example.org", True)]
