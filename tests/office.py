"""LibreOffice as a reader of our workbooks."""

import csv
import subprocess
from pathlib import Path

from tests.debian import program

PACKAGE = "libreoffice-calc-nogui"
# Separator, quote, UTF-8, from line 1, every cell of its own kind, quoted texts, cells as they are stored; all sheets.
AS_STORED = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,-1"
SECONDS = 120


def sheets_of(workbook: Path, folder: Path) -> dict[str, list[list[str]]]:
    """Each sheet as LibreOffice reads it, with a profile of its own."""
    office = program("soffice", PACKAGE)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", AS_STORED, "--outdir", str(folder), str(workbook)],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    found = {}
    for path in folder.glob(f"{workbook.stem}-*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            found[path.stem.removeprefix(f"{workbook.stem}-")] = list(csv.reader(file))
    return found
