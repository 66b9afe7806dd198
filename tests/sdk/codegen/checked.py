"""Other people's type checkers over a program that uses generated modules: which of its lines they refuse."""

import json
import re
import subprocess
import sys
from pathlib import Path

SDK = Path(__file__).resolve().parents[3] / "sdk"
CHECKED_SECONDS = 240


def mypy(folder: Path, program: str) -> dict[int, str]:
    """Lines of the program that `mypy --strict` refuses; whatever it says of other files is raised."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / ".cache"), program, "gsb_types"],
        cwd=folder,
        env={"MYPYPATH": str(SDK), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=CHECKED_SECONDS,
    )
    found = re.findall(r"^(.+?):(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    assert all(file == program for file, _, _ in found) and done.returncode in (0, 1), done.stdout + done.stderr
    return {int(line): message for _, line, message in found}


def pyright(folder: Path, program: str) -> dict[int, str]:
    """The same of pyright in strict mode."""
    settings = {
        "include": [program, "gsb_types"],
        "extraPaths": [str(SDK)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=CHECKED_SECONDS,
    )
    told = json.loads(done.stdout)["generalDiagnostics"]
    assert all(Path(one["file"]).name == program for one in told), done.stdout
    return {one["range"]["start"]["line"] + 1: one["message"] for one in told}
