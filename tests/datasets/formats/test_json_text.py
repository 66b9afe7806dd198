import json

import pytest
from tests.datasets.ingest.conftest import Reader

from publicgsb.datasets.ingest.model import Limits

FIELDS = [{"name": "code", "type": "string"}, {"name": "n", "type": "number"}]


def test_numbers_keep_the_digits_they_were_written_with(read: Reader) -> None:
    fields = [{"name": "a", "type": "number", "format": "decimal"}, {"name": "b", "type": "string"}]
    content = '[{"a": 1.500, "b": 123456789012345678901234567890}]'
    assert read(content, fields).cells == [["1.500", "123456789012345678901234567890"]]


def test_a_member_that_is_null_or_left_out_has_no_value(read: Reader) -> None:
    fields = [{"name": "code", "type": "string"}, {"name": "n", "type": "number", "missingValues": ["NA"]}]
    content = '{"code": "a", "n": 1}\n{"code": "b", "n": null}\n{"code": "c"}\n{"code": "d", "n": "NA"}\n'
    assert [row[1] for row in read(content, fields).cells] == ["1.0", "\\N", "\\N", "\\N"]


def test_truth_is_written_as_table_schema_has_it(read: Reader) -> None:
    assert read('[{"b": true}, {"b": false}]', [{"name": "b", "type": "boolean"}]).cells == [["t"], ["f"]]


@pytest.mark.parametrize("value", ["{}", '[1, "x"]', '{"a": {"b": 1}}'])
def test_a_nested_value_is_an_error_of_its_row(read: Reader, value: str) -> None:
    report = read(f'[{{"code": "a", "n": 1}}, {{"code": {value}, "n": 2}}]', FIELDS).report
    assert [(e.row, e.field, str(e.code)) for e in report.errors] == [(2, "code", "type-error")]
    assert "object or a list" in report.errors[0].message.en


def test_a_name_that_cannot_be_printed_is_told_as_such(read: Reader) -> None:
    """A report with U+0000 in it could not be stored."""
    report = read('[{"code": "a", "n": 1, "\\u0000": 2}]', FIELDS).report
    assert "\0" not in str([error.message.en for error in report.errors])
    assert report.errors[0].message.en == "Column 3 (␀) is not in the contract."


def test_a_character_of_two_halves_is_one(read: Reader) -> None:
    assert read('[{"code": "\\ud83d\\ude00", "n": 1}]', FIELDS).cells == [["\U0001f600", "1.0"]]


def test_a_member_that_comes_late_is_an_extra_cell_of_its_row(read: Reader) -> None:
    content = '{"code": "a", "n": 1}\n' * 1_000 + '{"code": "a", "n": 1, "secret": 5}\n'
    report = read(content, FIELDS).report
    assert [(e.row, str(e.code)) for e in report.errors] == [(1_001, "extra-cell")]


def test_a_text_cannot_pass_itself_off_as_a_mark(read: Reader) -> None:
    content = json.dumps([{"code": mark, "n": 1} for mark in ("\0", "\0#1", "\0{}")])
    assert read(content, FIELDS).codes == {"type-error": 3}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"code": "a", "n": 1}', "not one array"),
        ('[{"code": "a", "n": 1} {"code": "b", "n": 1}]', "not one array"),
        ('[{"code": "a", "n": 1}] x', "not one array"),
        ('[{"code": "a", "n": 1},', "Record 2 is not JSON"),
        ('[{"code": "a", "n": NaN}]', "Record 1 is not JSON"),
        ('[{"code": "a", "code": "b", "n": 1}]', "Record 1 names a member twice"),
        ('[{"code": "a", "n": 1}, {"code": "\\ud800", "n": 1}]', "Record 2 holds half of a character"),
        ('{"code": "a", "n": 1}\n{"code": "\\uDFFF", "n": 1}', "Record 2 holds half of a character"),
        ('[{"code": "a", "\\ud800": 1}]', "Record 1 holds half of a character"),
        ("[[1, 2]]", "Record 1 is not an object"),
        ('[{"code": ' + "[" * 100_000 + "]", "Record 1 is nested"),
        ('{"code": "a", "n": 1}\n{"code": ' + '{"a":' * 50_000, "Record 2 is nested"),
        ('{"code": "a", "n": 1}\n{"code": "b"', "Record 2 is not JSON"),
        ('{"code": "a", "n": 1}\n{"code": "b", "n": 1} {}', "Record 2 is not one JSON value"),
        ('[{"code": "' + "x" * 3_000_000, "far too large"),
        ('[{"code": "' + "x" * 200_000 + '", "n": 1}]', "far too large"),
        ('{"code": "a", "n": 1}\n{"code": "' + "x" * 3_000_000, "longer than 1 MiB"),
    ],
)
def test_hostile_json_gets_a_clear_error(read: Reader, content: str, words: str) -> None:
    (error,) = read(content, FIELDS).report.errors
    assert words in error.message.en
    assert len(error.message.en) < 200


def test_a_record_of_a_million_members_is_refused(read: Reader) -> None:
    content = "[{" + ",".join(f'"a{at}":1' for at in range(100_000)) + "}]"
    (error,) = read(content, FIELDS).report.errors
    assert "columns" in error.message.en


def test_an_array_far_longer_than_what_is_read_at_once_is_read_whole(read: Reader) -> None:
    content = json.dumps([{"code": f"{at:06}", "n": at} for at in range(50_000)], indent=1)
    outcome = read(content, FIELDS)
    assert (outcome.ingested.rows, outcome.cells[-1]) == (50_000, ["049999", "49999.0"])


def test_rows_are_bounded_in_json_too(read: Reader) -> None:
    assert read('[{"code":"a","n":1},{"code":"b","n":2}]', FIELDS, limits=Limits(rows_max=1)).codes == {
        "source-error": 1
    }


def test_records_of_few_members_cannot_become_more_than_a_file_may_hold(read: Reader) -> None:
    names = [f"c{at}" for at in range(10)]
    content = json.dumps(dict.fromkeys(names, "a")) + "\n" + '{"c0": "a"}\n' * 1_000
    fields = [{"name": name, "type": "string"} for name in names]
    assert read(content, fields).ingested.rows == 1_001
    assert read(content, fields, limits=Limits(content_bytes_max=20_000)).codes == {"byte-count-error": 1}
