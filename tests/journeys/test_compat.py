"""Each tool of docs/compat.md against the running demo, as its users would."""

from pathlib import Path

import pytest

from tests.compat import known
from tests.compat.__main__ import run
from tests.compat.catalogue import TOOLS
from tests.compat.ground import Ground, wait_for_files
from tests.compat.tool import Tool
from tests.journeys.demo import Demo

pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def files(running_demo: Demo) -> None:
    wait_for_files(running_demo.url, known.DATASETS)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_gets_what_the_demo_holds(tool: Tool, running_demo: Demo, files: None, tmp_path: Path) -> None:
    ground = Ground(running_demo.url, running_demo.key, tmp_path)
    assert tool.version(ground), "it is there, or was fetched"
    run(tool, ground)
