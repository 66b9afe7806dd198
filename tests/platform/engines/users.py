"""Other processes that use the engines, and what can be seen of the engines from outside."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg

from publicgsb.platform.server.engines.processes import command_line

IS_ROOT = os.geteuid() == 0

# Another process that uses the engines until its input closes, or for ever: kill it as you like.
USER = """
import os, sys
from pathlib import Path
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.settings import load_settings
{before}
with Engines(load_settings(state_dir=Path(sys.argv[1])), system_folder=Path(sys.argv[2])) as engines:
    print(engines.database_url, engines.redis_url, flush=True)
    try:
        sys.stdin.read()
    except KeyboardInterrupt:
        pass
print("left", flush=True)
"""


def open_user(state_dir: Path, base: Path, before: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", USER.format(before=textwrap.dedent(before)), str(state_dir), str(base)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def urls(process: "subprocess.Popen[str]") -> list[str]:
    assert process.stdout
    return process.stdout.readline().split()


def query(url: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def processes_of(base: Path) -> dict[int, str]:
    """Every engine process below `base`, by its command line or working folder."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                place = str((entry / "cwd").readlink())
            except OSError:
                continue
            line = command_line(int(entry.name))
            if str(base) in place and ("postgres" in line or "valkey" in line):
                found[int(entry.name)] = line
    return found


def owners_of(base: Path) -> Iterator[int]:
    for pid in processes_of(base):
        with suppress(FileNotFoundError):  # PostgreSQL's own workers come and go
            yield Path(f"/proc/{pid}").stat().st_uid
