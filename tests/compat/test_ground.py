"""Programs of a check end with it, and say why they failed."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.compat import ground as module
from tests.compat.ground import Ground


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground("http://127.0.0.1:1", "gsbl_secret", tmp_path)


def test_what_takes_too_long_ends_with_all_that_it_started(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is closed by nobody but the one in the background; had it lived on, it would say so."""
    monkeypatch.setattr(module, "RUN_SECONDS", 0.5)
    os.mkfifo(ground.folder / "line")
    line = os.open(ground.folder / "line", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(subprocess.TimeoutExpired):
        ground.shell("(sleep 5; echo alive) > line & sleep 600")
    os.set_blocking(line, True)
    assert os.read(line, 10) == b""
    os.close(line)


def test_a_program_that_fails_says_what_it_said(ground: Ground) -> None:
    with pytest.raises(AssertionError, match="no such dataset"):
        ground.shell("echo no such dataset >&2; exit 22")


def test_a_check_sees_the_two_variables_of_the_page_and_none_of_ours(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GSB_DATABASE_URL", "postgres://secret")
    seen = ground.shell('echo "$PGSB_URL $PGSB_API_KEY ${GSB_DATABASE_URL:-none}"')
    assert seen.split() == ["http://127.0.0.1:1", "gsbl_secret", "none"]
