"""One world per process, asked thousands of times: its loop and its connections live as long as the process's tests."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.engines import Engines
from tests.conftest import own_database
from tests.schema.oracle.oracle import Oracle
from tests.schema.oracle.world import found


@pytest.fixture(scope="session")
def oracle(engines: Engines, template: str) -> Iterator[Oracle]:
    with own_database(engines.database_url, template) as url, asyncio.Runner() as runner:
        connections = Connections(url, size=2)
        try:
            with tempfile.TemporaryDirectory(prefix="gsb") as folder:
                registry, facts = runner.run(found(connections, Path(folder)))
            yield Oracle(runner, connections, registry, facts)
        finally:
            runner.run(connections.close())
