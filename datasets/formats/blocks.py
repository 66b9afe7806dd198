"""A text of UTF-8 in blocks of whole lines, so that a block can be read by whoever reads it fastest."""

import codecs
from typing import BinaryIO

from publicgsb.datasets.formats.bounds import CHUNK_BYTES
from publicgsb.datasets.ingest.model import MIB

BLOCK_BYTES = MIB


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

    def take(self) -> bytes:
        """The next block, b"" at the end. Its last line is whole; that of the file may lack its end."""
        if self._given_back:
            block, self._given_back = self._given_back, b""
            return block
        return self._next()

    def give_back(self, block: bytes) -> None:
        """What was taken last, or the lines of it that were not read: `take` gives it once more."""
        self._given_back = block

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
                if end := _last_line_end(block):
                    self._rest = block[end:]
                    return block[:end]
                chunks = [block]
        self._rest = b""
        return b"".join(chunks)


def _last_line_end(block: bytes) -> int:
    """After it; 0 without any. A CR that comes last may be half of a CRLF."""
    newline = block.rfind(b"\n")
    return max(newline, block.rfind(b"\r", newline + 1, len(block) - 1)) + 1
