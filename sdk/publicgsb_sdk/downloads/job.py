"""All files of a release in one format: some at a time, and the first that fails ends the others.

Each part runs in a thread of its own that nobody has to wait for: a name server without an answer outlasts every
timeout of a socket, so the caller comes back by the deadline and leaves such a thread to its end.
"""

import os
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from publicgsb_sdk.answers import Receipt
from publicgsb_sdk.downloads.line import Line, Stopped
from publicgsb_sdk.downloads.listing import Listing
from publicgsb_sdk.downloads.part import PartDownload
from publicgsb_sdk.errors import InvalidRequest, NotFound, Unavailable
from publicgsb_sdk.manifest import FilePart, Manifest

Progress: TypeAlias = Callable[[int, int], None]

FORMATS = ("parquet", "csv", "xlsx")
STEP_SECONDS = 0.2  # how long a signal such as Ctrl-C may wait to be heard


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What is on disk now: each file with the hash that the service lists, and how to name their source.

    >>> found = gsb.dataset("aviation.airports").download(folder / "airports.parquet")
    >>> len(found.sha256[0]), found.receipt.release
    (64, 3)
    """

    paths: tuple[Path, ...]
    release: int
    rows: int
    bytes: int
    sha256: tuple[str, ...]
    receipt: Receipt


def chosen(manifest: Manifest, format_: str, where: "str | os.PathLike[str]") -> list[tuple[FilePart, Path]]:
    """Which files go where; raises what says why not."""
    path = Path(where)
    if format_ not in FORMATS:
        raise InvalidRequest(f"There is no format {format_!r}.", hint=f"There is {', '.join(FORMATS)}.")
    if not manifest.is_made:
        raise Unavailable(
            f"The files of release {manifest.release} are being made.",
            hint="Ask again in a moment.",
            details={"reason": "pending"},
        )
    parts = manifest.of(format_)
    if not parts:
        raise NotFound(f"Release {manifest.release} has no file in the format {format_}.")
    if str(where).endswith(("/", os.sep)) or path.is_dir():
        return [(part, path / part.name) for part in parts]
    if format_ == "csv" and manifest.csv is not None:
        return [(manifest.csv, path)]
    if len(parts) > 1:
        raise InvalidRequest(
            f"Release {manifest.release} has {len(parts)} files in the format {format_}.",
            hint='Name a folder, as in download("flights/").',
            details={"reason": "several_files"},
        )
    return [(part, path) for part in parts]


def download(
    line: Line,
    listing: Listing,
    files: Iterable[tuple[FilePart, Path]],
    parallel: int = 4,
    progress: Progress | None = None,
) -> None:
    """Come back when all are in place; raises the first error, and keeps what came for the next time."""
    waiting = list(files)
    counter = _Counter(sum(part.bytes for part, _ in waiting), progress)
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    turn = threading.Semaphore(parallel)

    def one(part: FilePart, path: Path) -> None:
        with turn:
            try:
                line.check()
                PartDownload(line, listing, part, path, counter.add).run()
            except BaseException as error:
                ended.put(error)
            else:
                ended.put(None)

    for part, path in waiting:
        threading.Thread(target=one, args=(part, path), name=f"pgsb-{part.name}", daemon=True).start()
    try:
        for _ in waiting:
            error = _next(ended, line)
            if error is not None and not isinstance(error, Stopped):
                raise error
    finally:
        line.stop.set()


def downloaded(manifest: Manifest, files: Iterable[tuple[FilePart, Path]], receipt: Receipt) -> Downloaded:
    """What is told once all is there."""
    parts, paths = zip(*files, strict=True)
    return Downloaded(
        paths=paths,
        release=manifest.release,
        rows=sum(part.rows for part in parts),
        bytes=sum(part.bytes for part in parts),
        sha256=tuple(part.sha256 for part in parts),
        receipt=receipt,
    )


def _next(ended: "queue.SimpleQueue[BaseException | None]", line: Line) -> BaseException | None:
    while True:
        left = line.deadline.left()
        try:
            return ended.get(timeout=max(0.0, min(STEP_SECONDS, left)))
        except queue.Empty:
            if left <= 0:
                raise line.deadline.exceeded() from None


class _Counter:
    """How much has come, of all parts together; told in turn, never by two threads at once."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total = total
        self._progress = progress
        self._done = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            if self._progress is not None:
                self._progress(self._done, self._total)
