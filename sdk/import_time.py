"""Measures what an import of the SDK costs above httpx2: `python sdk/import_time.py`. Prints milliseconds of CPU time.

Each figure is of processes of its own, from a copy with its bytecode, as an installed package has it. CPU time, because
the clock on the wall also counts who else uses the machine.
"""

import compileall
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PROCESSES = 15
PACKAGE = Path(__file__).with_name("publicgsb_sdk")
BEFORE = "import sys, time; sys.path.insert(0, {folder!r}); import httpx2; httpx2.Client, httpx2.AsyncClient; "
TIMED = "began = time.process_time(); {imported}; print((time.process_time() - began) * 1000)"
IMPORTS = ("from publicgsb_sdk import Client", "from publicgsb_sdk import AsyncClient")


def milliseconds(folder: str, imported: str) -> list[float]:
    """Of as many processes."""
    command = [sys.executable, "-c", BEFORE.format(folder=folder) + TIMED.format(imported=imported)]
    runs = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(PROCESSES))  # noqa: S603
    return [float(run.stdout) for run in runs]


def main() -> None:
    """Print them."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PACKAGE, Path(folder) / PACKAGE.name)
        compileall.compile_dir(folder, quiet=1)
        for imported in IMPORTS:
            found = milliseconds(folder, imported)
            print(f"{imported}: median {statistics.median(found):.0f} ms, least {min(found):.0f} ms")  # noqa: T201


if __name__ == "__main__":
    main()
