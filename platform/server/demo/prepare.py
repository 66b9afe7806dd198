"""From nothing to CSV files: fetch, extract, remember; the second time there is nothing to do.

`manifest.json` beside the files says what they were made from, so that a new pin or a changed table makes them anew.
"""

import csv
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from publicgsb.platform.server.demo.sources import SOURCES, Say, Source, fetch
from publicgsb.platform.server.demo.tables import TABLES, Table

TABLES_VERSION = 1  # raised when a table's rows would come out differently from the same source
_MANIFEST = "manifest.json"


def prepare(state_dir: Path, say: Say) -> Path:
    """The folder with every CSV file of the plan, under <state>/demo/csv; `say` gets a sentence per step."""
    folder = state_dir / "demo" / "csv"
    if not is_prepared(folder):
        extract(fetch(state_dir / "demo" / "dl", say, SOURCES), folder, say)
    return folder


def is_prepared(folder: Path) -> bool:
    """Whether the files there were made from the present pins by the present tables."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return manifest.get("made_from") == _made_from(TABLES) and all((folder / table.path).is_file() for table in TABLES)


def extract(
    archives: Mapping[Source, Path], folder: Path, say: Say, tables: tuple[Table, ...] = TABLES
) -> Mapping[str, int]:
    """Writes each table's file and then the manifest; returns rows by path. A half-written file is never seen."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MANIFEST).unlink(missing_ok=True)
    files: dict[str, dict[str, str | int]] = {}
    for table in tables:
        target = folder / table.path
        target.parent.mkdir(parents=True, exist_ok=True)
        rows = _write(table, archives[table.source], target)
        files[table.path] = {"rows": rows, "sha256": _sha256(target), "source": table.source.archive}
        say(f"{table.path}: {rows:,} rows from {table.source.name} {table.source.version}.")
    manifest = {"made_from": _made_from(tables), "files": files}
    _replace(folder / _MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return {path: int(entry["rows"]) for path, entry in files.items()}


def _made_from(tables: tuple[Table, ...]) -> dict[str, str]:
    pins = {table.source.archive: table.source.sha256 for table in tables}
    return {"tables": str(TABLES_VERSION)} | dict(sorted(pins.items()))


def _write(table: Table, archive: Path, target: Path) -> int:
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    rows = 0
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.header)
        for row in table.rows(archive):
            writer.writerow(row)
            rows += 1
    unfinished.replace(target)
    return rows


def _replace(target: Path, text: str) -> None:
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
