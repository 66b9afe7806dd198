"""Opening a file of an agency: plain, gzip or a zip that holds one file, never more of it than the limits allow."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.ingest.model import MIB, ErrorCode, FileError, Limits, whole_file

_LINE_BYTES_MAX = MIB
_CHUNK_BYTES = 256 * 1024
_GZIP, _ZIPS = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")  # the second begins an archive of nothing
_ENCRYPTED, _METHODS = 0x1, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class _Bytes(Protocol):
    """What a plain file, a gzip stream and a zip member have in common."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class OpenSource:
    text: TextIO
    bytes_total: int
    _file: BinaryIO
    _bounded: "_Bounded"

    @property
    def bytes_read(self) -> int:
        """Of the file as it lies on disk, so that it can be compared with `bytes_total`."""
        return min(self._file.tell(), self.bytes_total)

    def content_bytes(self) -> int:
        """How much has come out of it, unpacked."""
        return self._bounded.bytes_read


@contextmanager
def open_source(path: Path, limits: Limits) -> Iterator[OpenSource]:
    """The file as text. Whatever is wrong with it, here or while reading, is raised as FileError."""
    size = path.stat().st_size
    if size > limits.file_bytes_max:
        raise _too_large(limits.file_bytes_max)
    if size == 0:
        raise _empty()
    with path.open("rb") as file, _translated(), _unpacked(file) as inner:
        bounded = _Bounded(inner, file, limits)
        buffered = io.BufferedReader(bounded, _CHUNK_BYTES)
        if buffered.peek(2)[:2] in _UTF16:
            raise _encoding()
        # utf-8-sig drops a byte order mark; newline="" leaves line ends within quotes to the CSV reader.
        with io.TextIOWrapper(buffered, encoding="utf-8-sig", newline="") as text:
            yield OpenSource(text, size, file, bounded)


class _Bounded(io.RawIOBase):
    """Counts what comes out of the decompressor and stops a bomb while it is still small."""

    def __init__(self, inner: _Bytes, file: BinaryIO, limits: Limits) -> None:
        self._inner, self._file, self._limits = inner, file, limits
        self.bytes_read = 0
        self._line_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        chunk = self._inner.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self._count(chunk)
        return len(chunk)

    def _count(self, chunk: bytes) -> None:
        self.bytes_read += len(chunk)
        limits = self._limits
        if self.bytes_read > limits.content_bytes_max:
            raise _too_large(limits.content_bytes_max)
        if self.bytes_read > max(limits.ratio_free_bytes, limits.ratio_max * self._file.tell()):
            raise whole_file(
                ErrorCode.COMPRESSION,
                Label(
                    f"پرونده بیش از {limits.ratio_max} برابر فشرده شده است و باز نشد.",
                    f"The file expands more than {limits.ratio_max} times and was not opened further.",
                ),
                Label("پرونده را فشرده‌نشده بفرستید.", "Send it uncompressed."),
            )
        line_end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._line_bytes = self._line_bytes + len(chunk) if line_end < 0 else len(chunk) - line_end - 1
        if self._line_bytes > _LINE_BYTES_MAX:
            raise whole_file(
                ErrorCode.SOURCE,
                Label("یک سطر پرونده بیش از ۱ مبی‌بایت است.", "A line of the file is longer than 1 MiB."),
                Label("آیا واقعاً CSV است؟", "Is it a CSV file?"),
            )


@contextmanager
def _unpacked(file: BinaryIO) -> Iterator[_Bytes]:
    magic = file.read(4)
    file.seek(0)
    if magic[:2] == _GZIP:
        with gzip.GzipFile(fileobj=file) as inner:
            yield inner
    elif magic in _ZIPS:
        with zipfile.ZipFile(file) as archive, archive.open(_only_member(archive)) as member:
            yield member
    else:
        yield file


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        raise whole_file(
            ErrorCode.COMPRESSION,
            Label(f"بایگانی زیپ {len(members)} پرونده دارد.", f"The zip archive holds {len(members)} files."),
            Label("زیپی با یک پرونده CSV بفرستید.", "Send a zip that holds one CSV file."),
        )
    if members[0].flag_bits & _ENCRYPTED or members[0].compress_type not in _METHODS:
        raise _damaged()
    return members[0]


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the decompressors and the decoder, in the agency's words."""
    try:
        yield
    except UnicodeDecodeError:
        raise _encoding() from None
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError):
        raise _damaged() from None


def _damaged() -> FileError:
    return whole_file(
        ErrorCode.COMPRESSION,
        Label("پروندهٔ فشرده ناقص، رمزدار یا خراب است.", "The archive is truncated, encrypted or damaged."),
        Label("دوباره فشرده و ارسال کنید.", "Compress it again with gzip or plain zip and resend."),
    )


def _too_large(bytes_max: int) -> FileError:
    return whole_file(
        ErrorCode.BYTE_COUNT,
        Label(f"پرونده بزرگ‌تر از {bytes_max // MIB} مبی‌بایت است.", f"The file exceeds {bytes_max // MIB} MiB."),
        Label("آن را در چند مجموعه‌داده تقسیم کنید.", "Split it into several datasets."),
    )


def _empty() -> FileError:
    return whole_file(
        ErrorCode.SOURCE,
        Label("پرونده خالی است.", "The file is empty."),
        Label("سطر عنوان‌ها و ردیف‌ها را بفرستید.", "Send a header line and rows."),
    )


def _encoding() -> FileError:
    return whole_file(
        ErrorCode.ENCODING,
        Label("متن پرونده UTF-8 نیست.", "The text is not UTF-8."),
        Label("در اکسل «CSV UTF-8» را برای ذخیره برگزینید.", 'In a spreadsheet choose "CSV UTF-8" when saving.'),
    )
