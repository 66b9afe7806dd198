import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publicgsb.datasets.ingest.values import unescape

Reader = Callable[..., Any]
FIELDS = [{"name": "code", "type": "string"}, {"name": "n", "type": "integer"}]


def test_a_wrong_type_at_row_300000_is_found_with_its_number_and_shape(read: Reader) -> None:
    rows = ["1,2"] * 299_999 + ["1,12-secret"] + ["1,3"] * 10
    outcome = read("code,n\n" + "\n".join(rows) + "\n", FIELDS)
    (error,) = outcome.report.errors
    assert (error.row, error.field, str(error.code), error.shape) == (300_000, "n", "type-error", "99-aaaaaa")
    assert outcome.report.rows_read == 300_010
    assert not outcome.report.is_releasable


@pytest.mark.parametrize(
    ("row", "code"),
    [("", "blank-row"), (",", "blank-row"), ("1,2,3", "extra-cell"), ("1", "missing-cell"), ("a\0,1", "type-error")],
)
def test_a_broken_row_has_its_code_and_number(read: Reader, row: str, code: str) -> None:
    outcome = read(f"code,n\n1,2\n{row}\n3,4\n", FIELDS)
    assert [(e.row, str(e.code)) for e in outcome.report.errors] == [(2, code)]
    assert outcome.report.rows_read == 3


def test_a_key_without_value_is_an_error_of_the_key(read: Reader) -> None:
    assert read("code,n\n,1\n", FIELDS, primaryKey=["code"]).codes == {"primary-key": 1}


def test_all_errors_are_counted_and_the_first_thousand_told_in_row_order(read: Reader) -> None:
    content = "code,n\n" + "x,y\n" * 5_000 + "1,2,3\n" * 7 + "x,NA\n"
    report = read(content, FIELDS).report
    assert dict(report.counts) == {"type-error": 5_001, "extra-cell": 7}
    assert [e.row for e in report.errors] == list(range(1, 1_001))


def test_a_word_where_a_number_is_due_is_explained_as_a_missing_value(read: Reader) -> None:
    (error,) = read("code,n\n1,NA\n", FIELDS).report.errors
    assert "missingValues" in error.fix.en
    assert "missingValues" in error.fix.fa


def test_rows_are_numbered_as_they_stand_in_the_file(read: Reader) -> None:
    assert read("code,n\nb,1\na,2\n", FIELDS).copied == "b\t1\t1\na\t2\t2\n"


def test_the_hash_tells_values_and_order_apart_and_not_their_writing(read: Reader) -> None:
    first = read("code,n\na,+1\nb,2\n", FIELDS).ingested.sha256
    assert read("n;code\n1;a\n2;b\n", FIELDS).ingested.sha256 == first
    assert read("code,n\nb,2\na,1\n", FIELDS).ingested.sha256 != first


def test_more_distinct_cells_than_a_column_remembers_are_all_judged(read: Reader) -> None:
    fields = [{"name": "code", "type": "string", "apply": [{"zeroPad": 6}]}, {"name": "n", "type": "integer"}]
    content = "code,n\n" + "".join(f"{at},{at}\n" for at in range(50_000)) + "1,\n1,x\n"
    outcome = read(content, fields)
    assert outcome.codes == {"type-error": 1}
    assert outcome.report.normalisations == {"zeroPad:code": 50_002}


_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(st.lists(st.tuples(_TEXTS, st.integers(-(2**31), 2**31 - 1)), min_size=1, max_size=20))
def test_whatever_text_a_csv_writer_writes_comes_back(read: Reader, rows: list[tuple[str, int]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("code", "n"), *rows])
    outcome = read(out.getvalue(), FIELDS)
    assert [(unescape(code), int(n)) for code, n in outcome.cells] == rows
