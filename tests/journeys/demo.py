"""`gsb demo` as a newcomer starts it, for the tests that look at the real data."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.patience import PATIENT_ENVIRONMENT
from tests.ports import free_port

READY_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Demo:
    url: str
    key: str
    output: str
    environment: dict[str, str]
    state_dir: Path


@contextmanager
def demo(state_dir: Path) -> Iterator[Demo]:
    """`gsb demo` until the end of the block, then Ctrl-C."""
    port = free_port()
    log = state_dir.parent / f"{port}.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GSB_", "PGSB_"))}
    environment |= {"GSB_STATE_DIR": str(state_dir), "GSB_PORT": str(port)}
    environment |= PATIENT_ENVIRONMENT
    environment |= {"GSB_WEBHOOK_HTTP": "true", "GSB_WEBHOOK_PRIVATE": "true"}  # to receivers of the tests
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "publicgsb.platform.server", "demo"], env=environment, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while "Ctrl-C stops everything" not in (output := log.read_text()):
            assert process.poll() is None, output[-3000:]
            assert time.monotonic() < deadline, output[-3000:]
            time.sleep(0.2)
        written = json.loads((state_dir / "demo.json").read_text())
        clean = {"PGSB_URL": written["url"], "PGSB_API_KEY": written["key"], "PATH": os.environ["PATH"]}
        yield Demo(written["url"], written["key"], output, clean, state_dir)
    finally:
        process.send_signal(signal.SIGINT)
        ended = process.wait(180)
    assert ended == 0
