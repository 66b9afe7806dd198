import gzip
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
from tests.datasets.ingest.conftest import Reader

from publicgsb.datasets.ingest.model import Limits

FIELDS = [{"name": "code", "type": "string"}, {"name": "n", "type": "integer"}]
CONTENT = "code,n\n01,1\n02,2\n"
COPIED = "01\t1\t1\n02\t2\t2\n"


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        CONTENT.encode(),
        b"\xef\xbb\xbf" + CONTENT.encode(),
        CONTENT.replace("\n", "\r\n").encode(),
        CONTENT.replace(",", ";").encode(),
        CONTENT.replace(",", "\t").encode(),
        CONTENT.replace(",", "|").encode(),
        gzip.compress(CONTENT.encode()),
        zipped(("rows.csv", CONTENT.encode())),
        zipped(("__MACOSX/._rows.csv", b"x"), ("folder/rows.csv", CONTENT.encode())),
        b'"n","code"\n"1","01"\n2,02',
    ],
)
def test_one_table_in_many_dresses_gives_the_same_rows_and_hash(read: Reader, content: bytes) -> None:
    outcome = read(content, FIELDS)
    assert outcome.copied == COPIED
    assert outcome.ingested.sha256 == read(CONTENT, FIELDS).ingested.sha256


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "source-error"),
        (b"code,n\n", "source-error"),
        (b'code,n\n"01,1\n', "source-error"),
        (b'code,n\n"01"x,1\n', "source-error"),
        (gzip.compress(CONTENT.encode())[:-9], "compression-error"),
        (zipped(("a.csv", b"1"), ("b.csv", b"2")), "compression-error"),
        (zipped(), "compression-error"),
        (zipped(("a.csv", CONTENT.encode()))[:-9], "compression-error"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_the_report(read: Reader, content: bytes, code: str) -> None:
    outcome = read(content, FIELDS)
    assert outcome.codes == {code: 1}
    assert not outcome.report.is_releasable
    assert outcome.ingested.rows == 0


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped(("rows.csv", content))])
def test_a_bomb_is_stopped_while_it_is_small(read: Reader, pack: Callable[[bytes], bytes]) -> None:
    content = pack(b"code,n\n" + b"0,1\n" * 3_000_000)
    seen: list[int] = []
    outcome = read(content, FIELDS, progress=lambda rows, *_: seen.append(rows))
    assert outcome.codes == {"compression-error": 1}
    assert seen == []


def test_a_zip_of_very_many_members_is_refused_by_the_size_of_its_directory(read: Reader) -> None:
    """Python makes an object of each member before anybody can count them."""
    content = zipped(*((f"{'x' * 200}{at}", b"") for at in range(20_000)))
    assert read(content, FIELDS).codes == {"compression-error": 1}


@pytest.mark.parametrize("is_long", [False, True])
def test_a_planted_end_of_the_directory_hides_nothing(read: Reader, is_long: bool) -> None:
    """The last mark in the file is not always the record that is read."""
    content = bytearray(zipped(*((f"{'x' * 200}{at}", b"") for at in range(20_000))))
    if is_long:
        end = struct.unpack("<4s4H2LH", content[-22:])
        long = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, end[4], end[4], end[5], end[6])
        place = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(content) - 22, 1)
        content[-22:] = long + place + struct.pack("<4s4H2LH", end[0], 0, 0, end[3], end[4], 0xFFFF_FFFF, end[6], 0)
    content[-18:-14] = b"PK\x05\x06"  # numbers of disks, which nobody reads
    with pytest.MonkeyPatch.context() as patch:
        opened: list[object] = []
        patch.setattr(zipfile, "ZipFile", opened.append)
        assert read(bytes(content), FIELDS).codes == {"compression-error": 1}
    assert opened == []


def test_a_file_larger_than_allowed_is_not_opened(read: Reader) -> None:
    assert read(CONTENT, FIELDS, limits=Limits(file_bytes_max=10)).codes == {"byte-count-error": 1}


def test_a_file_that_unpacks_to_more_than_allowed_is_refused(read: Reader) -> None:
    content = gzip.compress(b"code,n\n" + b"0,1\n" * 1_000)
    assert read(content, FIELDS, limits=Limits(content_bytes_max=2_000)).codes == {"byte-count-error": 1}


def test_a_line_without_end_does_not_fill_the_memory(read: Reader) -> None:
    assert read(b"code,n\n" + b"x" * 10_000_000, FIELDS).codes == {"source-error": 1}


def test_a_cell_without_end_is_refused(read: Reader) -> None:
    content = 'code,n\n"' + "x\n" * 100_000 + '",1\n'
    assert read(content, FIELDS).codes == {"source-error": 1}


def test_a_record_without_end_is_refused_while_it_is_small(read: Reader) -> None:
    """No line and no cell of it is long."""
    content = b"code,n\n" + (b'"' + b"x" * 50_000 + b'\n",') * 400 + b"1\n"
    tracemalloc.start()
    (error,) = read(content, FIELDS).report.errors
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "near line" in error.message.en
    assert peak < 10_000_000


def test_rows_of_very_many_cells_are_refused_one_by_one(read: Reader) -> None:
    (error,) = read("code,n\n" + ("," * 100_000 + "\n") * 100, FIELDS).report.errors
    assert "100,001 columns" in error.message.en


def test_more_rows_than_allowed_are_refused(read: Reader) -> None:
    assert read(CONTENT, FIELDS, limits=Limits(rows_max=1)).codes == {"source-error": 1}


def test_progress_ends_at_the_end_of_the_packed_file(read: Reader) -> None:
    content = gzip.compress(CONTENT.encode())
    told: list[tuple[int, int, int]] = []
    read(content, FIELDS, progress=lambda *now: told.append(now))
    assert told[-1] == (2, len(content), len(content))


def test_rows_of_very_long_cells_are_read_in_small_batches(read: Reader) -> None:
    """4,096 rows of a mebibyte each would not fit the memory."""
    content = ("code,n\n" + ("x" * 100_000 + ",1\n") * 300).encode()
    batches: list[int] = []
    assert read(content, FIELDS, progress=lambda rows, *_: batches.append(rows)).ingested.rows == 300
    assert len(batches) > 2
