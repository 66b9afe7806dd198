# Written from asynchronous/sending.py by `make sdk`; change that one.
"""A file as the body of a request: read piece by piece, so memory stays flat, and as often as it is sent."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from publicgsb_sdk.deadline import Deadline, aside
from publicgsb_sdk.errors import InvalidRequest
from publicgsb_sdk.hashes import measured
from publicgsb_sdk.publishing.progress import SENDING, Progress
from publicgsb_sdk.publishing.sent import media_type, unreadable

PIECE_BYTES = 1 << 20
ANSWER_SECONDS_MIN = 120.0  # all has come; the service still writes it to its disk


class CallersOwnError(Exception):
    """What a callback raised, on its way past the transport, which would take it for a broken connection."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Upload:
    """One file, known by its hash. Its last piece is kept back until what was read is what was hashed."""

    def __init__(self, path: Path, size: int, sha256: str, progress: Progress) -> None:
        self.sha256 = sha256
        self._media_type = media_type(path)
        self._path = path
        self._size = size
        self._progress = progress
        self._is_given_up = False

    def headers(self, more: Mapping[str, str]) -> dict[str, str]:
        """What goes along with the bytes."""
        return {"content-type": self._media_type, "content-length": str(self._size), **more}

    def patience(self, seconds: float) -> float:
        """How long each step of sending it, and the answer to it, may take."""
        return max(seconds, ANSWER_SECONDS_MIN)

    def pieces(self, deadline: Deadline) -> Iterator[bytes]:
        """From the first byte, each time."""
        digest, done, kept = hashlib.sha256(), 0, b""
        self._tell(0)
        with self._opened() as file:
            while piece := self._read(file):
                if done + len(kept) + len(piece) > self._size:  # more than was announced, by which a connection breaks
                    raise self._changed()
                self._refuse_left_behind(deadline)
                yield kept
                done += len(kept)
                self._tell(done)
                digest.update(piece)
                kept = piece
        if digest.hexdigest() != self.sha256:
            raise self._changed()
        self._refuse_left_behind(deadline)
        yield kept
        self._tell(self._size)

    def give_up(self) -> None:
        """Nobody waits any more: a thread that still sends it leaves off before the last piece."""
        self._is_given_up = True

    def _tell(self, done: int) -> None:
        try:
            self._progress(SENDING, done, self._size)
        except Exception as error:
            raise CallersOwnError(error) from error

    def _opened(self) -> BinaryIO:
        try:
            return self._path.open("rb")
        except OSError as error:
            raise unreadable(self._path, error) from None

    def _read(self, file: BinaryIO) -> bytes:
        try:
            return aside(file.read, PIECE_BYTES)
        except OSError as error:
            raise unreadable(self._path, error) from None

    def _refuse_left_behind(self, deadline: Deadline) -> None:
        if self._is_given_up or deadline.left() <= 0:
            raise deadline.exceeded()

    def _changed(self) -> InvalidRequest:
        return InvalidRequest(
            f"{self._path} changed while it was being sent; nothing was handed in.",
            hint="Send it again once nobody writes to it.",
            details={"reason": "file_changed"},
        )


def upload_of(path: Path, progress: Progress) -> Upload:
    """A file that is to be sent, hashed once."""
    try:
        return Upload(path, *aside(measured, path), progress)
    except OSError as error:
        raise unreadable(path, error) from None
