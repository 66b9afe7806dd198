"""A text of UTF-8 in blocks of whole lines, so that a block can be read by whoever reads it fastest."""

import codecs
from typing import BinaryIO

from publicgsb.datasets.formats.bounds import CHUNK_BYTES
from publicgsb.datasets.ingest.model import MIB

BLOCK_BYTES = 4 * MIB  # in larger ones fewer texts are told twice


class Blocks:
    """`source` refuses lines that are too long (bounds.Lines), so a block stays about as large as it should be."""

    def __init__(self, source: BinaryIO, block_bytes: int = BLOCK_BYTES) -> None:
        self._source = source
        self._block_bytes = block_bytes
        self._given_back = b""
        self._rest = b""  # the beginning of a line that the next block ends
        self._is_at_end = False
        self._give_first()

    @property
    def is_at_end(self) -> bool:
        """Whether no block is left to be read from the source; one may have been given back."""
        return self._is_at_end and not self._rest

    def take(self, bytes_max: int | None = None) -> bytes:
        """The next block, or about so many bytes of it; b"" at the end.

        Its last line is whole; that of the file may lack its end.
        """
        block, self._given_back = self._given_back or self._next(), b""
        if bytes_max is not None and (end := last_line_end(block[:bytes_max])):
            block, self._given_back = block[:end], block[end:]
        return block

    def give_back(self, block: bytes) -> None:
        """What was taken last, or the lines of it that were not read: `take` gives them once more."""
        self._given_back = block + self._given_back

    def _give_first(self) -> None:
        """Without a byte order mark."""
        first = self._next()
        if first == codecs.BOM_UTF8:  # a block is never empty before the end
            first = self._next()
        self._given_back = first.removeprefix(codecs.BOM_UTF8)

    def _next(self) -> bytes:
        chunks, held = [self._rest], len(self._rest)
        while not self._is_at_end:
            wanted = self._block_bytes - held
            chunk = self._source.read(min(CHUNK_BYTES, wanted if wanted > 0 else self._block_bytes))
            self._is_at_end = not chunk
            chunks.append(chunk)
            held += len(chunk)
            if held >= self._block_bytes:
                block = b"".join(chunks)
                if end := last_line_end(block):
                    self._rest = block[end:]
                    return block[:end]
                chunks = [block]
        self._rest = b""
        return b"".join(chunks)


def last_line_end(block: bytes) -> int:
    """After it; 0 without any. A CR that comes last may be half of a CRLF."""
    newline = block.rfind(b"\n")
    return max(newline, block.rfind(b"\r", newline + 1, len(block) - 1)) + 1
