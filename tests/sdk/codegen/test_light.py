"""Two hundred modules are light: plain types of Python, and nothing else is loaded for them."""

import subprocess
import sys
from pathlib import Path

from tests.sdk.codegen.worlds import ODD

from publicgsb_sdk.codegen import package, write
from publicgsb_sdk.published import read_contract

COUNT = 200
HEAVY = ("publicgsb_sdk", "httpx2", "pyarrow", "pandas", "polars", "duckdb", "numpy", "asyncio", "inspect")


def test_two_hundred_modules_load_nothing_but_themselves(tmp_path: Path) -> None:
    names = [f"agency_{number % 20}.dataset_{number}" for number in range(COUNT)]
    contract = ODD["contract"] | {"links": []}

    def told(name: str) -> dict[str, object]:
        agency, dataset = name.split(".")
        return ODD | {"agency": agency, "dataset": dataset, "contract": contract}

    write(package(names, lambda name: read_contract(told(name))), tmp_path / "gsb_types")
    modules = [f"gsb_types.{name}" for name in names]
    code = (
        "import sys; from importlib import import_module;"
        f"loaded = [import_module(name).DecimalRecord for name in {modules}];"
        f"print(len(loaded), [name for name in {HEAVY} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == f"{COUNT} []"
