"""Recalls in a file beside the database: a backup from before a recall must not bring back what was recalled.

One JSON object a line, only ever appended to; it holds names, numbers, hashes and reasons, nothing of any data.
"""

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

JOURNAL_FILE = "recalls.jsonl"  # in the state folder

_ALL = load("publicgsb.datasets.releases", "sql/recalls.sql")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecallLine:
    agency: str
    dataset: str
    seq: int
    sha256: str
    reason_fa: str
    reason_en: str
    actor: str


def note(file: Path, line: RecallLine) -> None:
    """On disk when this returns. A recall that is done is not undone because a disk is full: that is logged.

    It begins a line of its own, so that one which a crash cut off does not take it along.
    """
    left = memoryview(f"\n{json.dumps(asdict(line))}\n".encode())
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        log.error("a recall is not in the journal, so a restore would not know of it: %s", type(error).__name__)


def noted(file: Path) -> list[RecallLine]:
    """All of them, in order. A line that was cut off by a crash is left out."""
    if not file.exists():
        return []
    found = []
    for text in file.read_bytes().split(b"\n"):  # and at nothing else: a reason may hold other ends of lines
        if not text:
            continue
        try:
            found.append(RecallLine(**json.loads(text)))
        except (ValueError, TypeError):
            log.warning("a line of %s cannot be read", file.name)
    return found


async def recalls_of(connection: Connection) -> list[RecallLine]:
    """What the database itself knows, in order."""
    return [RecallLine(**row) for row in await connection.fetch(_ALL)]


def merged(*lists: Iterable[RecallLine]) -> list[RecallLine]:
    """Each release once, the first word on it kept."""
    found: dict[tuple[str, str, int, str], RecallLine] = {}
    for lines in lists:
        for line in lines:
            found.setdefault((line.agency, line.dataset, line.seq, line.sha256), line)
    return list(found.values())
