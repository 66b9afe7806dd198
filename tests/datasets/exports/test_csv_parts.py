"""Parts of CSV are files of their own, and together the whole one."""

import csv
import hashlib
import io
from pathlib import Path

from publicgsb.datasets.exports.csv_parts import CsvParts
from publicgsb.datasets.exports.model import BOM

ROWS = [[f"{n:05}", 'say "x",\nor y' if n % 3 else ""] for n in range(500)]


def _as_copy_writes() -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["code", "name"], *ROWS])
    return out.getvalue().encode()


def _read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_each_part_is_bounded_reads_by_itself_and_all_of_them_are_the_whole(tmp_path: Path) -> None:
    copied, parts = _as_copy_writes(), CsvParts(tmp_path, part_bytes_max=2_000)
    for at in range(0, len(copied), 37):
        parts.add(copied[at : at + 37])
    written, whole = parts.close()
    contents = [one.path.read_bytes() for one in written]
    assert len(written) > 5
    assert max(map(len, contents)) <= 2_000
    assert [row for content in contents for row in _read(content)[1:]] == ROWS
    assert {tuple(_read(content)[0]) for content in contents} == {("code", "name")}
    assert [one.part.rows for one in written] == [len(_read(content)) - 1 for content in contents]
    assert [one.part.sha256 for one in written] == [hashlib.sha256(content).hexdigest() for content in contents]
    joined = b"".join(
        content[one.part.head_bytes * (at > 0) :]
        for at, (one, content) in enumerate(zip(written, contents, strict=True))
    )
    assert _read(joined)[1:] == ROWS
    assert (whole.bytes, whole.sha256) == (len(joined), hashlib.sha256(joined).hexdigest())
    assert whole.sha256_with_bom == hashlib.sha256(BOM + joined).hexdigest()


def test_a_release_without_rows_is_a_part_with_its_header(tmp_path: Path) -> None:
    parts = CsvParts(tmp_path)
    parts.add(b"code,na")
    parts.add(b"me\n")
    (written,), whole = parts.close()
    assert written.path.read_bytes() == b"code,name\r\n"
    assert (written.part.rows, whole.bytes) == (0, 11)
