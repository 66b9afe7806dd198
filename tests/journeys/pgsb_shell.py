"""`pgsb` as a process of its own, as a person or a script runs it."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PGSB = (sys.executable, "-m", "publicgsb_sdk.cli")
# A shell that starts the tests behind `&` makes all below it deaf to Ctrl-C, which a person's shell would not.
HEARING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
PGSB_HEARING = (sys.executable, "-c", f"{HEARING}; from publicgsb_sdk.cli import main; main()")

REGISTER = ("register", "--name", "استارت‌آپ", "--email", "a@example.org", "--purpose", "Trying it")
UNSEEN = {0x200E: None, 0x200F: None}  # the marks of direction in tables


@dataclass(frozen=True, slots=True)
class Said:
    """What a command wrote."""

    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> dict[str, Any]:
        """The last line of stderr, as programs read it."""
        problem: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return problem


@dataclass(slots=True)
class Shell:
    """One user of one machine: a home of their own, and nothing of this process's settings."""

    url: str
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        ours = ("GSB_", "PGSB_", "COLUMNS")  # xdist's processes have a width that is no terminal's
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return (
            clean
            | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "XDG_CONFIG_HOME": str(self.home)}
            | {"PGSB_URL": self.url, "PGSB_KEYRING": "off", "PYTHONIOENCODING": "utf-8"}
            | self.variables
        )

    def __call__(self, *arguments: str, stdin: str = "", ends_with: int = 0) -> Said:
        done = subprocess.run(
            [*PGSB, *arguments],
            input=stdin,
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == ends_with, (arguments, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return Said(done.stdout, done.stderr)

    def fails(self, number: int, *arguments: str, stdin: str = "") -> dict[str, Any]:
        """The error with which a command ends, as programs read it."""
        return self(*arguments, "-o", "json", stdin=stdin, ends_with=number).error

    def start(self, *arguments: str, **more: Any) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([*PGSB_HEARING, *arguments], env=self.environment, cwd=self.home, **more)

    @property
    def secrets(self) -> dict[str, str]:
        """What is stored for the service."""
        kept: dict[str, str] = json.loads((self.home / "pgsb" / "credentials.json").read_text())["services"][self.url]
        return kept


async def run(shell: Shell, *arguments: str, stdin: str = "", ends_with: int = 0) -> Said:
    """In a thread: the service may run in this loop."""
    return await asyncio.to_thread(lambda: shell(*arguments, stdin=stdin, ends_with=ends_with))


async def fails(shell: Shell, number: int, *arguments: str, stdin: str = "") -> dict[str, Any]:
    return await asyncio.to_thread(lambda: shell.fails(number, *arguments, stdin=stdin))
