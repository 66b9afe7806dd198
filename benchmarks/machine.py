"""What the figures were measured on: cores and versions, no names."""

import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from publicgsb.platform.kernel.database import Connections

_PACKAGES = ("uvicorn", "uvloop", "httptools", "starlette", "asyncpg", "orjson", "graphql-core", "strawberry-graphql")


async def facts(connections: Connections, wrk: str) -> Mapping[str, str]:
    async with connections.use() as connection:
        postgres: str = await connection.fetchval("select current_setting('server_version')")
    return {
        "Cores": str(os.cpu_count()),
        "Processor": _processor(),
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "System": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "PostgreSQL": postgres,
        "wrk": _wrk_version(wrk),
        "Packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    }


def _wrk_version(wrk: str) -> str:
    shown = subprocess.run([wrk, "-v"], capture_output=True, text=True, check=False)
    return (shown.stdout + shown.stderr).split()[1]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
