"""Contracts are recorded from a service without a key, with those that they link to, and mocked from the files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb_sdk.testing import MockService
from tests.processes import served, settings_env
from tests.schema.worlds import found

COMMAND = (sys.executable, "-m", "publicgsb_sdk.testing", "record")


def record(folder: Path, url: str, *given: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PGSB_")}
    return subprocess.run(
        [*COMMAND, *given], cwd=folder, env=environment | {"PGSB_URL": url}, capture_output=True, text=True, timeout=180
    )


@pytest.mark.prove
async def test_what_was_recorded_is_what_a_mock_is_made_of(
    settings: Settings, connections: Connections, state_dir: Path, tmp_path: Path
) -> None:
    await found(connections, state_dir)
    with served(settings_env(settings)) as server:
        done = record(tmp_path, server.url, "fly.flights")
        missing = record(tmp_path, server.url, "fly.nothing")
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split()) == [
        f"contracts/{name}.json" for name in ("air__airports", "fly__flights", "geo__countries")
    ]
    assert missing.returncode == 1
    assert "fly/nothing" in missing.stderr
    service = MockService(tmp_path / "contracts", records=12)
    with service.client() as gsb:
        rows = list(gsb.dataset("fly.flights").select("number", "origin_airport.country.name").rows())
        assert len(rows) == 12
        assert all(row["origin_airport"]["country"]["name"] for row in rows)
