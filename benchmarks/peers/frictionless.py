"""frictionless-py in an environment of its own, kept in the state folder: it reads the same file by the same fields."""

import subprocess
import sys
import venv
from pathlib import Path

VERSION = "5.21.0"
_SCRIPT = """
import json, sys, time
import frictionless
path, schema = sys.argv[1:]
schema = frictionless.Schema.from_descriptor(json.load(open(schema)))
frictionless.system.trusted = True  # else it reads no file by its whole path
began = time.perf_counter()
found = frictionless.Resource(path=path, schema=schema).validate()
took = time.perf_counter() - began
places = [[row and row - 1, field] for row, field in found.flatten(["rowNumber", "fieldName"])]  # it counts the header
peak = open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]
print(json.dumps([found.tasks[0].stats["rows"], places, took, int(peak)]))
"""


def install(state_dir: Path) -> Path:
    """The interpreter that has it; made once for a version."""
    folder = state_dir / "peers" / f"frictionless-{VERSION}"
    python = folder / "bin" / "python"
    done = folder / ".installed"
    if not done.exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", f"frictionless=={VERSION}"]
        if subprocess.run(pip, check=False, stdout=sys.stderr).returncode != 0:
            raise SystemExit("frictionless beside us cannot be installed; the part `validating` needs it.")
        done.touch()
    return python


def command(python: Path, file: Path, schema: Path) -> list[str]:
    """Prints rows, row and field of each error, seconds, and the peak of its memory in KiB, as JSON."""
    return [str(python), "-c", _SCRIPT, str(file), str(schema)]
