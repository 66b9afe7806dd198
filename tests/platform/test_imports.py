"""What a worker loads: libraries of tens of megabytes are for who makes or reads files, and loaded then."""

import subprocess
import sys
from pathlib import Path

HEAVY = ("pyarrow", "numpy", "pandas", "duckdb", "polars")


def test_a_worker_loads_no_library_for_files() -> None:
    loaded = "import sys, publicgsb.platform.server.app; from publicgsb.platform.server.cli import main; main.load()"
    code = f"{loaded}; print([name for name in {HEAVY} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_command_loads_its_own_part_of_the_platform() -> None:
    others = ("strawberry", "graphql", "publicgsb.schema", "publicgsb.platform.server.app")
    code = (
        "import sys; from publicgsb.platform.server.cli import main;"
        "main(['key', 'list', '--help'], standalone_mode=False);"
        f"print([name for name in {others} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_misspelt_command_is_told_with_its_neighbours() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "publicgsb.platform.server", "datset"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "dataset" in ran.stderr) == (2, True)


def test_a_short_file_is_read_without_them(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a,b\n1,2\n")
    code = (
        "import sys; from pathlib import Path; from publicgsb.datasets.formats.opening import open_rows;"
        "from publicgsb.datasets.ingest.model import Limits; here = Path(sys.argv[1]);"
        "rows = open_rows(here / 'file', Limits(), (), here / 'scratch').__enter__();"
        f"print(rows.next_rows(9), [name for name in {HEAVY} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[['1', '2']] []"
