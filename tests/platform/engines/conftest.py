"""An installation of its own for each test: whatever is left running is stopped."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.platform.engines.users import open_user

from publicgsb.platform.server.engines import remove_engines
from publicgsb.platform.server.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GSB_DATABASE_URL", raising=False)
    monkeypatch.delenv("GSB_REDIS_URL", raising=False)


@pytest.fixture
def base() -> Iterator[Path]:
    """A system folder of our own, which the engines' user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="gsb"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def engine_settings(base: Path) -> Iterator[Settings]:
    """Settings of an installation of our own; whatever a test leaves running is stopped."""
    settings = load_settings(state_dir=base / "state")
    yield settings
    remove_engines(settings, system_folder=base)


@pytest.fixture
def user(base: Path, engine_settings: Settings) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Starts another process that uses the engines."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        process = open_user(engine_settings.state_dir, base)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
