"""The endpoint as schemathesis sees it: a running server, asked what its schema allows and what it does not."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import keys_of, unlimited
from tests.processes import served, settings_env
from tests.schema.worlds import found

SECONDS_MAX = 600
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = 25  # of each root field


@pytest.mark.prove
async def test_schemathesis_finds_nothing(settings: Settings, connections: Connections, state_dir: Path) -> None:
    await found(connections, state_dir)
    await unlimited(connections)
    registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
    with served(settings_env(settings)) as server:
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/graphql",
            "--header", f"Authorization: Bearer {registered.key.secret}",
            "--max-examples", str(EXAMPLES), "--seed", "7", "--workers", "1", "--no-color", "--request-timeout", "30",
            "--checks", CHECKS,
        ]  # fmt: skip
        ran = await asyncio.to_thread(_run, command, state_dir)
        log = server.log_path.read_text()
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert "generated" in ran.stdout, ran.stdout[-2000:]
    assert "Traceback" not in log


def _run(command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """With our scalars: a caller's scalar without any would be an error of the tool."""
    variables = dict(os.environ) | {"SCHEMATHESIS_HOOKS": "scalars", "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=SECONDS_MAX)
