"""gzip, zstd and zip around a file: told by their first bytes, one layer deep, one file within. Names of members are
never used as paths.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.bounds import Bytes
from publicgsb.datasets.formats.model import Container
from publicgsb.datasets.ingest.model import ErrorCode, FileError, whole_file

_GZIP, _ZSTD, ZIPS = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", (b"PK\x03\x04", b"PK\x05\x06")  # the last begins an empty zip
_ENCRYPTED, _METHODS = 0x1, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DIRECTORY_BYTES_MAX = 4 * 1024 * 1024  # some 40,000 members; Python makes an object of each
_TAIL_BYTES = 65_536 + 22 + 20 + 56
_IN_LONG_RECORD = 0xFFFF_FFFF


def container_of(magic: bytes) -> Container | None:
    if magic[:2] == _GZIP:
        return Container.GZIP
    if magic[:4] == _ZSTD:
        return Container.ZSTD
    return Container.ZIP if magic[:4] in ZIPS else None


@contextmanager
def unpacked(file: BinaryIO, container: Container | None) -> Iterator[Bytes]:
    """The one stream in `file`, from its beginning."""
    file.seek(0)
    match container:
        case None:
            yield file
        case Container.GZIP:
            with gzip.GzipFile(fileobj=file) as inner:
                yield inner
        case Container.ZSTD:
            import pyarrow  # noqa: PLC0415 - 70 MB of memory that most files do not need

            try:
                with pyarrow.CompressedInputStream(pyarrow.PythonFile(_Kept(file), "r"), "zstd") as inner:
                    yield inner
            except pyarrow.ArrowException:
                raise damaged() from None
        case Container.ZIP:
            with open_zip(file) as archive, archive.open(_only_member(archive)) as member:
                yield member


class _Kept(io.RawIOBase):
    """Pyarrow closes what it was given; the file is read once more after it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        chunk = self._file.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


@contextmanager
def open_zip(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The archive, once its directory is known to be small enough to be held."""
    file.seek(0)
    if _directory_bytes(file) > _DIRECTORY_BYTES_MAX:
        raise many_members()
    with zipfile.ZipFile(file) as archive:
        yield archive


def _directory_bytes(file: BinaryIO) -> int:
    """The greatest size of a zip's directory that any record tells that could be taken for the last: one may be
    planted beside the one that counts. 0 where there is no such record; zipfile says so.
    """
    end = file.seek(0, 2)
    start = max(0, end - _TAIL_BYTES)
    file.seek(start)
    tail = file.read(_TAIL_BYTES)
    sizes = [size for (size,) in _fields(tail, b"PK\x05\x06", 12, "<L")]
    long = [size for (size,) in _fields(tail, b"PK\x06\x06", 40, "<Q")]
    for (place,) in _fields(tail, b"PK\x06\x07", 8, "<Q"):  # where the 64-bit record is said to be
        if place < start:
            file.seek(place)
            long += [size for (size,) in _fields(file.read(56), b"PK\x06\x06", 40, "<Q")][:1]
    if long:
        sizes = [size for size in sizes if size != _IN_LONG_RECORD]
    return max((*sizes, *long), default=0)


def _fields(data: bytes, mark: bytes, offset: int, form: str) -> Iterator[tuple[int, ...]]:
    """The numbers that far behind each mark."""
    at = data.find(mark)
    while at >= 0:
        if at + offset + struct.calcsize(form) <= len(data):
            yield struct.unpack_from(form, data, at + offset)
        at = data.find(mark, at + 1)


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        raise whole_file(
            ErrorCode.COMPRESSION,
            Label(f"بایگانی زیپ {len(members)} پرونده دارد.", f"The zip archive holds {len(members)} files."),
            Label("زیپی با یک پرونده بفرستید.", "Send a zip that holds one file."),
        )
    return readable_member(members[0])


def readable_member(member: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The member itself, or FileError when it is encrypted or packed in a way that is not read here."""
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise damaged()
    return member


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the decompressors and the decoders, in the agency's words."""
    try:
        yield
    except UnicodeDecodeError:
        raise wrong_encoding() from None
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError, struct.error):
        raise damaged() from None
    except OSError as error:
        if error.errno is None:  # pyarrow's word for a stream that ends early or is none
            raise damaged() from None
        raise


def damaged() -> FileError:
    return whole_file(
        ErrorCode.COMPRESSION,
        Label("پروندهٔ فشرده ناقص، رمزدار یا خراب است.", "The archive is truncated, encrypted or damaged."),
        Label("دوباره با gzip، zstd یا zip ساده فشرده و ارسال کنید.", "Pack it again with gzip, zstd or plain zip."),
    )


def many_members() -> FileError:
    return whole_file(
        ErrorCode.COMPRESSION,
        Label("بایگانی زیپ پرونده‌های بسیار دارد.", "The zip archive holds very many files."),
        Label("زیپی با یک پرونده بفرستید.", "Send a zip that holds one file."),
    )


def packed_twice() -> FileError:
    return whole_file(
        ErrorCode.COMPRESSION,
        Label("پرونده دو بار فشرده شده است.", "The file is packed twice."),
        Label("یک بار فشرده بفرستید.", "Pack it once."),
    )


def wrong_encoding() -> FileError:
    return whole_file(
        ErrorCode.ENCODING,
        Label("رمزگذاری متن پرونده شناخته نشد.", "The text is not UTF-8, UTF-16 or Windows-1256."),
        Label("در اکسل «CSV UTF-8» را برای ذخیره برگزینید.", 'In a spreadsheet choose "CSV UTF-8" when saving.'),
    )
