"""Facts on disk while the database is away: written through to the medium, read back by whoever comes first.

One file per writer and outage in a folder that all processes of the machine share. Its writer holds a lock on it for as
long as it lives, so a file whose lock can be had has no writer any more and is anybody's to replay. A line is a
checksum and a fact with its (worker boot, seq): what is replayed twice counts once. A line that a crash cut short is
told by its checksum and was never reported as spooled.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID
from zlib import crc32

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas import store
from publicgsb.quotas.store import Fact

SUFFIX = ".facts"
BATCH = 2_000

log = logging.getLogger(__name__)


class SpoolFull(Exception):
    """The folder holds as much as it may."""


class Spool:
    """The writing side, one per worker. `append` blocks on the disk: call it in a thread."""

    def __init__(self, folder: Path, boot_id: BootId, bytes_max: int) -> None:
        self.folder = folder
        self._boot_id = boot_id
        self._bytes_max = bytes_max
        self._file: BinaryIO | None = None
        self._files = 0

    @property
    def is_written(self) -> bool:
        return self._file is not None

    def append(self, facts: Sequence[Fact]) -> None:
        """All of them are on the medium when this returns. Raises OSError or SpoolFull, and kept none then."""
        lines = b"".join(_line(self._boot_id, fact) for fact in facts)
        if _size_of(self.folder) + len(lines) > self._bytes_max:
            raise SpoolFull(f"{self.folder} holds {self._bytes_max} bytes")
        file = self._file or self._open()
        before = os.fstat(file.fileno()).st_size
        try:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            # What a full disk took of it goes again, so that the next line begins a line.
            with suppress(OSError):
                os.ftruncate(file.fileno(), before)
            self.let_go()
            raise

    def let_go(self) -> None:
        """The file has no writer any more: anybody may replay it, this process too."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _open(self) -> BinaryIO:
        """Locked before it can be found: a file that is found and not locked has lost its writer."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._files += 1
        named = self.folder / f"{self._boot_id}-{self._files}{SUFFIX}"
        hidden = named.with_suffix(".new")
        file = os.fdopen(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600), "ab", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        hidden.rename(named)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._file = file
        return file


async def replay(folder: Path, connections: Connections) -> int:
    """Bring every file without a writer into the database and remove it; returns how many facts were in them.

    Raises Unavailable when the database is away again; what it has by then counts once all the same.
    """
    facts = 0
    for path in _files_of(folder):
        with _taken(path) as file:
            if file is None:
                continue
            damaged = 0
            batches: dict[UUID, list[Fact]] = {}
            for line in file:
                read = _read(line)
                if read is None:
                    damaged += 1
                    continue
                boot_id, fact = read
                batch = batches.setdefault(boot_id, [])
                batch.append(fact)
                if len(batch) == BATCH:
                    await _write(connections, boot_id, batch)
                    facts += len(batch)
                    batch.clear()
            for boot_id, batch in batches.items():
                await _write(connections, boot_id, batch)
                facts += len(batch)
            path.unlink()
            if damaged:
                log.warning("lines of %s were cut short and are left out: %d", path.name, damaged)
    return facts


def has_files(folder: Path) -> bool:
    return bool(_files_of(folder))


async def _write(connections: Connections, boot_id: UUID, batch: Sequence[Fact]) -> None:
    if batch:
        async with connections.use() as connection:
            await store.facts_add(connection, BootId(boot_id), batch)


@contextmanager
def _taken(path: Path) -> Iterator[BinaryIO | None]:
    """The file, ours alone until the end of the block; None when somebody else has it or had it."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        # Whoever had the lock before us may have replayed and removed it.
        yield file if os.fstat(file.fileno()).st_nlink else None


def _files_of(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    except FileNotFoundError:
        return []


def _size_of(folder: Path) -> int:
    size = 0
    for path in _files_of(folder):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size


def _line(boot_id: UUID, fact: Fact) -> bytes:
    members = [str(boot_id), *astuple(fact)]
    members[2] = fact.second.isoformat()
    text = json.dumps(members, separators=(",", ":")).encode()
    return b"%08x %b\n" % (crc32(text), text)


def _read(line: bytes) -> tuple[UUID, Fact] | None:
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % crc32(text):
        return None
    boot_id, seq, second, *more = json.loads(text)
    return UUID(boot_id), Fact(seq, datetime.fromisoformat(second), *more)
