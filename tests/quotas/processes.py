"""Child processes for tests that need more than one event loop."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


def start(program: str, *arguments: object) -> "subprocess.Popen[str]":
    """Run tests/quotas/<program> on the same import path as this process."""
    return subprocess.Popen(
        [sys.executable, str(_HERE / program), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def last_answer(process: "subprocess.Popen[str]", *, timeout_seconds: float = 120) -> Any:
    """The last line that the process printed, read as JSON; it must have ended well."""
    output, _ = process.communicate(timeout=timeout_seconds)
    assert process.returncode == 0
    return json.loads(output.splitlines()[-1])
