"""Load by wrk: 32 connections from one thread, each asking again as soon as it is answered."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CLIENTS = 32
_SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk saw."""

    requests: int
    microseconds: int
    bytes: int
    refused: int  # answered with another status than 2xx or 3xx
    broken: int  # not answered
    p50_us: int
    p99_us: int

    @property
    def per_second(self) -> float:
        return self.requests * 1e6 / self.microseconds


def find_wrk() -> str:
    """wrk, installed from Debian when we may; otherwise it says what to do."""
    found = shutil.which("wrk")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "wrk"], check=False, stdout=subprocess.DEVNULL)
        found = shutil.which("wrk")
    if found is None:
        raise SystemExit("make bench needs wrk, which is not here: apt-get install wrk")
    return found


def run_wrk(wrk: str, url: str, bodies: Path, *, seconds: int, seed: int, variables: Mapping[str, str]) -> Load:
    """`bodies` has one request body per line; `variables` join the environment of wrk."""
    command = [wrk, "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "--timeout", "5s", "-s", str(_SCRIPT), url]
    command += ["--", str(bodies), str(seed)]
    ran = subprocess.run(command, env=dict(os.environ) | dict(variables), capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(f"wrk failed: {ran.stderr.strip() or ran.stdout.strip()}")
    return read_summary(ran.stdout)


def read_summary(output: str) -> Load:
    """From the last line, which wrk.lua writes."""
    return Load(**json.loads(output.strip().rpartition("\n")[2]))
