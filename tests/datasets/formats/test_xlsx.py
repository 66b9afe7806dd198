import tracemalloc
from datetime import date, datetime

import pytest
from tests.datasets.formats.conftest import sheet_of, xlsx_of, zipped
from tests.datasets.ingest.conftest import Reader

from publicgsb.datasets.ingest.model import Limits

CODE = {"name": "code", "type": "string"}
HEADER = '<c r="A1" t="inlineStr"><is><t>code</t></is></c>'


def test_dates_numbers_and_truth_arrive_as_they_were_meant(read: Reader) -> None:
    fields = [
        {"name": "d", "type": "date"}, {"name": "n", "type": "integer"}, {"name": "f", "type": "number"},
        {"name": "b", "type": "boolean"}, {"name": "t", "type": "datetime", "format": "%Y-%m-%dT%H:%M:%S"},
    ]  # fmt: skip
    content = xlsx_of([["d", "n", "f", "b", "t"], [date(2026, 3, 21), 12, 0.5, True, datetime(2026, 1, 2, 8, 30)]])
    expected = ["2026-03-21", "12", "0.5", "t"]
    assert read(content, fields[:4]).report.counts  # the fifth column is not in that contract
    # The default format of a workbook's dates shows no time, and the cell keeps it.
    assert read(content, fields).cells[0][:4] == expected


def test_a_number_for_a_label_is_its_digits(read: Reader) -> None:
    report = read(xlsx_of([["code", 1404], ["a", "b"]]), [CODE]).report
    assert "(1404)" in report.errors[0].message.en


def test_codes_kept_as_numbers_say_that_the_file_passed_through_a_spreadsheet(read: Reader) -> None:
    (error,) = read(xlsx_of([["code"], [12]]), [CODE]).report.errors
    assert (error.row, str(error.code), error.shape) == (1, "type-error", "99")
    assert "passed through a spreadsheet" in error.message.en


def test_lost_zeros_come_back_where_the_contract_pads_and_no_digit_was_rounded(read: Reader) -> None:
    fields = [{**CODE, "apply": [{"zeroPad": 16}]}]
    assert read(xlsx_of([["code"], [12]]), fields).cells == [["0000000000000012"]]
    assert read(xlsx_of([["code"], [1234567890123456]]), fields).codes == {"type-error": 1}


def test_a_number_in_a_text_that_is_no_code_is_its_digits(read: Reader) -> None:
    fields = [{"name": "remark", "type": "string"}]
    assert read(xlsx_of([["remark"], [12], [1.5], ["none"]]), fields).cells == [["12"], ["1.5"], ["none"]]


def test_the_first_visible_sheet_is_read_and_the_others_are_told(read: Reader) -> None:
    outcome = read(xlsx_of([["code"], ["a"]], hidden="before", more="after"), [CODE])
    assert outcome.cells == [["a"]]
    assert outcome.report.as_json()["file"]["sheet"] == "rows"
    assert any("1 more" in note.en for note in outcome.report.notes)


def test_a_table_may_stand_anywhere_in_the_sheet(read: Reader) -> None:
    assert read(xlsx_of([[], [], [None, "code"], [None, "a"]]), [CODE]).cells == [["a"]]


def test_an_empty_sheet_is_a_blank_header(read: Reader) -> None:
    assert read(xlsx_of([]), [CODE]).codes == {"blank-header": 1}


