"""What comes before anybody serves or makes files: the database at this version, and none of it that was recalled."""

import logging

from publicgsb.datasets.releases.recall import recall_again
from publicgsb.datasets.releases.recall_journal import JOURNAL_FILE, merged, noted, unknown_to
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.migrate import migrate
from publicgsb.platform.server.settings import Settings

log = logging.getLogger(__name__)


async def bring_up(settings: Settings, database_url: str) -> None:
    """Migrates, and recalls again what the journal names and the database still reads.

    A restore does so itself; one that was interrupted between the rows and the recalls has not.
    """
    await migrate(database_url)
    lines = merged(noted(settings.state_dir / JOURNAL_FILE))
    if not lines:
        return
    connections = Connections(database_url, size=2)
    try:
        async with connections.use() as connection:
            brought_back = await unknown_to(connection, lines)
        again = await recall_again(connections, brought_back)
    finally:
        await connections.close()
    if again:
        log.warning("releases that a restore had brought back are recalled again", extra={"releases": again})
