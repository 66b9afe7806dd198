from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.contracts.model import Transform, TransformKind
from publicgsb.datasets.ingest.transforms import compile_transform

Reader = Callable[..., Any]
CODE = {"name": "code", "type": "string", "apply": [{"zeroPad": 4}]}


def test_lost_zeros_are_restored_and_counted(read: Reader) -> None:
    outcome = read("code\n301\n2501\n12\n301\n", [CODE])
    assert outcome.cells == [["0301"], ["2501"], ["0012"], ["0301"]]
    assert outcome.report.normalisations == {"zeroPad:code": 3}


def test_zeros_are_not_put_before_what_is_no_number(read: Reader) -> None:
    assert read("code\na1\n۱۲\n", [CODE]).cells == [["a1"], ["۱۲"]]


def test_a_derived_field_comes_from_the_restored_code_through_a_chain(read: Reader) -> None:
    iso = {"name": "iso", "type": "string", "derive": {"from": "code", "apply": [{"prefix": 2}, {"prepend": "IR-"}]}}
    outcome = read("code\n301\n2501\n", [CODE, iso])
    assert outcome.cells == [["0301", "IR-03"], ["2501", "IR-25"]]
    assert outcome.report.normalisations == {"zeroPad:code": 1}


def test_a_bad_source_cell_is_told_once_and_not_again_where_it_is_derived_from(read: Reader) -> None:
    day = {"name": "day", "type": "date"}
    year = {"name": "year", "type": "year", "derive": {"from": "day", "apply": ["jalaliYear"]}}
    outcome = read("day\nyesterday\n", [day, year])
    assert [(e.field, str(e.code)) for e in outcome.report.errors] == [("day", "type-error")]


def test_a_withheld_column_is_read_only_to_derive_from(read: Reader) -> None:
    day = {"name": "born", "type": "date", "access": "withheld", "legalGround": "IR-PD-4.2"}
    year = {"name": "born_year", "type": "year", "derive": {"from": "born", "apply": ["jalaliYear"]}}
    outcome = read("born\n2024-03-19\n2024-03-20\n", [day, year])
    assert outcome.ingested.copy_columns == ("born_year", "_row")
    assert outcome.copied == "1402\t1\n1403\t2\n"


def test_small_counts_are_suppressed_and_zero_is_not(read: Reader) -> None:
    count = {"name": "cases", "type": "integer", "apply": [{"suppress": 5}]}
    outcome = read("cases\n0\n1\n4\n5\n", [count])
    assert outcome.cells == [["0"], ["\\N"], ["\\N"], ["5"]]
    assert outcome.report.normalisations == {"suppress:cases": 2}


@pytest.mark.parametrize(
    ("places", "text", "rounded"),
    [(1, "2.25", "2.2"), (1, "2.35", "2.4"), (-1, "1234", "1230"), (0, "-0.4", "-0"), (2, "1e300", "1e300")],
)
def test_rounding_is_half_to_even(places: int, text: str, rounded: str) -> None:
    assert compile_transform(Transform(TransformKind.ROUND, places))(text) == rounded


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_rounding_stays_within_half_a_step(number: Decimal) -> None:
    rounded = compile_transform(Transform(TransformKind.ROUND, 2))(format(number, "f"))
    assert rounded is not None
    assert abs(Decimal(rounded) - number) <= Decimal("0.005")


def test_what_a_function_does_not_understand_stays_for_the_type_check(read: Reader) -> None:
    field = {"name": "cases", "type": "integer", "apply": [{"round": -1}, {"suppress": 5}]}
    assert read("cases\n1_000\n", [field]).codes == {"type-error": 1}


def test_digits_and_letters_are_put_right_only_where_declared_and_counted(read: Reader) -> None:
    fields = [
        {"name": "n", "type": "integer", "normalise": ["digits"]},
        {"name": "name", "type": "string", "normalise": ["letters"]},
        {"name": "raw", "type": "string"},
    ]
    outcome = read("n,name,raw\n۱۲,علي,علي\n٣٤,یک,یک\n5,شيك,۵\n", fields)
    assert outcome.cells == [["12", "علی", "علي"], ["34", "یک", "یک"], ["5", "شیک", "۵"]]
    assert outcome.report.normalisations == {"digits:n": 2, "letters:name": 2}