@pytest.mark.parametrize(
    ("cells", "before", "words"),
    [
        (HEADER + '<c r="B1"><f>1+1</f><v>2</v></c>', "", "Cell B1 holds a formula"),
        (HEADER + '<c r="B1" t="e"><v>#REF!</v></c>', "", "Cell B1 is an error"),
        (HEADER + '<c r="XFD1"><v>1</v></c>', "", "16,384 columns"),
        (HEADER + '</row><row r="1048576"><c r="P1048576"><v>1</v></c>', "", "1,048,576 rows"),
        (HEADER + '<c r="ZZZZ9"><v>1</v></c>', "", "structure is broken"),
        (HEADER + '<c r="B1" t="inlineStr"><is><t>' + "x" * 200_000 + "</t></is></c>", "", "far too large"),
        (HEADER, '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "declares XML entities"),
        ("<c>", "", "structure is broken"),
        (HEADER + '<c r="A2"><v>1</v></c>', "", "structure is broken"),
        (HEADER + '</row><row r="1"><c><v>1</v></c>', "", "structure is broken"),
        (HEADER + '</row><row r="9999999999"><c><v>1</v></c>', "", "structure is broken"),
        (HEADER + '<row r="2"><c><v>1</v></c></row>', "", "structure is broken"),
        (HEADER + "</row><c><v>1</v></c><row>", "", "structure is broken"),
    ],
)
def test_hostile_cells_are_refused_before_the_workbook_is_opened(
    read: Reader, cells: str, before: str, words: str
) -> None:
    (error,) = read(zipped(sheet_of(cells, before)), [CODE]).report.errors
    assert words in error.message.en


def test_entities_that_multiply_are_refused_in_every_part(read: Reader) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    content = zipped({**sheet_of(HEADER), "xl/sharedStrings.xml": laughs})
    assert "entities" in read(content, [CODE]).report.errors[0].message.en


def test_one_long_text_in_very_many_cells_is_counted_before_it_is_copied(read: Reader) -> None:
    text = "x" * 100_000
    cells = "".join(f'</row><row r="{row}"><c r="A{row}" t="s"><v>0</v></c>' for row in range(2, 3_000))
    shared = f"<sst><si><t>{text}</t></si></sst>"
    content = zipped({**sheet_of(HEADER + cells), "xl/sharedStrings.xml": shared})
    tracemalloc.start()
    (error,) = read(content, [CODE]).report.errors
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "too large to be opened" in error.message.en
    assert peak < 20_000_000


def test_a_workbook_that_unpacks_to_too_much_is_refused(read: Reader) -> None:
    content = zipped(sheet_of(HEADER + " " * 10_000_000))
    assert read(content, [CODE]).codes == {"compression-error": 1}
    small = Limits(workbook_bytes_max=100)
    assert read(xlsx_of([["code"], ["a"]]), [CODE], limits=small).codes == {"byte-count-error": 1}


def test_values_and_shared_texts_are_counted_whatever_cells_they_belong_to(read: Reader) -> None:
    few = Limits(workbook_cells_max=10)
    again = zipped(sheet_of(HEADER + '<c r="B1">' + "<v>1</v>" * 10 + "</c>"))
    assert read(again, [CODE], limits=few).codes == {"byte-count-error": 1}
    shared = zipped({**sheet_of(HEADER), "xl/sharedStrings.xml": "<sst>" + "<si/>" * 11 + "</sst>"})
    assert read(shared, [CODE], limits=few).codes == {"byte-count-error": 1}


def test_rows_without_numbers_follow_one_another(read: Reader) -> None:
    text = '<c t="inlineStr"><is><t>{}</t></is></c>'
    content = zipped(sheet_of(HEADER + "</row><row>" + text.format("a") + '</row><row r="4">' + text.format("b")))
    assert read(content, [CODE]).codes == {"blank-row": 1}


def test_a_workbook_without_its_sheet_or_with_a_broken_part_is_refused(read: Reader) -> None:
    parts = sheet_of(HEADER)
    broken = {"xl/worksheets/sheet1.xml": "<worksheet", "xl/workbook.xml": "<workbook/>", "xl/styles.xml": "<"}
    for name, text in broken.items():
        (error,) = read(zipped({**parts, name: text}), [CODE]).report.errors
        assert "structure is broken" in error.message.en


def test_a_part_that_lies_about_its_size_is_refused(read: Reader) -> None:
    """The directory says fewer bytes than the part unpacks to; the reader after us would go on."""
    content = bytearray(zipped(sheet_of(HEADER + " " * 5_000)))
    at = content.rfind(b"xl/worksheets/sheet1.xml") - 46
    content[at + 24 : at + 28] = (200).to_bytes(4, "little")
    assert len(read(bytes(content), [CODE]).report.errors) == 1
