"""What a worker loads: libraries of tens of megabytes are for who makes or reads files, and loaded then."""

import subprocess
import sys

HEAVY = ("pyarrow", "numpy", "pandas", "duckdb", "polars")


def test_a_worker_loads_no_library_for_files() -> None:
    loaded = "import sys, publicgsb.platform.server.cli, publicgsb.platform.server.app"
    code = f"{loaded}; print([name for name in {HEAVY} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
