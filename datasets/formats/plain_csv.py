"""Lines of CSV without quotation marks, read by pyarrow a column at a time: several times as fast as a row at a time.

Only what the csv module would read the same way is read here; all else is left to it. Imported where a long file is
read: pyarrow takes its megabytes and its while.
"""

import codecs
from array import array
from typing import Any

import pyarrow as pa
from pyarrow import compute, csv

from publicgsb.datasets.formats.bounds import RECORD_CHARACTERS_MAX
from publicgsb.datasets.formats.coded import Coded

_CODED = pa.dictionary(pa.int32(), pa.string())
# Made of buffers here and below: pyarrow's own way from Python's values imports pandas where that is installed.
_NEWLINE = pa.StringArray.from_buffers(1, pa.py_buffer(array("i", (0, 1))), pa.py_buffer(b"\n"))[0]


def plain_end(block: bytes) -> int:
    """Where the lines end that come before the first one that surely has to be read by the csv module."""
    if block.startswith(codecs.BOM_UTF8):
        return 0  # pyarrow would drop what is a part of a cell here
    odd = min((at for at in (block.find(b'"'), block.find(b"\0")) if at >= 0), default=-1)
    return len(block) if odd < 0 else block.rfind(b"\n", 0, odd) + 1


def read_columns(block: bytes, delimiter: str, width: int, cell_characters_max: int) -> list[Coded] | None:
    """The rows of a block that ends where `plain_end` says; None when the csv module has to be asked what is in it."""
    lines = block.replace(b"\r\n", b"\n") if b"\r" in block else block
    if b"\r" in lines:
        return None
    if not lines.endswith(b"\n"):
        lines += b"\n"
    labels = [str(place) for place in range(width)]
    try:
        table = csv.read_csv(
            pa.BufferReader(lines),
            read_options=csv.ReadOptions(use_threads=False, block_size=len(lines) + 1, column_names=labels),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, quote_char=False, double_quote=False, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(labels, _CODED),
                check_utf8=False,  # the distinct texts are decoded strictly below
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None  # a row of another width
    columns = [_coded(column.combine_chunks()) for column in table.columns]
    # A row or a line of nothing is told apart from others by the csv module; here it is a row of empty cells.
    if all("" in column.distinct for column in columns) and _has_blank(lines, delimiter.encode() * (width - 1)):
        return None
    longest = [max(map(len, column.distinct)) for column in columns]
    return columns if max(longest) <= cell_characters_max and sum(longest) + width <= RECORD_CHARACTERS_MAX else None


def _has_blank(lines: bytes, blank_row: bytes) -> bool:
    return any(lines.startswith(blank) or b"\n" + blank in lines for blank in (b"\n", blank_row + b"\n"))


def _coded(column: Any) -> Coded:
    chunk = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    texts = chunk.dictionary
    ends = pa.py_buffer(array("i", (0, len(texts))))
    one_list = pa.ListArray.from_buffers(pa.list_(pa.string()), 1, [None, ends], children=[texts])
    return Coded(compute.binary_join(one_list, _NEWLINE)[0].as_py().split("\n"), chunk.indices)
