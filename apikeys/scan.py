"""Keys in files: found offline by their shape and checksum, and never repeated, not even to whoever looks for them."""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from publicgsb.apikeys.format import KEY_LENGTH, is_well_formed

BYTES_MAX = 16 * 1024 * 1024  # of one file; what is larger is data, and is skipped with a count
STDIN = "-"

_SHAPE = re.compile(rb"gsb[lta]_[0-9A-Za-z]{46}")
_SHOWN = len("gsbl_") + 8  # prefix and id
_LOOK = 8192  # a byte of zero among the first means a binary file
_CHUNK = 1024 * 1024
_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # PowerShell writes such files
_SKIPPED_FOLDERS = frozenset({".git"})  # compressed there, and in the history of the commits for scanners of histories


@dataclass(frozen=True, slots=True)
class Leak:
    """Where a whole key stands; `key` is its prefix and public id. Lines and columns count from 1, columns in bytes."""

    path: str
    line: int
    column: int
    key: str


@dataclass(slots=True)
class Scanned:
    """What was looked at, and what was not."""

    leaks: list[Leak] = field(default_factory=list)
    files: int = 0
    bytes: int = 0
    binary: int = 0
    large: int = 0
    unreadable: int = 0


def scan(
    paths: Iterable[str], stdin: BinaryIO, *, bytes_max: int = BYTES_MAX, seen: Callable[[int], None] = lambda _: None
) -> Scanned:
    """Look into files, all files of folders, and `stdin` for the path `-`; `seen` hears the count of files."""
    scanned = Scanned()
    for path in paths:
        if path == STDIN:
            _scan_stream(stdin, scanned)
            continue
        for file in _files(Path(path)):
            _scan_file(file, scanned, bytes_max)
            seen(scanned.files)
    return scanned


def leaks_in(content: bytes, path: str, *, line: int = 1, column: int = 1) -> Iterator[Leak]:
    """The keys in `content`, which begins at this line and column of `path`."""
    at = 0
    counted = 0
    while (found := _SHAPE.search(content, at)) is not None:
        at = found.start() + 1
        text = found[0].decode("ascii")
        if not is_well_formed(text):
            continue
        line, column = _moved(content, counted, found.start(), line, column)
        counted = found.start()
        yield Leak(path, line, column, text[:_SHOWN])


def _moved(content: bytes, begin: int, end: int, line: int, column: int) -> tuple[int, int]:
    """The position at `end` when `begin` is at this one."""
    lines = content.count(b"\n", begin, end)
    if not lines:
        return line, column + end - begin
    return line + lines, end - content.rfind(b"\n", begin, end)


def _files(path: Path) -> Iterator[Path]:
    """The regular files at and below `path`, in the order of their names; symbolic links below it are not followed."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(set(folders) - _SKIPPED_FOLDERS)
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file() and not file.is_symlink():
                yield file


def _scan_file(file: Path, scanned: Scanned, bytes_max: int) -> None:
    scanned.files += 1
    try:
        about = file.stat()
        if about.st_size > bytes_max:
            scanned.large += 1
            return
        if not stat.S_ISREG(about.st_mode):  # a device may have no end
            scanned.unreadable += 1
            return
        content = file.read_bytes()
    except OSError:
        scanned.unreadable += 1
        return
    if content.startswith(_UTF16):
        content = content.decode("utf-16", "replace").encode()
    elif b"\0" in content[:_LOOK]:
        scanned.binary += 1
        return
    scanned.bytes += len(content)
    scanned.leaks.extend(leaks_in(content, str(file)))


def _scan_stream(stream: BinaryIO, scanned: Scanned) -> None:
    """However long it is: a key that a chunk cuts in two is found with the next."""
    scanned.files += 1
    rest, line, column = b"", 1, 1
    while chunk := stream.read(_CHUNK):
        scanned.bytes += len(chunk)
        content = rest + chunk
        scanned.leaks.extend(leaks_in(content, STDIN, line=line, column=column))
        cut = max(0, len(content) - (KEY_LENGTH - 1))
        line, column = _moved(content, 0, cut, line, column)
        rest = content[cut:]
