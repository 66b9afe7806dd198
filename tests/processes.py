"""Real `gsb` processes for tests that need several workers, signals or the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from publicgsb.platform.server.settings import Settings
from tests.patience import PATIENT
from tests.ports import free_port

READY_SECONDS = 180.0
STOP_SECONDS = 90.0

_GSB = (sys.executable, "-m", "publicgsb.platform.server")


@dataclass(frozen=True, slots=True)
class Server:
    """`gsb serve`: its address, the process that was started, and the file with all that it wrote."""

    url: str
    process: "subprocess.Popen[bytes]"
    log_path: Path


@dataclass(frozen=True, slots=True)
class Jobs:
    """`gsb jobs`."""

    process: "subprocess.Popen[bytes]"
    log_path: Path


def settings_env(settings: Settings, **more: str) -> dict[str, str]:
    """The GSB_ variables under which a process shares the engines, secrets, folder and patience of a test."""
    named = {"state_dir": str(settings.state_dir)} | {name: str(getattr(settings, name)) for name in PATIENT}
    for name, secret in (
        ("database_url", settings.database_url),
        ("redis_url", settings.redis_url),
        ("pepper", settings.pepper),
    ):
        if secret is not None:
            named[name] = secret.get_secret_value()
    return {f"GSB_{name.upper()}": value for name, value in (named | more).items()}


@contextmanager
def served(settings_env: Mapping[str, str], *, workers: int = 1) -> Iterator[Server]:
    """`gsb serve --workers N` on a free port until the end of the block, ready when it begins, SIGTERM at its end.

    GSB_STATE_DIR must be given. A test may stop the process itself; one that is still there must end well.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ("serve", "--port", str(port), "--workers", str(workers))
    with _running(settings_env, f"serve-{port}.log", *arguments) as (process, log_path):
        _wait_until_ready(url, process, log_path, workers)
        yield Server(url, process, log_path)


@contextmanager
def jobs(settings_env: Mapping[str, str]) -> Iterator[Jobs]:
    """`gsb jobs` until the end of the block."""
    with _running(settings_env, f"jobs-{free_port()}.log", "jobs") as (process, log_path):
        deadline = time.monotonic() + READY_SECONDS
        while "jobs process is ready" not in log_path.read_text():
            _must_live(process, log_path, deadline)
            time.sleep(0.02)
        yield Jobs(process, log_path)


def gsb(settings_env: Mapping[str, str], *arguments: str, exit_code: int = 0) -> Any:
    """One command to its end; what it wrote as JSON."""
    done = subprocess.run(
        [*_GSB, "--json", *arguments], env=_environment(settings_env), capture_output=True, text=True, timeout=180
    )
    assert done.returncode == exit_code, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def start_gsb(settings_env: Mapping[str, str], *arguments: str) -> "subprocess.Popen[bytes]":
    """One command, begun and not waited for; whoever begins it ends it. What it writes goes nowhere."""
    return subprocess.Popen(
        [*_GSB, "--json", *arguments],
        env=_environment(settings_env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def processes_below(pid: int) -> list[int]:
    """The children of a process and theirs: the workers of a server among them."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [below for child in children for below in processes_below(child)]


def _environment(settings_env: Mapping[str, str]) -> dict[str, str]:
    """Nothing of this shell's own settings, and the import path of the tests."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GSB_", "PGSB_"))}
    return clean | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | dict(settings_env)


@contextmanager
def _running(
    settings_env: Mapping[str, str], log_name: str, *arguments: str
) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    log_path = Path(settings_env["GSB_STATE_DIR"]) / log_name
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [*_GSB, *arguments], env=_environment(settings_env), stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process, log_path
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0, _tail(log_path)
    finally:
        _kill(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Only what this helper started: the process leads a group of its own."""
    with suppress(ProcessLookupError):  # all of it has ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(STOP_SECONDS)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log_path: Path, workers: int) -> None:
    """Every worker, not just the one that answers first: each logs that it has started."""
    deadline = time.monotonic() + READY_SECONDS
    while log_path.read_text().count("Application startup complete") < workers or not _is_ready(url):
        _must_live(process, log_path, deadline)
        time.sleep(0.02)


def _is_ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/ready").status_code == 200
    except httpx2.TransportError:
        return False


def _must_live(process: "subprocess.Popen[bytes]", log_path: Path, deadline: float) -> None:
    assert process.poll() is None, _tail(log_path)
    assert time.monotonic() < deadline, _tail(log_path)


def _tail(log_path: Path) -> str:
    return log_path.read_text()[-3000:]
