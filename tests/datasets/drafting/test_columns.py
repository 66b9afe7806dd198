import pytest

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.drafting.columns import ColumnReading
from publicgsb.datasets.drafting.model import ColumnDraft, Why
from publicgsb.datasets.formats.model import NULL_CELL


def drafted(label: str, *cells: str) -> ColumnDraft:
    reading = ColumnReading(label, label.lower())
    reading.observe(cells)
    return reading.drafted()


@pytest.mark.parametrize(
    ("label", "cells", "type_", "format_"),
    [
        ("n", ["1", "-20", "300"], FieldType.INTEGER, "default"),
        ("n", ["1", "2147483648"], FieldType.BIGINT, "default"),
        ("n", ["1", "2.5", "1e5"], FieldType.NUMBER, "default"),
        ("n", ["1", "NA", "2"], FieldType.INTEGER, "default"),
        ("n", ["۱۲", "٣"], FieldType.INTEGER, "default"),
        ("ok", ["true", "false"], FieldType.BOOLEAN, "default"),
        ("is_open", ["1", "0"], FieldType.BOOLEAN, "default"),
        ("rooms", ["1", "0"], FieldType.INTEGER, "default"),
        ("d", ["2026-11-27", "1999-01-01"], FieldType.DATE, "default"),
        ("d", ["2026/11/27"], FieldType.DATE, "%Y/%m/%d"),
        ("d", ["1404/07/30", "1403/12/30"], FieldType.DATE, "jalali"),
        ("d", ["۱۴۰۴/۷/۱"], FieldType.DATE, "jalali"),
        ("d", ["1404/12/30"], FieldType.STRING, "default"),  # no leap year: no such day
        ("d", ["1404/07/31"], FieldType.STRING, "default"),
        ("birth_date", ["14040701", "13991230"], FieldType.DATE, "jalali"),
        ("t", ["2026-11-27T08:00:00Z", "2026-11-27T08:00:00+03:30"], FieldType.DATETIME, "default"),
        ("t", ["2026-11-27 08:00:00"], FieldType.DATETIME, "%Y-%m-%d %H:%M:%S"),
        ("year", ["1404", "1390"], FieldType.YEAR, "default"),
        ("height", ["1404", "1390"], FieldType.INTEGER, "default"),
        ("name", ["تهران", "1"], FieldType.STRING, "default"),
        ("empty", ["", NULL_CELL, "NA"], FieldType.STRING, "default"),
    ],
)
def test_a_type_holds_for_every_cell(label: str, cells: list[str], type_: FieldType, format_: str) -> None:
    column = drafted(label, *cells)
    assert (column.type, column.format) == (type_, format_)


@pytest.mark.parametrize(
    ("label", "cells", "why"),
    [
        ("n", ["12", "07"], Why.LEADING_ZERO),
        ("n", ["12", "007"] + ["5"] * 9, Why.LEADING_ZERO),
        ("n", ["12345", "98765"], Why.FIXED_WIDTH),
        ("n", ["1234", "9876"], None),
        ("code", ["1", "22"], Why.NAME),
        ("country_id", ["1", "22"], Why.NAME),
        ("کد", ["1", "22"], Why.NAME),
        ("شناسه ملی", ["1", "22"], Why.NAME),
        ("wide", ["1", "22"], None),
        ("n", ["0", "0.5"], None),
    ],
)
def test_codes_stay_text_and_say_why(label: str, cells: list[str], why: Why | None) -> None:
    column = drafted(label, *cells)
    assert column.why is why
    assert (column.type is FieldType.STRING) is (why is not None)


def test_one_cell_among_many_decides() -> None:
    reading = ColumnReading("n", "n")
    for _ in range(50):
        reading.observe([str(at) for at in range(1_000)])
    reading.observe(["00"])
    assert reading.drafted().why is Why.LEADING_ZERO


def test_few_values_are_kept_and_many_are_not() -> None:
    assert drafted("kind", "b", "a", "b", "").values == ("a", "b")
    assert drafted("kind", *map(str, range(31))).values == ()


def test_what_was_wrong_with_letters_digits_and_numbers_is_told() -> None:
    column = drafted("n", "\0#12", "۳", NULL_CELL, "علي")
    assert (column.was_float, column.has_foreign_digits, column.has_arabic_letters) == (True, True, True)


def test_a_word_among_numbers_is_no_value_and_among_texts_it_is_one() -> None:
    """NA is Namibia."""
    numbers = drafted("n", "12", "NA", "-", "")
    assert (numbers.present, numbers.missing, numbers.missing_words) == (1, 3, ("-", "NA"))
    texts = drafted("country", "IR", "NA", "")
    assert (texts.present, texts.missing, texts.missing_words, texts.values) == (2, 1, (), ("IR", "NA"))
    codes = drafted("n", "012", "345", "NA")
    assert (codes.type, codes.missing_words, codes.length_min) == (FieldType.STRING, ("NA",), 3)


def test_a_space_that_the_validator_would_refuse_is_no_number_here_either() -> None:
    assert drafted("n", "12", " 13").type is FieldType.STRING
