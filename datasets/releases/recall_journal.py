"""Recalls in a file beside the database: a backup from before a recall must not bring back what was recalled.

One JSON object a line, only ever appended to; it holds names, numbers, hashes and reasons, nothing of any data.
"""

import json
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.sql import load
from publicgsb.platform.kernel.texts import is_storable

JOURNAL_FILE = "recalls.jsonl"  # in the state folder

_ALL = load("publicgsb.datasets.releases", "sql/recalls.sql")
_UNKNOWN = load("publicgsb.datasets.releases", "sql/recalls_unknown.sql")

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
    """On disk when this returns. A recall that is done is not undone because a disk is full: that is logged."""
    try:
        _append(file, [line])
    except OSError as error:
        log.error("a recall is not in the journal, so a restore would not know of it: %s", type(error).__name__)


def keep(file: Path, lines: Iterable[RecallLine]) -> None:
    """Those that the journal does not hold yet, on disk when this returns, or Unavailable: before a database that knows
    of them is dropped.
    """
    try:
        known = noted(file)
        _append(file, merged(known, lines)[len(merged(known)) :])
    except OSError as error:
        raise Unavailable(f"{file} cannot be written; nothing was changed.", reason="journal") from error


def _append(file: Path, lines: Iterable[RecallLine]) -> None:
    """Each begins a line of its own, so that one which a crash cut off does not take it along."""
    left = memoryview("".join(f"\n{json.dumps(asdict(line))}\n" for line in lines).encode())
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def noted(file: Path) -> list[RecallLine]:
    """All of them, in order. A line that was cut off by a crash is left out."""
    if not file.exists():
        return []
    found = []
    for text in file.read_bytes().split(b"\n"):  # and at nothing else: a reason may hold other ends of lines
        if not text:
            continue
        try:
            line = RecallLine(**json.loads(text))
        except (ValueError, TypeError):
            line = None
        if line is None or not _is_sound(line):
            log.warning("a line of %s cannot be read", file.name)
        else:
            found.append(line)
    return found


def _is_sound(line: RecallLine) -> bool:
    """What stands in the file may have been written by anybody who may write there."""
    texts = (line.agency, line.dataset, line.sha256, line.reason_fa, line.reason_en, line.actor)
    return type(line.seq) is int and 0 < line.seq < 1 << 31 and all(isinstance(text, str) for text in texts)


async def recalls_of(connection: Connection) -> list[RecallLine]:
    """What the database itself knows, in order."""
    return [RecallLine(**row) for row in await connection.fetch(_ALL)]


async def unknown_to(connection: Connection, lines: Sequence[RecallLine]) -> list[RecallLine]:
    """Those whose release is there and is not recalled: a restore brought it back."""
    asked = [line for line in lines if is_storable(line.agency) and is_storable(line.dataset)]
    rows = await connection.fetch(
        _UNKNOWN,
        [line.agency for line in asked],
        [line.dataset for line in asked],
        [line.seq for line in asked],
        [line.sha256 for line in asked],
    )
    return [asked[row["place"] - 1] for row in rows]


def merged(*lists: Iterable[RecallLine]) -> list[RecallLine]:
    """Each release once, the first word on it kept."""
    found: dict[tuple[str, str, int, str], RecallLine] = {}
    for lines in lists:
        for line in lines:
            found.setdefault((line.agency, line.dataset, line.seq, line.sha256), line)
    return list(found.values())
