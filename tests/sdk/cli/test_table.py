"""Tables as a terminal shows them: each sign in its cells, columns under each other."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from publicgsb_sdk.cli import table

UNSEEN = {0x200E: None, 0x200F: None}
HEADER = ["city", "name", "rows"]
BOTH = [
    ["تهران", "IKA", "3305"],
    ["نیم‌فاصله", "مُحَمَّد", "12"],
    ["İstanbul", "東京", "325"],
]


def shown(rows: list[list[str]], width_max: int | None = None, header: list[str] = HEADER) -> list[str]:
    lines = table.lines(header, rows, width_max=width_max, numbers=frozenset({2}))
    return [line.translate(UNSEEN) for line in lines]


def test_both_scripts_stand_under_each_other() -> None:
    assert shown(BOTH) == [
        "city      name  rows",
        "────────  ────  ────",
        "   تهران  IKA   3305",
        "نیم‌فاصله  مُحَمَّد    12",
        "İstanbul  東京   325",
    ]


def test_joiners_and_marks_take_no_cell_and_wide_signs_two() -> None:
    ends = [cell_len(line) for line in shown(BOTH)[1:]]
    assert set(ends) == {20}


def test_a_gap_keeps_persian_neighbours_in_their_columns() -> None:
    """Without the mark a terminal that reorders takes both for one run of text, and swaps them."""
    _, _, mixed, plain = table.lines(["a", "b"], [["یزد", "تهران"], ["x", "y"]], width_max=None)
    assert mixed == "یزد\u200f\u200e  تهران\u200f"
    assert plain.isascii()


def test_what_is_too_long_is_cut_with_a_sign_and_fits_the_page() -> None:
    rows = [["سازمان هواپیمایی کشوری جمهوری اسلامی ایران", "x" * 50, "1"]]
    lines = shown(rows, width_max=40)
    assert all(cell_len(line) <= 40 for line in lines)
    assert lines[2].count("…") == 2


def test_nothing_is_cut_without_a_page() -> None:
    assert "x" * 500 in shown([["x" * 500, "", ""]])[2]


def test_the_first_rows_decide_and_later_ones_stream() -> None:
    taken = []

    def rows() -> Iterator[list[str]]:
        for number in range(10_000):
            taken.append(number)
            yield [str(number)]

    lines = table.lines(["n"], rows(), width_max=80)
    assert [next(lines), next(lines), next(lines)] == ["n", "───", "0"]
    assert len(taken) == table.PAGE_ROWS


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\nb\tc", "a b c"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\x9bb", "a\\x9bb"),
        ("می‌روم", "می‌روم"),
    ],
)
def test_a_cell_gives_the_terminal_no_orders(text: str, seen: str) -> None:
    assert table.clean(text) == seen


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=5), st.integers(20, 60))
def test_every_line_fits_whatever_stands_in_the_cells(rows: list[tuple[str, str]], width: int) -> None:
    for line in table.lines(["a", "b"], rows, width_max=width):
        assert cell_len(line) <= width
        assert "\n" not in line and "\x1b" not in line


@pytest.mark.parametrize(
    ("text", "is_right"), [("یزد", True), ("42 یزد", True), ("Yazd یزد", False), ("12", False), ("", False)]
)
def test_the_first_sign_with_a_direction_decides(text: str, is_right: bool) -> None:
    assert table.is_right_to_left(text) is is_right
