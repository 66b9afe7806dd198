"""A text of UTF-8 in blocks of whole lines, so that a block can be read by whoever reads it fastest."""

import codecs
from typing import BinaryIO

from publicgsb.datasets.formats.bounds import CHUNK_BYTES
from publicgsb.datasets.ingest.model import MIB

BLOCK_BYTES = 3 * MIB  # in larger ones fewer texts are told twice, and more is held while a file is refused


class Blocks:
    """`source` refuses lines that are too long (bounds.Lines), so a block stays about as large as it should be."""

    def __init__(self, source: BinaryIO, block_bytes: int = BLOCK_BYTES) -> None:
        self._source = source
        self._block_bytes = block_bytes
        self._held = bytearray()
        self._taken = self._end = 0  # of what is held: up to where it was taken, and where its last whole line ends
        self._is_at_end = False
        self._fill()
        if self._held.startswith(codecs.BOM_UTF8):  # no part of the text
            self._taken = len(codecs.BOM_UTF8)

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left to be read from the source; a block may be left to be taken."""
        return self._is_at_end

    def take(self, bytes_max: int | None = None) -> bytes:
        """The next block, or about so many bytes of it; b"" at the end.

        Its last line is whole; that of the file may lack its end.
        """
        if self._taken == self._end:
            self._fill()
        start, end = self._taken, self._end
        if bytes_max is not None and bytes_max < end - start:
            end = last_line_end(self._held, start, start + bytes_max) or end
        self._taken = end
        return bytes(memoryview(self._held)[start:end])

    def give_back(self, count: int) -> None:
        """So many bytes of what was taken last, the last of them: `take` gives them once more."""
        self._taken -= count

    def _fill(self) -> None:
        """With a block, what is held once: the beginning of a line that it ends, and what the source has after it."""
        held = self._held
        del held[: self._end]
        self._taken = self._end = 0
        while not self._is_at_end:
            wanted = self._block_bytes - len(held) if len(held) < self._block_bytes else self._block_bytes
            while wanted and (chunk := self._source.read(min(CHUNK_BYTES, wanted))):
                held += chunk
                wanted -= len(chunk)
            self._is_at_end = wanted > 0
            if not self._is_at_end and (end := last_line_end(held, 0, len(held))):
                self._end = end
                return
        self._end = len(held)


def last_line_end(text: bytearray, start: int, stop: int) -> int:
    """The place after it; 0 without any. A CR that comes last may be half of a CRLF."""
    newline = text.rfind(b"\n", start, stop)
    return max(newline, text.rfind(b"\r", max(newline + 1, start), stop - 1)) + 1
