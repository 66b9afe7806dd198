"""Journeys ask a running application that holds the small world of tests/schema/worlds.py."""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.journeys.demo import Demo, demo
from tests.journeys.pgsb_shell import REGISTER, Shell, run
from tests.processes import served, settings_env
from tests.schema.worlds import found


@pytest.fixture
async def service(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found(connections, state_dir)
    async with running(settings, connections) as service:
        yield service


@pytest.fixture
async def key(service: Service) -> str:
    return await service.data_key()


@pytest.fixture
async def pgsb(settings: Settings, connections: Connections, state_dir: Path, tmp_path: Path) -> AsyncIterator[Shell]:
    """Somebody who has only just installed the command line, and the service as a process."""
    await found(connections, state_dir)
    with served(settings_env(settings)) as server:
        yield Shell(server.url, tmp_path)


@pytest.fixture
async def logged_in(pgsb: Shell) -> Shell:
    """The same after `pgsb register`."""
    await run(pgsb, *REGISTER)
    return pgsb


@pytest.fixture(scope="session")
def demo_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gsb") as folder:
        yield Path(folder) / "state"
        subprocess.run(
            [sys.executable, "-m", "publicgsb.platform.server", "reset", "--yes"],
            env={**os.environ, "GSB_STATE_DIR": f"{folder}/state"},
            check=True,
            capture_output=True,
        )


@pytest.fixture(scope="session")
def running_demo(demo_folder: Path) -> Iterator[Demo]:
    """One for all tests of the group `demo`, which run in one process."""
    with demo(demo_folder) as started:
        yield started
