"""One file: fetched from where it stopped, hashed as it comes, and put in its place when every byte is right.

What has come lies beside the target as `.<name>.<hash>.incomplete`: another release, whose bytes differ, never goes on
in it. A file under the target's own name is always whole.
"""

import hashlib
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import httpx2

from publicgsb_sdk.answers import Answer, read_error
from publicgsb_sdk.call import forced, how, lowered
from publicgsb_sdk.downloads.line import Line
from publicgsb_sdk.downloads.listing import Listing
from publicgsb_sdk.errors import ApiError, Conflict, ConnectionFailed, GsbError, IntegrityError
from publicgsb_sdk.manifest import CHUNK_BYTES, FilePart
from publicgsb_sdk.retry import Break

LOCK_STEP_SECONDS = 0.1
WHOLE, PARTIAL, UNAUTHENTICATED, FORBIDDEN, NO_SUCH_RANGE = 200, 206, 401, 403, 416
RESTARTS_MAX = 5  # after which bytes that come are no sign of an end any more
WRONG_MAX = 2  # a second wrong file of the same address is no accident of the line


class PartDownload:
    """One part on its way to one path. `count` is told of bytes that came, negative for those thrown away."""

    def __init__(
        self, line: Line, listing: Listing, part: FilePart, target: Path, count: Callable[[int], None]
    ) -> None:
        self._line = line
        self._listing = listing
        self._part = part
        self._target = target
        self._count = count
        self._hash = hashlib.sha256()
        self._had = 0
        self._restarts = 0
        self._wrong = 0
        self._retried = 0
        self._is_renewed = False  # whether the address is new, and nothing has come from it
        self._forced: bool | None = None  # the server's own word on whether to try again

    def run(self) -> None:
        """Come back when the target is there, with the listed hash; else raise what is in the way."""
        if self._part.is_at(self._target):
            self._count(self._part.bytes)
            return
        self._target.parent.mkdir(parents=True, exist_ok=True)
        incomplete = self._target.with_name(f".{self._target.name}.{self._part.sha256[:16]}.incomplete")
        with _alone(incomplete, self._line) as file:
            if self._part.is_at(self._target):  # by whoever was waited for
                self._count(self._part.bytes)
                incomplete.unlink()
                return
            self._take_up(file)
            self._fetch(file)
            file.flush()
            os.fsync(file.fileno())
            incomplete.replace(self._target)
        _sync_folder(self._target.parent)

    def _take_up(self, file: BinaryIO) -> None:
        """Go on behind what an earlier run has left, which is read again: disks forget, too."""
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            self._hash.update(chunk)
            self._had += len(chunk)
        self._count(self._had)
        if self._had > self._part.bytes:
            self._forget(file)

    def _fetch(self, file: BinaryIO) -> None:
        while not self._is_right():
            self._refuse_wrong(file)
            had, url = self._had, self._listing.url(self._part)
            try:
                self._ask(url, file)
            except (httpx2.HTTPError, ApiError) as error:
                has_come = self._had > had and self._restarts <= RESTARTS_MAX
                self._after(error, url, has_come=has_come)

    def _refuse_wrong(self, file: BinaryIO) -> None:
        """All bytes came and they are others: once more from the start, and then an error."""
        if self._had == self._part.bytes:
            found = self._hash.hexdigest()
            self._forget(file)
            self._wrong += 1
            if self._wrong == WRONG_MAX:
                raise IntegrityError(self._part.name, self._part.sha256, found)

    def _after(self, error: httpx2.HTTPError | ApiError, url: str, *, has_come: bool) -> None:
        """Comes back when it is time for another try, and raises the error where there is none.

        As long as bytes come, it is worth going on: tries are counted from the last one that brought some.
        """
        if has_come:
            self._retried, self._is_renewed = 0, False
        if isinstance(error, httpx2.HTTPError):
            meaning = Break.NOT_SENT if how(error) is Break.NOT_SENT else Break.CUT  # patience has one measure here
            wait = 0.0 if has_come else self._line.rule.after_break(meaning, self._retried, 0, is_safe=True)
            failed: GsbError = _broken(error, self._part)
        elif self._is_expired(error):
            self._listing.renew(self._part, url)
            self._is_renewed = True
            return
        else:
            left = self._line.deadline.left()
            wait = self._line.rule.after_error(error, self._forced, self._retried, left, is_safe=True)
            failed = error
        if wait is None:
            raise failed
        self._retried += 1
        self._line.wait(wait, failed)

    def _is_expired(self, error: ApiError) -> bool:
        is_refused = error.status in (UNAUTHENTICATED, FORBIDDEN)
        return is_refused and self._listing.is_signed and not self._is_renewed

    def _is_right(self) -> bool:
        return self._had == self._part.bytes and self._hash.hexdigest() == self._part.sha256

    def _ask(self, url: str, file: BinaryIO) -> None:
        """One try, from where it stopped; what came before it broke is kept."""
        headers = {"range": f"bytes={self._had}-", "if-range": f'"sha256-{self._part.sha256}"'} if self._had else {}
        with self._line.asked(url, headers, is_signed=self._listing.is_signed) as response:
            if response.status_code == NO_SUCH_RANGE or (
                response.status_code == PARTIAL and _begins(response) != self._had
            ):
                self._forget(file)
                raise httpx2.RemoteProtocolError("another stretch came than was asked for")
            if response.status_code not in (WHOLE, PARTIAL):
                self._forced = forced(response.headers.get("gsb-should-retry"))
                raise read_error(_answer(response))
            if response.status_code == WHOLE:
                self._forget(file)
            for chunk in response.iter_raw():
                self._line.check()
                if self._had + len(chunk) > self._part.bytes:  # longer than it is: not this file
                    self._forget(file)
                    raise httpx2.RemoteProtocolError("more bytes came than the file has")
                file.write(chunk)
                self._hash.update(chunk)
                self._had += len(chunk)
                self._count(len(chunk))
            if self._had < self._part.bytes:
                raise httpx2.RemoteProtocolError("fewer bytes came than the file has")

    def _forget(self, file: BinaryIO) -> None:
        self._count(-self._had)
        self._restarts += self._had > 0
        self._had = 0
        self._hash = hashlib.sha256()
        file.seek(0)
        file.truncate()


