"""Streams that count: a bomb, a line without end and a text of another encoding pass through here first."""

import codecs
import io
from typing import BinaryIO, Protocol

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.ingest.model import MIB, ErrorCode, FileError, Limits, whole_file

CHUNK_BYTES = 256 * 1024
LINE_BYTES_MAX = MIB
RECORD_CHARACTERS_MAX = MIB  # of a CSV record, which may go on over many lines within quotation marks


class Bytes(Protocol):
    """What a plain file, a gzip or zstd stream and a zip member have in common."""

    def read(self, size: int, /) -> bytes: ...


class Bounded(io.RawIOBase):
    """Counts what comes out of a decompressor and stops a bomb while it is still small."""

    def __init__(self, inner: Bytes, file: BinaryIO, limits: Limits) -> None:
        self._inner, self._file, self._limits = inner, file, limits
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        chunk = self._inner.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self.bytes_read += len(chunk)
        check_unpacked(self.bytes_read, self._file.tell(), self._limits)
        return len(chunk)


def check_unpacked(unpacked: int, packed: int, limits: Limits) -> None:
    """Raises FileError once more has come out than a file of that size may hold."""
    if unpacked > limits.content_bytes_max:
        raise too_large(limits.content_bytes_max)
    if unpacked > max(limits.ratio_free_bytes, limits.ratio_max * packed):
        raise whole_file(
            ErrorCode.COMPRESSION,
            Label(
                f"پرونده بیش از {limits.ratio_max} برابر فشرده شده است و باز نشد.",
                f"The file expands more than {limits.ratio_max} times and was not opened further.",
            ),
            Label("پرونده را فشرده‌نشده بفرستید.", "Send it uncompressed."),
        )


class Recoded(io.RawIOBase):
    """The stream in UTF-8, whatever it was in. UnicodeDecodeError where it is not what it was taken for."""

    def __init__(self, inner: Bytes, encoding: str) -> None:
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._pending = b""
        self._is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        while not self._pending and not self._is_at_end:
            chunk = self._inner.read(CHUNK_BYTES)
            self._is_at_end = not chunk
            self._pending = self._decoder.decode(chunk, final=self._is_at_end).encode()
        taken = self._pending[: len(buffer)]
        self._pending = self._pending[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


class Lines(io.RawIOBase):
    """Refuses a line that is too long before anybody tries to hold it."""

    def __init__(self, inner: Bytes) -> None:
        self._inner = inner
        self._line_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        chunk = self._inner.read(len(buffer))
        buffer[: len(chunk)] = chunk
        line_end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._line_bytes = self._line_bytes + len(chunk) if line_end < 0 else len(chunk) - line_end - 1
        if self._line_bytes > LINE_BYTES_MAX:
            raise whole_file(
                ErrorCode.SOURCE,
                Label("یک سطر پرونده بیش از ۱ مبی‌بایت است.", "A line of the file is longer than 1 MiB."),
                Label("آیا واقعاً CSV یا JSON Lines است؟", "Is it a CSV or a JSON Lines file?"),
            )
        return len(chunk)


def too_large(bytes_max: int) -> FileError:
    return whole_file(
        ErrorCode.BYTE_COUNT,
        Label(f"پرونده بزرگ‌تر از {bytes_max // MIB} مبی‌بایت است.", f"The file exceeds {bytes_max // MIB} MiB."),
        Label("آن را در چند مجموعه‌داده تقسیم کنید.", "Split it into several datasets."),
    )


def too_many_columns(width: int, columns_max: int) -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label(
            f"{width:,} ستون دارد و بیش از {columns_max:,} نمی‌شود.",
            f"It has {width:,} columns; at most {columns_max:,}.",
        ),
        Label("ستون‌های زائد را حذف کنید.", "Leave columns out."),
    )
