"""A long file is read by columns where its lines are plain; what is found must not depend on it."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.datasets.ingest.conftest import Read, contract_of

from publicgsb.datasets.formats import delimited, opening, plain_csv
from publicgsb.datasets.formats.batches import next_batch
from publicgsb.datasets.formats.blocks import Blocks
from publicgsb.datasets.formats.model import ColumnSource
from publicgsb.datasets.ingest import coded_copy
from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.ingest.report import Report
from publicgsb.datasets.ingest.service import ingest

_CONTRACT = contract_of(
    [
        {"name": "code", "type": "string", "apply": [{"zeroPad": 4}], "constraints": {"pattern": "[0-9۰-۹a-z ]*"}},
        {"name": "count", "type": "integer", "normalise": ["digits"], "missingValues": ["", "NA"]},
        {"name": "title", "type": "string", "constraints": {"maxLength": 12}, "normalise": ["letters"]},
        {"name": "city", "type": "string", "derive": {"from": "code", "apply": [{"prefix": 2}]}},
    ],
    search=["title", "code"],
    orderings=[{"name": "title", "fields": ["title"], "alphabet": "persian"}],
)
_PLAIN = ("1", "12", "0042", "NA", "", "تهران", "كرمان", "۱۲۳", "a b", "7", "x\\y", "t\tb", "\ufeffz", "-0", "1e3")
_GOOD = (
    ("1", "12", "0042", "", "a b", "۱۲۳"),
    ("1", "-7", "NA", "", "۴۲"),
    ("تهران", "كرمان", "x\\y", "t\tb", "\ufeffz"),
)
_ODD = ('"q"', '"a,b"', '"two\nlines"', '"d""q"', 'in"side', '"', "n\0l", "c\rr", "long enough to be refused")
_LIMITS = Limits(cell_characters_max=200)


def _lines(seed: int) -> str:
    """The rarer what is odd, the more blocks are plain; some files have none of it."""
    chance = random.Random(seed)
    oddness, ragged, is_good = chance.choice((0.0, 0.001, 0.02)), chance.choice((0.0, 0.003)), chance.random() < 0.5
    ending = chance.choice(("\n", "\r\n"))
    lines = ["code,count,title"]
    for _ in range(chance.randrange(300)):
        cells = [chance.choice(_GOOD[at] if is_good else _PLAIN) for at in range(3)]
        if chance.random() < oddness:
            cells[2] = chance.choice(_ODD)
        if chance.random() < ragged:
            cells = chance.choice(([], ["", "", ""], cells[:2], [*cells, "1"], ["y" * 201, "1", ""]))
        lines.append(",".join(cells))
    return ending.join(lines) + chance.choice(("", ending, ending, ending * 2))


@pytest.fixture
def read_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes, int], Read]:
    """Reads in blocks of so many bytes."""

    def read(content: bytes, block_bytes: int) -> Read:
        source, target = tmp_path / "file", tmp_path / "file.copy"
        source.write_bytes(content)
        monkeypatch.setattr(opening, "Blocks", partial(Blocks, block_bytes=block_bytes))
        monkeypatch.setattr(delimited, "_PIECE_BYTES", block_bytes // 5)
        return Read(ingest(_CONTRACT, source, target, limits=_LIMITS), target.read_text(encoding="utf-8"))

    return read


@pytest.mark.parametrize("seed", range(60))
def test_columns_and_rows_bring_back_the_same(seed: int, read_in: Callable[[bytes, int], Read]) -> None:
    content = ("\ufeff" * (seed % 2) + _lines(seed)).encode()
    by_rows = read_in(content, len(content) + 10)
    for block_bytes in (60, 700, 3_000):
        by_columns = read_in(content, block_bytes)
        if by_rows.codes.get("source-error"):  # what came before the break is counted as far as it was read
            assert by_columns.report.errors[-1] == by_rows.report.errors[-1]
        elif by_rows.codes:  # the lines of a refused file end somewhere before its first error
            assert _sorted(by_columns.report) == _sorted(by_rows.report)
        else:
            assert by_columns == by_rows


def _sorted(report: Report) -> Report:
    """Of one batch the rows that have no cells are told before the cells."""
    return replace(report, errors=tuple(sorted(report.errors, key=repr)))


def test_long_texts_made_of_short_cells_are_written_in_parts(
    read_in: Callable[[bytes, int], Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = ("code,count,title\n" + "1,2,تهران\n3,NA,x\n" * 9_000).encode()
    at_once = read_in(content, 50_000)
    monkeypatch.setattr(coded_copy, "_CHARACTERS_MAX", 0)
    assert read_in(content, 50_000) == at_once
    assert at_once.ingested.rows == 18_000


def test_one_long_text_among_many_short_ones_is_no_reason_to_write_in_parts() -> None:
    columns = plain_csv.read_columns(b"a\n" * 10_000 + b"z" * 50_000 + b"\n", ",", 1, 60_000)
    assert columns is not None
    assert coded_copy.fits(columns)
    assert not coded_copy.fits([columns[0].coded_as(["y" * 10_000, "z"])])


def test_a_plain_block_is_read_by_columns_and_a_quoted_one_is_not() -> None:
    columns = plain_csv.read_columns(b"a,1\nb,\na,NA\n", ",", 2, 10)
    assert columns is not None
    assert [list(column) for column in columns] == [["a", "b", "a"], ["1", "", "NA"]]
    assert plain_csv.plain_end(b'a,1\n"b",2\nc,3\n') == len(b"a,1\n")
    assert plain_csv.read_columns(b"a,1\nb\n", ",", 2, 10) is None


def test_a_long_file_is_read_by_columns_but_for_the_lines_around_a_quotation_mark(tmp_path: Path) -> None:
    line = "1234567,تهران,abcdefghijklmnopqrstuvwxyz\n"
    rows = 200_000
    (tmp_path / "file").write_text("a,b,c\n" + line * 150_000 + '1,"quo,ted",3\n' + line * (rows - 150_001))
    by_columns = by_rows = 0
    with opening.open_rows(tmp_path / "file", Limits(), (), tmp_path / "scratch") as source:
        assert isinstance(source, ColumnSource)
        while (columns := source.next_columns()) or (batch := next_batch(source)):
            by_columns += len(columns[0]) if columns else 0
            by_rows += 0 if columns else len(batch)
    assert by_columns + by_rows == rows
    assert 0 < by_rows < rows // 3