def _begins(response: httpx2.Response) -> int:
    """Where the stretch begins that came; -1 where nobody said so."""
    unit, _, stretch = response.headers.get("content-range", "").partition(" ")
    first = stretch.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdecimal() else -1


def _answer(response: httpx2.Response) -> Answer:
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > CHUNK_BYTES:
            break
    return Answer(response.status_code, lowered(response.headers), body)


def _broken(broken: httpx2.HTTPError, part: FilePart) -> ConnectionFailed:
    failed = ConnectionFailed(
        f"{part.name} did not come whole ({type(broken).__name__}: {broken}).",
        hint="What came is kept: the same call goes on where it stopped.",
    )
    failed.__cause__ = broken
    return failed


@contextmanager
def _alone(path: Path, line: Line) -> Generator[BinaryIO, None, None]:
    """The file, for one writer at a time: two that write into it would both be wrong.

    Another call of this process may have been given up and still hold it; it ends with its next time-out.
    """
    until = time.monotonic() + line.timeout_seconds
    while True:
        with path.open("a+b") as file:
            if _locked(file) and _is_still(path, file):
                yield file
                return
        line.check()
        if time.monotonic() > until:
            raise Conflict(f"Somebody else is downloading {path.name}.", hint="Wait for them.")
        line.stop.wait(LOCK_STEP_SECONDS)


def _is_still(path: Path, file: BinaryIO) -> bool:
    """Whether the file is the one of that name: whoever held it may have put it in its place meanwhile."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _locked(file: BinaryIO) -> bool:
    try:
        import fcntl  # noqa: PLC0415 - not on Windows, where nothing is locked
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """A rename lasts once the folder is written down; not every system lets a folder be opened for that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
