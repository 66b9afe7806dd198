"""Parts of Parquet are bounded whatever the rows are, and empty releases have a file too."""

import random
from pathlib import Path

import pyarrow.parquet as pq

from publicgsb.datasets.contracts.model import Field, FieldType, Label
from publicgsb.datasets.exports.extents import Extent
from publicgsb.datasets.exports.parquet import GROUP_ROWS, arrow_schema, write_parquet
from publicgsb.datasets.files import FileColumn


def column(name: str, type_: FieldType = FieldType.STRING) -> FileColumn:
    return FileColumn(name, type_, name, Field(name, name, type_, Label("ف", "F")))


COLUMNS = [column("code"), column("text")]


def _source(folder: Path, rows: int, width: int) -> Path:
    """Hexadecimal noise: half of what it takes is left, whatever compresses it."""
    noise, path = random.Random(1), folder / "source.csv"
    with path.open("w") as file:
        file.write("code,text\n")
        file.writelines(f"{n:08},{noise.randbytes(width // 2).hex()}\n" for n in range(rows))
    return path


def test_a_part_is_never_larger_than_its_bound_and_all_rows_are_in_order(tmp_path: Path) -> None:
    schema, bound = arrow_schema(COLUMNS, {}, {}), 400_000
    written = write_parquet(_source(tmp_path, 9_000, 200), schema, ("code",), tmp_path, bound)
    assert len(written) > 2
    assert all(one.path.stat().st_size == one.part.bytes <= bound for one in written)
    tables = [pq.read_table(one.path) for one in written]
    assert [table.num_rows for table in tables] == [one.part.rows for one in written]
    codes = [code for table in tables for code in table["code"].to_pylist()]
    assert codes == [f"{n:08}" for n in range(9_000)]


def test_row_groups_are_as_large_as_promised(tmp_path: Path) -> None:
    (written,) = write_parquet(_source(tmp_path, GROUP_ROWS + 10, 2), arrow_schema(COLUMNS, {}, {}), (), tmp_path)
    groups = pq.read_metadata(written.path)
    assert [groups.row_group(at).num_rows for at in range(groups.num_row_groups)] == [GROUP_ROWS, 10]


def test_a_release_without_rows_is_a_file_with_its_columns(tmp_path: Path) -> None:
    source = tmp_path / "empty.csv"
    source.write_text("code,text\n")
    (written,) = write_parquet(source, arrow_schema(COLUMNS, {}, {"dataset": "a/b"}), ("code",), tmp_path)
    table = pq.read_table(written.path)
    assert (table.num_rows, table.schema.names) == (0, ["code", "text"])
    assert table.schema.metadata[b"gsb"] == b'{"dataset": "a/b"}'


def test_a_null_of_a_single_column_is_a_row_and_an_empty_text_is_none(tmp_path: Path) -> None:
    source = tmp_path / "one.csv"
    source.write_text('code\na\n\n""\n')
    (written,) = write_parquet(source, arrow_schema(COLUMNS[:1], {}, {}), (), tmp_path)
    assert pq.read_table(written.path)["code"].to_pylist() == ["a", None, ""]


def test_a_decimal_that_no_reader_takes_stays_exact_as_text(tmp_path: Path) -> None:
    source, exact = tmp_path / "wide.csv", column("code", FieldType.DECIMAL)
    source.write_text("code\n" + "9" * 30 + "." + "1" * 20 + "\n")
    schema = arrow_schema([exact], {"code": Extent(whole_digits=30, scale=20)}, {})
    (written,) = write_parquet(source, schema, (), tmp_path)
    assert pq.read_table(written.path)["code"].to_pylist() == ["9" * 30 + "." + "1" * 20]
