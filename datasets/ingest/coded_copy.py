"""Lines of COPY's text format from coded columns, joined by pyarrow. Imported where a column is coded."""

from array import array
from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Any

import pyarrow as pa
from pyarrow import compute

from publicgsb.datasets.formats.coded import Coded

_TEXT = pa.string()
_CHARACTERS_MAX = 32 * 1024 * 1024  # of one batch of lines; functions of a contract can make long texts of short cells


def fits(columns: Sequence[Coded]) -> bool:
    """Whether the lines may be made at once."""
    longest = sum(max(map(len, column.distinct)) for column in columns)
    return longest * len(columns[0]) <= _CHARACTERS_MAX or sum(map(_characters, columns)) <= _CHARACTERS_MAX


def _characters(column: Coded) -> int:
    """Of all rows."""
    lengths = array("i", map(len, column.distinct))
    each = pa.Int32Array.from_buffers(pa.int32(), len(lengths), [None, pa.py_buffer(lengths)])
    counted: int = compute.sum(each.take(column.codes)).as_py()
    return counted


def copy_lines(numbers: Sequence[int], columns: Sequence[Coded], hidden: Sequence[Sequence[str]]) -> bytes:
    """One line for each row: its cells, its number, its hidden cells. All are as long as the columns."""
    first, *others = columns
    # The end of a line is put before the next one: a few texts are lengthened and not each row.
    cells = [_spread(first.coded_as(["\n" + text for text in first.distinct])), *map(_spread, others)]
    cells.append(
        pa.Int64Array.from_buffers(pa.int64(), len(first), [None, pa.py_buffer(array("q", numbers))]).cast(_TEXT)
    )
    cells += [_spread(column) if isinstance(column, Coded) else _texts(column) for column in hidden]
    joined = compute.binary_join_element_wise(*cells, _TAB)
    _, ends, content = joined.buffers()
    last = memoryview(ends).cast("i")[joined.offset + len(joined)]
    return b"".join((memoryview(content)[1:last], b"\n"))


def count_of(column: Coded, texts: Collection[str]) -> int:
    """How many rows hold one of the texts."""
    is_one = pa.UInt8Array.from_buffers(
        pa.uint8(), len(column.distinct), [None, pa.py_buffer(bytes(map(texts.__contains__, column.distinct)))]
    )
    counted: int = compute.sum(is_one.take(column.codes)).as_py()
    return counted


def _spread(column: Coded) -> Any:
    return _texts(column.distinct).take(column.codes)


def _texts(texts: Sequence[str]) -> Any:
    """Made of buffers: pyarrow's own way from a list imports pandas where that is installed."""
    joined = "".join(texts)
    content = joined.encode()
    lengths = map(len, texts if len(content) == len(joined) else map(str.encode, texts))
    ends = array("i", accumulate(lengths, initial=0))
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(content))


_TAB = _texts(["\t"])[0]
