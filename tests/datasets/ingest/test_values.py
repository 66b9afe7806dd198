from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.ingest.values import escape, unescape

Cell = Callable[..., str]


@pytest.mark.parametrize(
    ("type_", "text", "copied"),
    [
        ("integer", "-12", "-12"),
        ("integer", "+7", "7"),
        ("integer", "-0", "0"),
        ("integer", "2147483647", "2147483647"),
        ("number", "1.50", "1.5"),
        ("number", "-0.0", "0.0"),
        ("number", "1e3", "1000.0"),
        ("boolean", "TRUE", "t"),
        ("boolean", "0", "f"),
        ("date", "2026-11-23", "2026-11-23"),
        ("datetime", "2026-11-23T12:00:00+03:30", "2026-11-23 08:30:00+00:00"),
        ("datetime", "2013-01-01T10:00:00Z", "2013-01-01 10:00:00+00:00"),
        ("year", "1403", "1403"),
        ("string", "0012", "0012"),
        ("string", "a\tb\\c\nd", "a\\tb\\\\c\\nd"),
        ("string", "  ", "  "),
    ],
)
def test_a_good_cell_has_one_canonical_text(cell: Cell, type_: str, text: str, copied: str) -> None:
    assert cell(text, type=type_) == copied


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("integer", "007"), ("integer", "1_000"), ("integer", " 12 "), ("integer", "۱۲"), ("integer", "1.0"),
        ("integer", "2147483648"), ("integer", "9" * 400), ("integer", "²"), ("integer", "NA"),
        ("number", "nan"), ("number", "Infinity"), ("number", "1e999"), ("number", "1,5"), ("number", "0x1p3"),
        ("boolean", "yes"), ("date", "2026-02-30"), ("date", "0000-01-01"), ("date", "1403-09-02"),
        ("date", "23/11/2026"), ("datetime", "2026-11-23T12:00:00"), ("datetime", "0001-01-01T00:00:00+03:30"),
        ("year", "98"), ("string", "a\0b"),
    ],
)  # fmt: skip
def test_what_python_would_forgive_is_a_type_error(cell: Cell, type_: str, text: str) -> None:
    assert cell(text, type=type_) == "type-error"


def test_a_decimal_keeps_its_digits(cell: Cell) -> None:
    assert cell("12345678901234567890.10", type="number", format="decimal") == "12345678901234567890.10"


def test_a_decimal_has_no_exponent(cell: Cell) -> None:
    assert cell("1e3", type="number", format="decimal") == "type-error"


def test_wider_bounds_make_room_for_larger_whole_numbers(cell: Cell) -> None:
    assert cell("9999999999", type="integer", constraints={"maximum": 9_999_999_999}) == "9999999999"
    assert cell(str(-(2**63)), type="integer", constraints={"maximum": 9_999_999_999}) == str(-(2**63))


@pytest.mark.parametrize("text", ["-9223372036854775808", "-1000000000000000000", "9223372036854775807"])
def test_a_whole_number_has_64_bits_on_either_side_of_zero(cell: Cell, text: str) -> None:
    assert cell(text, type="integer", constraints={"minimum": -(2**63), "maximum": 2**63 - 1}) == text
    assert cell(text + "0", type="integer", constraints={"maximum": 2**63 - 1}) == "type-error"


@pytest.mark.parametrize("format_", ["default", "%Y/%m/%d"])
def test_a_jalali_date_is_never_taken_for_a_medieval_one(cell: Cell, format_: str) -> None:
    text = "1405-09-02" if format_ == "default" else "1405/09/02"
    assert cell(text, type="date", format=format_) == "type-error"
    assert cell(text, type="date", format=format_, constraints={"minimum": "1000-01-01"}) == "1405-09-02"


def test_a_negative_zero_has_the_text_of_zero(cell: Cell) -> None:
    assert cell("-0.00", type="number", format="decimal") == "0.00"


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ({"type": "string", "constraints": {"pattern": "[A-Z]{3}"}}, "THR", "THRX"),
        ({"type": "string", "constraints": {"minLength": 2}}, "ab", "a"),
        ({"type": "string", "constraints": {"maxLength": 2}}, "ab", "abc"),
        ({"type": "string", "constraints": {"enum": ["a", "b"]}}, "a", "c"),
        ({"type": "string", "categories": ["1", "2"]}, "1", "3"),
        ({"type": "integer", "constraints": {"enum": [1, 2]}}, "2", "3"),
        ({"type": "integer", "constraints": {"minimum": 0}}, "0", "-1"),
        ({"type": "number", "constraints": {"maximum": 90}}, "90", "90.1"),
        ({"type": "number", "constraints": {"exclusiveMinimum": 0}}, "0.1", "0"),
        ({"type": "date", "constraints": {"exclusiveMaximum": "2026-01-01"}}, "2025-12-31", "2026-01-01"),
        ({"type": "string", "constraints": {"required": True}}, "a", ""),
    ],
)
def test_each_constraint_holds(cell: Cell, field: dict[str, object], good: str, bad: str) -> None:
    assert cell(good, **field) not in ("constraint-error", "type-error")
    assert cell(bad, **field) == "constraint-error"


def test_only_declared_texts_mean_no_value(cell: Cell) -> None:
    assert cell("NA", type="integer", missingValues=["NA"]) == "\\N"
    assert cell("-", type="integer", missingValues=["NA"]) == "type-error"


def test_an_empty_cell_is_text_where_the_contract_says_so(cell: Cell) -> None:
    assert cell("", type="string", missingValues=["NA"]) == ""


@given(st.text())
def test_escaping_for_copy_can_be_undone(text: str) -> None:
    escaped = escape(text)
    assert unescape(escaped) == text
    assert not set("\t\n\r") & set(escaped)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1404/07/01", "2025-09-23"), ("1404-7-1", "2025-09-23"), ("1404.07.01", "2025-09-23"),
        ("14040701", "2025-09-23"), ("1403/12/30", "2025-03-20"), ("1300/01/01", "1921-03-21"),
        ("1404/12/30", "type-error"), ("1404/13/01", "type-error"), ("1404/07/31", "type-error"),
        ("2025/09/23", "type-error"), ("140471", "type-error"), ("1404/07-01", "type-error"),
    ],
)  # fmt: skip
def test_a_jalali_date_is_released_as_the_gregorian_day_it_is(cell: Callable[..., str], text: str, day: str) -> None:
    assert cell(text, type="date", format="jalali") == day
