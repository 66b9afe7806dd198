"""How long two hundred generated modules take to import: `python -m benchmarks.typed_modules`.

Each of the demo's contracts is written under as many names as it takes. A fresh process imports them all, with its byte
code compiled before, as a deployed program has it; the median of eleven processes is printed.
"""

import compileall
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.sdk.codegen.worlds import demo_contracts

from publicgsb_sdk.codegen import package, write
from publicgsb_sdk.contract import Contract

COUNT = 200
PROCESSES = 11
TIMED = """
import sys, time
from importlib import import_module
import datetime, decimal, typing
names = sys.argv[1:]
began = time.perf_counter()
for name in names:
    import_module(name)
print(time.perf_counter() - began)
"""


def main() -> None:
    """Prints one line."""
    contracts = demo_contracts()
    chosen = {f"agency_{at % 20}.dataset_{at}": list(contracts.values())[at % len(contracts)] for at in range(COUNT)}

    def told(name: str) -> Contract:
        if name not in chosen:
            return contracts[name]
        agency, dataset = name.split(".")
        return replace(chosen[name], agency=agency, dataset=dataset)

    with tempfile.TemporaryDirectory() as folder:
        write(package(chosen, told), Path(folder) / "gsb_types")
        compileall.compile_dir(folder, quiet=1)
        command = [sys.executable, "-c", TIMED, *(f"gsb_types.{name}" for name in chosen)]
        taken = [_seconds(command, folder) for _ in range(PROCESSES + 1)][1:]
    print(f"{COUNT} modules: {statistics.median(taken) * 1000:.1f} ms (fastest {min(taken) * 1000:.1f} ms)")


def _seconds(command: list[str], folder: str) -> float:
    return float(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
