from collections.abc import Callable
from typing import Any

import pytest

Reader = Callable[..., Any]
FIELDS = [
    {"name": "code", "type": "string"},
    {"name": "city_name", "type": "string", "label": {"fa": "نام شهر", "en": "City name"}},
]


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("", {"blank-header": 1}),
        (",", {"blank-header": 1}),
        ("code,city_name,", {"blank-label": 1}),
        ("code,city_name,code", {"duplicate-label": 1}),
        ("code", {"missing-label": 1}),
        ("code,city_name,mayor", {"extra-label": 1}),
        ("code,City Name", {"incorrect-label": 1}),
        ("code,cityName", {"incorrect-label": 1}),
        ("code,نام‌ شهر", {"incorrect-label": 1}),
    ],
)
def test_each_fault_of_the_header_has_its_code(read: Reader, header: str, codes: dict[str, int]) -> None:
    outcome = read(f"{header}\n1,تهران\n", FIELDS)
    assert outcome.codes == codes
    assert outcome.report.rows_read == 0


def test_a_misspelt_label_is_told_with_the_right_one(read: Reader) -> None:
    (error,) = read("code,City Name\n1,x\n", FIELDS).report.errors
    assert error.field == "city_name"
    assert "city_name" in error.fix.en


def test_a_file_without_header_does_not_put_its_first_record_into_the_report(read: Reader) -> None:
    outcome = read("0012345679,علی رضایی\n", FIELDS)
    assert outcome.codes == {"extra-label": 2, "missing-label": 2}
    told = str(outcome.report.as_json()) + outcome.report.as_csv() + outcome.report.as_table("fa")
    assert "0012345679" not in told
    assert "رضایی" not in told


def test_a_withheld_column_may_lie_in_the_file_and_is_not_read(read: Reader) -> None:
    hidden = {"name": "national_code", "type": "string", "access": "withheld", "legalGround": "IR-PD-4.3"}
    outcome = read("national_code,code,city_name\n0012345679,1,x\n", [*FIELDS, hidden])
    assert outcome.report.is_releasable
    assert outcome.copied == "1\tx\t1\n"
    assert outcome.ingested.copy_columns == ("code", "city_name", "_row")


def test_columns_are_found_by_name_in_any_order(read: Reader) -> None:
    assert read(" city_name ,code\nx,1\n", FIELDS).cells == [["1", "x"]]
