import csv
import io
import json
from collections.abc import Callable
from typing import Any

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.ingest.report import ERRORS_DETAILED_MAX, Report
from publicgsb.datasets.ingest.shapes import shape

Reader = Callable[..., Any]
TWICE = RowError(2, "code", ErrorCode.UNIQUE, None, Label("تکراری", "Twice."), Label("حذف", "Delete one."))


def test_a_later_error_takes_the_release_away() -> None:
    report = Report(rows_read=2)
    assert report.is_releasable
    assert not report.with_errors([TWICE]).is_releasable
    assert report.with_errors([TWICE]).errors_total == 1


def test_errors_found_later_may_be_more_than_are_told() -> None:
    report = Report(rows_read=2).with_errors([TWICE] * 2_000, {ErrorCode.UNIQUE: 5_000})
    assert report.errors_total == 5_000
    assert len(report.errors) == ERRORS_DETAILED_MAX


def test_json_csv_and_table_tell_the_same_errors() -> None:
    report = Report(rows_read=2).with_errors([TWICE])
    assert json.loads(json.dumps(report.as_json()))["errors"][0]["code"] == "unique-error"
    assert next(csv.DictReader(io.StringIO(report.as_csv())))["code"] == "unique-error"
    assert "unique-error" in report.as_table("en")
    assert "تکراری" in report.as_table("fa")


def test_no_cell_of_the_file_stands_in_any_rendering(read: Reader) -> None:
    fields = [{"name": "n", "type": "integer"}, {"name": "kind", "type": "string", "categories": ["a"]}]
    report = read("n,kind\nhunter2,Zahra\n", fields).report
    told = json.dumps(report.as_json(), ensure_ascii=False) + report.as_csv() + report.as_table()
    assert report.errors_total == 2
    assert "hunter2" not in told
    assert "Zahra" not in told


def test_a_shape_that_would_be_a_formula_is_quoted_in_csv() -> None:
    error = RowError(1, "n", ErrorCode.TYPE, "=9+9", Label("", ""), Label("", ""))
    assert "'=9+9" in Report(rows_read=1).with_errors([error]).as_csv()


def test_a_shape_hides_letters_and_digits_of_every_script() -> None:
    assert shape("۱۲-Abآ\0😀") == "99-aaa␀•"
    assert len(shape("x" * 500)) == 33
