"""COPY's records end as RFC 4180 has it, and what is inside a cell stays as it is."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.record_ends import RecordEnds

CELLS = st.text(alphabet='ab,"\n\rی', max_size=6)


def as_copy_writes(rows: list[list[str]]) -> bytes:
    return "".join(",".join(map(_quoted, row)) + "\n" for row in rows).encode()


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if not cell or set(cell) & set(',"\r\n') else cell


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1), st.integers(1, 9))
def test_cells_stay_as_they_are_wherever_the_pieces_are_cut(rows: list[list[str]], size: int) -> None:
    content, ends = as_copy_writes(rows), RecordEnds()
    pieces = [ends.read(content[at : at + size]) for at in range(0, len(content), size)]
    whole = b"".join(piece.content for piece in pieces)
    assert list(csv.reader(io.StringIO(whole.decode(), newline=""))) == rows
    assert whole.count(b"\r\n") >= len(rows) == sum(piece.records for piece in pieces)


def test_every_record_ends_with_both_characters_and_a_break_inside_quotes_with_what_it_had() -> None:
    piece = RecordEnds().read(b'a,"x\ny"\n"""q""",b\n')
    assert (piece.content, piece.records, piece.first_end) == (b'a,"x\ny"\r\n"""q""",b\r\n', 2, 9)
