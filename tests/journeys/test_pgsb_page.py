"""docs/pgsb.md, command by command, against the real data: what it shows is what is printed."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.journeys.demo import Demo

pytestmark = pytest.mark.prove

UNSEEN = {0x200E: None, 0x200F: None}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "pgsb.md"


def shown() -> Iterator[tuple[str, str]]:
    """Each command of the page with the lines below it."""
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for one in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = one.partition("\n")
            yield command, output


def as_pattern(text: str) -> str:
    """`…` stands for what changes from run to run: within a line, or for lines of its own."""
    return "".join("(?:.*\n)*" if line == "…" else _as_pattern(line) for line in text.splitlines())


def _as_pattern(line: str) -> str:
    return re.escape(line).replace("…", ".*") + "\n"


@pytest.fixture(scope="module")
def environment(running_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One home for the whole page, with the demo's key and `pgsb` as a shell finds it."""
    home = tmp_path_factory.mktemp("home")
    (home / "key.txt").write_text(running_demo.key)
    document = re.search(r"```graphql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert document
    (home / "highest.graphql").write_text(document[1], encoding="utf-8")
    program = home / "pgsb"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m publicgsb_sdk.cli "$@"\n')
    program.chmod(0o700)
    _wait_for_files(running_demo.url)
    path = f"{home}{os.pathsep}{running_demo.environment['PATH']}"
    return {
        "PATH": path,
        "HOME": str(home),
        "PGSB_URL": running_demo.url,
        "PGSB_KEYRING": "off",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }


def _wait_for_files(url: str) -> None:
    """They are made by the jobs process after the demo is ready."""
    deadline = time.monotonic() + 300
    for dataset in ("standards/datasets/countries", "transport/datasets/flights"):
        path = f"{url}/api/v1/agencies/{dataset}/releases/latest/files"
        while httpx2.get(path, timeout=60).json()["state"] != "made":
            assert time.monotonic() < deadline
            time.sleep(0.5)


@pytest.mark.parametrize(("command", "output"), list(shown()), ids=lambda value: re.sub(r"\W+", "-", value)[:60])
def test_a_command_prints_what_the_page_shows(command: str, output: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-c", command], env=environment, cwd=environment["HOME"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.translate(UNSEEN).strip()
    assert re.fullmatch(as_pattern(output.strip()), printed + "\n" if printed else ""), printed
