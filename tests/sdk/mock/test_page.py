"""docs/testing.md does what it says: its blocks run one after the other, over contracts of the demo."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.mock.test_sdl import registry_of, worlds

from publicgsb.datasets.catalogue import dataset_page
from publicgsb.datasets.contracts.parse import parse

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/testing.md"
BLOCK = re.compile(r"^```(python|ini)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLUGIN = ("-p", "publicgsb_pytest", "-p", "no:cacheprovider")


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(PAGE.read_text("utf-8")) if kind == language]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the contracts that the page tells how to record."""
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    registry = registry_of([parse(one) for one in worlds()["demo"]])
    for name in (("aviation", "airports"), ("standards", "countries"), ("standards", "subdivisions")):
        page = json.dumps(dataset_page(registry.dataset(*name), ""), ensure_ascii=False)
        (contracts / f"{name[0]}__{name[1]}.json").write_text(page, "utf-8")
    return tmp_path


def run(folder: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "sdk"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_runs_from_top_to_bottom(folder: Path) -> None:
    program = "\n".join(one for one in blocks("python") if "def test_" not in one)
    (folder / "page.py").write_text(program, "utf-8")
    told = run(folder, "-W", "error", "page.py")
    assert "was recalled" in told
    assert "/graphql 200" in told


def test_its_tests_pass_in_pytest_with_its_settings(folder: Path) -> None:
    (folder / "pytest.ini").write_text(blocks("ini")[0], "utf-8")
    (tests,) = (one for one in blocks("python") if "def test_" in one)
    (folder / "test_mine.py").write_text(tests, "utf-8")
    assert "2 passed" in run(folder, "-m", "pytest", *PLUGIN, "-W", "error", "--strict-markers")
