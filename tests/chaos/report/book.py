"""The latest result of each scenario, so that one can be played again by itself and the others keep theirs.

docs/reliability.json, from which docs/reliability.md is written.
"""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos.report.finding import Finding, finding_from_json


@dataclass(frozen=True, slots=True)
class Entry:
    """`at`: the day (UTC). `machine`: cores, memory, processor and versions, no names."""

    finding: Finding
    at: str
    took_seconds: int
    machine: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def entry_of(finding: Finding, took_seconds: float) -> Entry:
    return Entry(finding, datetime.now(UTC).date().isoformat(), round(took_seconds), machine())


def read(file: Path) -> dict[str, Entry]:
    """By the names of scenarios; nothing when there is no file yet."""
    if not file.is_file():
        return {}
    return {
        name: Entry(finding_from_json(kept["finding"]), kept["at"], kept["took_seconds"], kept["machine"])
        for name, kept in json.loads(file.read_text(encoding="utf-8")).items()
    }


def write(file: Path, entries: Mapping[str, Entry]) -> None:
    """One line for each scenario, so that a change shows which were played again."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{json.dumps(name)}: {json.dumps(entry.as_json(), ensure_ascii=False)}" for name, entry in entries.items()
    ]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
