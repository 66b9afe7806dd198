"""Tables for eyes: columns that stand under each other in Persian, Latin and both.

Widths are those that a terminal gives: joiners and marks take no cell, wide signs two. A terminal that reorders
right-to-left text would take two Persian cells side by side for one run and swap them, so the gaps of such a line
begin with a left-to-right mark, which is seen by nobody; a right-to-left one before it keeps the end of a cell, a full
stop or the `…` of a cut, where its reader expects it. Cells that are Persian stand at the right edge of their column.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rich.cells import cell_len

GAP = "  "
MARK = "\u200e"
RIGHT_MARK = "\u200f"
MORE = "…"
WIDTH_MIN = 8
PAGE_ROWS = 200
RIGHT_TO_LEFT = ("R", "AL", "AN")
# What would move the cursor, ring, or turn the line around, were it written as it is.
INVISIBLE_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def lines(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    width_max: int | None,
    numbers: frozenset[int] = frozenset(),
) -> Iterator[str]:
    """A header, a rule, and a line for each row. The first rows decide how wide columns are; a cell that is longer
    is cut with `…`, also to fit `width_max` cells altogether (None: nothing is cut for the width of a page).
    """
    ahead = iter(rows)
    first = [[clean(cell) for cell in row] for row in islice(ahead, PAGE_ROWS)]
    widths = [max(map(cell_len, column)) for column in zip(header, *first, strict=True)]
    if width_max is not None:
        widths = fitted(widths, width_max)
    is_cut = width_max is not None
    yield _line(header, widths, numbers, is_cut=is_cut)
    yield GAP.join("─" * width for width in widths)
    for row in first:
        yield _line(row, widths, numbers, is_cut=is_cut)
    for later in ahead:
        yield _line([clean(cell) for cell in later], widths, numbers, is_cut=is_cut)


def fitted(widths: Sequence[int], width_max: int) -> list[int]:
    """The widest give way first, down to a width in which something can still be read."""
    found = list(widths)
    gaps = 2 * (len(found) - 1)
    while sum(found) + gaps > width_max:
        widest = max(range(len(found)), key=found.__getitem__)
        if found[widest] <= WIDTH_MIN:
            break
        found[widest] -= 1
    return found


def clean(text: str) -> str:
    """Without what a terminal would obey: control characters as their number, line ends as a sign."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(sign) for sign in text)


def _visible(sign: str) -> str:
    if sign in INVISIBLE_CONTROLS:
        return ""
    if sign in "\n\r\t":
        return " "
    return f"\\x{ord(sign):02x}" if unicodedata.category(sign) == "Cc" else sign


def _line(cells: Sequence[str], widths: Sequence[int], numbers: frozenset[int], *, is_cut: bool) -> str:
    shown = [
        _padded(_cut(cell, width) if is_cut else cell, width, is_right=index in numbers or is_right_to_left(cell))
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return joined(shown).rstrip(f" {MARK}")


def joined(cells: Sequence[str]) -> str:
    """Cells of one line, each in its place whatever is written in it."""
    if not any(map(_has_right_to_left, cells)):
        return GAP.join(cells)
    return (MARK + GAP).join(cell + RIGHT_MARK if is_right_to_left(cell) else cell for cell in cells)


def _padded(cell: str, width: int, *, is_right: bool) -> str:
    space = " " * max(0, width - cell_len(cell))
    return space + cell if is_right else cell + space


def _cut(cell: str, width: int) -> str:
    if cell_len(cell) <= width:
        return cell
    kept = cell
    while cell_len(kept) > width - 1:
        kept = kept[:-1]
    return kept + MORE


def is_right_to_left(text: str) -> bool:
    """By the first sign that has a direction, as a paragraph is."""
    for sign in text:
        direction = unicodedata.bidirectional(sign)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def _has_right_to_left(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(sign) in RIGHT_TO_LEFT for sign in text)
