"""The servers that are measured, each a process of its own, alive for as long as it is compared."""

import os
import pickle
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from benchmarks.place import CONNECTIONS, Place
from benchmarks.planner import Recipe
from publicgsb.platform.server.settings import Settings

GSB = (sys.executable, "-m", "publicgsb.platform.server")
_READY_SECONDS = 60.0
_STOP_SECONDS = 15.0


@contextmanager
def ours(place: Place, *, workers: int = 1, keeps_answers: bool = False) -> Iterator[int]:
    """`gsb serve` with keys, quotas and metering; gives its port. It remembers answers only when it is told to."""
    port = free_port()
    command = [*GSB, "serve", "--port", str(port), "--workers", str(workers)]
    variables = environment(place.settings)
    if keeps_answers:
        del variables["GSB_KEPT_ANSWERS_BYTES"]
    with running(command, f"http://127.0.0.1:{port}/health/ready", variables):
        yield port


@contextmanager
def unmetered(place: Place) -> Iterator[int]:
    """Our endpoint without keys, quotas and metering, which is no mode of the product: benchmarks/unmetered.py."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.unmetered", str(port)]
    with running(command, f"http://127.0.0.1:{port}/health/ready", environment(place.settings)):
        yield port


@contextmanager
def ticking(place: Place) -> Iterator[int]:
    """One worker that tells how long its event loop stalls: benchmarks/ticking.py."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.ticking", str(port)]
    with running(command, f"http://127.0.0.1:{port}/health/ready", environment(place.settings)):
        yield port


@contextmanager
def handwritten(place: Place, recipes: Mapping[str, Recipe]) -> Iterator[int]:
    port = free_port()
    file = Path(place.settings.state_dir) / "recipes.pickle"
    file.write_bytes(pickle.dumps((place.database_url, dict(recipes))))
    command = [sys.executable, "-m", "benchmarks.handwritten", str(port), str(CONNECTIONS), str(file)]
    with running(command, f"http://127.0.0.1:{port}/", dict(os.environ)):
        yield port


@contextmanager
def bare() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare", str(port)]
    with running(command, f"http://127.0.0.1:{port}/0", dict(os.environ)):
        yield port


def environment(settings: Settings) -> dict[str, str]:
    """For a `gsb` of the bench: what was set for it, and none of the caller's GSB_ variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GSB_")}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        if value is not None:
            kept[f"GSB_{name.upper()}"] = str(value.get_secret_value() if isinstance(value, SecretStr) else value)
    return kept


@contextmanager
def running(command: list[str], url: str, variables: dict[str, str]) -> Iterator[int]:
    """A process that answers at `url`, until the end of the block; gives its number."""
    process = subprocess.Popen(command, env=variables)
    try:
        _wait(url, process)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Until it answers anything at all."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} does not answer.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
