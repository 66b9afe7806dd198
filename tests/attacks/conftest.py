"""Attacks ask a running application with the small world and a key whose limits do not stop them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.attacks.world import found_attacked
from tests.journeys.load import unlimited


@pytest.fixture
async def service(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found_attacked(connections, state_dir)
    await unlimited(connections)
    async with running(settings, connections) as service:
        yield service


@pytest.fixture
async def key(service: Service) -> str:
    return await service.data_key()
