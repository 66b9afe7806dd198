import io
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow
import pytest
from pyarrow import parquet
from tests.datasets.formats.conftest import parquet_of
from tests.datasets.ingest.conftest import Reader

from publicgsb.datasets.formats.parquet import ParquetRows
from publicgsb.datasets.formats.parquet_pages import page_header
from publicgsb.datasets.ingest.model import Limits

DAYS = [{"name": "d", "type": "date"}, {"name": "n", "type": "integer"}]
CODE = {"name": "code", "type": "string"}


def written(table: pyarrow.Table, **options: object) -> bytes:
    out = io.BytesIO()
    parquet.write_table(table, out, **options)
    return out.getvalue()


def test_every_type_arrives_as_the_text_that_the_contract_reads(read: Reader) -> None:
    fields = [
        {"name": "s", "type": "string"}, {"name": "i", "type": "integer"}, {"name": "f", "type": "number"},
        {"name": "m", "type": "number", "format": "decimal"}, {"name": "d", "type": "date"},
        {"name": "t", "type": "datetime"}, {"name": "b", "type": "boolean"},
    ]  # fmt: skip
    moment = datetime(2026, 1, 2, 8, 30, tzinfo=UTC)
    row = ["007", 7, 0.1, Decimal("1.50"), date(2026, 3, 21), moment, False]
    content = parquet_of([["s", "i", "f", "m", "d", "t", "b"], row, [None] * 6 + [True]])
    assert read(content, fields).cells == [
        ["007", "7", "0.1", "1.50", "2026-03-21", "2026-01-02 08:30:00+00:00", "f"],
        ["\\N"] * 6 + ["t"],
    ]


def test_a_day_kept_as_the_moment_it_begins_is_a_day(read: Reader) -> None:
    """What a data frame makes of dates, in nanoseconds at that."""
    days = pyarrow.array([datetime(2026, 3, 21), None], pyarrow.timestamp("ns"))
    assert read(written(pyarrow.table({"d": days, "n": [1, 2]})), DAYS).cells == [["2026-03-21", "1"], ["\\N", "2"]]
    noon = pyarrow.array([datetime(2026, 3, 21, 12)], pyarrow.timestamp("us"))
    assert read(written(pyarrow.table({"d": noon, "n": [1]})), DAYS).codes == {"type-error": 1}


@pytest.mark.parametrize(
    "moments",
    [
        pyarrow.array([1], pyarrow.timestamp("ns")),  # finer than a microsecond
        pyarrow.array([2**62], pyarrow.timestamp("us")),  # beyond the calendar
        pyarrow.array([1], pyarrow.timestamp("us", "Nowhere/City")),
    ],
)
def test_moments_that_cannot_be_told_are_refused(read: Reader, moments: pyarrow.Array) -> None:
    content = written(pyarrow.table({"d": moments, "n": [1]}))
    assert read(content, DAYS).codes == {"source-error": 1}


def test_whole_numbers_that_were_kept_as_floats_are_whole_again(read: Reader) -> None:
    """What pandas makes of a whole number beside a missing one."""
    content = parquet_of([["n"], [1.0], [2.0]])
    assert read(content, [{"name": "n", "type": "integer"}]).cells == [["1"], ["2"]]


def test_codes_kept_as_floats_are_refused_and_as_whole_numbers_taken(read: Reader) -> None:
    (error,) = read(parquet_of([["code"], [7.0]]), [CODE]).report.errors
    assert "passed through a spreadsheet" in error.message.en
    assert read(parquet_of([["code"], [7]]), [CODE]).cells == [["7"]]


def test_lists_and_binaries_are_errors_of_their_rows(read: Reader) -> None:
    for value in ([1, 2], {"a": 1}, b"\x00\xff"):
        assert read(parquet_of([["code"], [value]]), [CODE]).codes == {"type-error": 1}


def test_rows_of_many_groups_come_in_order(read: Reader) -> None:
    rows = [[f"{at:06}"] for at in range(5_000)]
    assert read(parquet_of([["code"], *rows], row_group_size=700), [CODE]).cells == rows


def test_one_text_repeated_a_million_times_is_held_once(read: Reader) -> None:
    text = "x" * 100_000
    values = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 5_000, pyarrow.int32()), pyarrow.array([text]))
    content = written(pyarrow.table({"code": values.dictionary_decode().slice(0, 300)}))
    tracemalloc.start()
    outcome = read(content, [CODE])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome.ingested.rows == 300
    assert peak < 100_000_000


def test_a_cell_without_end_is_refused(read: Reader) -> None:
    (error,) = read(parquet_of([["code"], ["x" * 200_000]]), [CODE]).report.errors
    assert "far too large" in error.message.en


def test_a_page_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(read: Reader) -> None:
    content = written(
        pyarrow.table({"code": ["x" * 100_000] * 1_000}), use_dictionary=False, compression="zstd",
        data_page_size=1 << 30, write_batch_size=10_000,
    )  # fmt: skip
    assert len(content) < 100_000
    (error,) = read(content, [CODE]).report.errors
    assert "A page of the Parquet file" in error.message.en


def test_a_file_that_unpacks_to_more_than_allowed_is_refused(read: Reader) -> None:
    content = parquet_of([["code"], *([f"{at}"] for at in range(10_000))])
    assert read(content, [CODE], limits=Limits(content_bytes_max=10_000)).codes == {"byte-count-error": 1}


def test_columns_are_bounded(read: Reader) -> None:
    content = parquet_of([[f"c{at}" for at in range(2_000)], [1] * 2_000])
    assert "2,000 columns" in read(content, [CODE]).report.errors[0].message.en


@pytest.mark.parametrize("cut", [4, 12, 60, 200])
def test_a_truncated_file_is_refused(read: Reader, cut: int) -> None:
    content = parquet_of([["code"], ["a"]])
    assert read(content[:-cut], [CODE]).codes == {"source-error": 1}


def test_a_flipped_byte_anywhere_gives_rows_or_an_error_and_never_an_exception(read: Reader) -> None:
    content = parquet_of([["code"], *([f"{at:04}"] for at in range(50))])
    for at in range(0, len(content), 7):
        broken = content[:at] + bytes([content[at] ^ 0x5A]) + content[at + 1 :]
        outcome = read(broken, [CODE])
        assert outcome.codes or outcome.ingested.rows


def test_a_header_that_is_none_is_refused() -> None:
    for data in (b"", b"\x00", b"\x15\x00", b"\xff" * 40, b"\x19\xf5\xff\xff\xff\x0f"):
        with pytest.raises(EOFError):
            page_header(data)


def test_a_long_text_that_stands_in_every_row_is_handed_on_in_few_rows_and_written_within_bounds(read: Reader) -> None:
    content = written(pyarrow.table({"code": ["x" * 100_000] * 200}))
    assert len(content) < 400_000
    assert len(ParquetRows(io.BytesIO(content), None, len(content), Limits()).next_rows(64)) == 42
    assert read(content, [CODE]).ingested.rows == 200
    assert read(content, [CODE], limits=Limits(content_bytes_max=10_000_000)).codes == {"byte-count-error": 1}
