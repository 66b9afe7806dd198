"""Checking a file without releasing it: its keys and links too, where there is a database that says what it knows."""

import asyncio
from pathlib import Path

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.ingest.report import Report
from publicgsb.datasets.releases.linking import NO_ANSWER, NO_DATABASE, needs_database
from publicgsb.datasets.releases.model import Progress
from publicgsb.datasets.releases.service import validate_file
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.server.cli.frame import Context
from publicgsb.platform.server.cli.using import run
from publicgsb.platform.server.engines import is_there


def validated(context: Context, contract: Contract, file: Path, progress: Progress) -> Report:
    """Nobody needs a database to check rows: none is started for it, and one that is away is said in the report."""
    state_dir, why = context.settings.state_dir, NO_DATABASE

    async def with_database(connections: Connections) -> Report:
        return await validate_file(contract, state_dir, file, progress=progress, connections=connections)

    if needs_database(contract) and is_there(context.settings):
        try:
            return run(context, with_database)
        except Unavailable as away:
            if away.details.get("reason") != "database":
                raise
            why = NO_ANSWER
    return asyncio.run(validate_file(contract, state_dir, file, progress=progress, unlinked=why))
