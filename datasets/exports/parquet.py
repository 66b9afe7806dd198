"""A release as Parquet: types of the contract, sorted, in row groups that a reader can skip by their statistics.

Reads the CSV that COPY wrote, in C++ and block by block, so neither the rows nor a Python object per cell is ever in
memory. zstd at level 3: level 9 made the demo's flights 1 % smaller for a third more time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.exports.extents import Extent
from publicgsb.datasets.exports.model import PART_BYTES_MAX, FileFormat, Part
from publicgsb.datasets.exports.written import HashedFile, Written
from publicgsb.datasets.files import FileColumn

GROUP_ROWS = 128 * 1024
GROUP_BYTES = 40 * 1024 * 1024  # before compression; rows so wide make smaller groups
FOOTER_BYTES = 2 * 1024 * 1024  # room for what is written when a part is closed
BLOCK_BYTES = 16 * 1024 * 1024  # of text read at a time; no record may be longer

_TYPES: Mapping[FieldType, pa.DataType] = {
    FieldType.STRING: pa.string(),
    FieldType.INTEGER: pa.int32(),
    FieldType.BIGINT: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.DATETIME: pa.timestamp("us", "UTC"),
    FieldType.YEAR: pa.int32(),
}


def arrow_schema(columns: Sequence[FileColumn], extents: Mapping[str, Extent], about: Mapping[str, str]) -> pa.Schema:
    """Codes stay text. A decimal of more digits than any reader takes is text, exact, rather than a float."""
    fields = [pa.field(column.name, _type(column, extents), metadata=_words(column)) for column in columns]
    return pa.schema(fields, metadata={"gsb": json.dumps(about, ensure_ascii=False)})


def write_parquet(
    source: Path, schema: pa.Schema, sorted_by: Sequence[str], folder: Path, part_bytes_max: int = PART_BYTES_MAX
) -> list[Written]:
    """`source` is COPY's CSV in the order of `sorted_by`. Runs in a thread: it takes a core for seconds."""
    parts = _Parts(schema, sorted_by, folder, part_bytes_max)
    for group in _groups(source, schema, min(GROUP_BYTES, part_bytes_max // 2)):
        parts.add(group)
    return parts.close()


def _type(column: FileColumn, extents: Mapping[str, Extent]) -> pa.DataType:
    if column.type is not FieldType.DECIMAL:
        return _TYPES[column.type]
    extent = extents[column.name]
    return pa.decimal128(max(1, extent.whole_digits + extent.scale), extent.scale) if extent.is_decimal else pa.string()


def _words(column: FileColumn) -> dict[str, str]:
    if column.field is None:
        return {}
    words = {"label_fa": column.field.label.fa, "label_en": column.field.label.en}
    return words | ({"unit": column.field.unit} if column.field.unit else {})


def _groups(source: Path, schema: pa.Schema, group_bytes: int) -> Iterator[pa.Table]:
    """GROUP_ROWS rows each, or fewer where they are wide; the last has what is left."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in _batches(source, schema):
        waiting.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        while rows and (rows >= GROUP_ROWS or size >= group_bytes):
            table = pa.Table.from_batches(waiting, schema)
            taken = min(rows, GROUP_ROWS, max(1, rows * group_bytes // max(size, 1)))
            yield table.slice(0, taken)
            rest = table.slice(taken)
            waiting, rows, size = rest.to_batches(), rest.num_rows, rest.nbytes
    if rows:
        yield pa.Table.from_batches(waiting, schema)


def _batches(source: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    reader = arrow_csv.open_csv(
        source,
        read_options=arrow_csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False),
        # A single column's null is an empty line.
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types={field.name: field.type for field in schema},
            # COPY writes a null as nothing and an empty text as "".
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["true"],
            false_values=["false"],
            timestamp_parsers=[arrow_csv.ISO8601],
        ),
    )
    with reader:
        for batch in reader:
            yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)


class _Parts:
    """A part is closed before the group that might not fit: compressed, a group is at most about what it is now."""

    def __init__(self, schema: pa.Schema, sorted_by: Sequence[str], folder: Path, part_bytes_max: int) -> None:
        self._schema = schema
        self._sorting = [pq.SortingColumn(schema.get_field_index(name)) for name in sorted_by]
        self._folder = folder
        self._room = part_bytes_max - min(FOOTER_BYTES, part_bytes_max // 8)
        self._file: HashedFile | None = None
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0
        self._parts: list[Written] = []

    def add(self, group: pa.Table) -> None:
        if self._file is not None and self._file.bytes + group.nbytes > self._room:
            self._end_part()
        self._begun().write_table(group, row_group_size=GROUP_ROWS)
        self._rows += group.num_rows

    def close(self) -> list[Written]:
        if self._file is not None or not self._parts:
            self._begun()
            self._end_part()
        return self._parts

    def _begun(self) -> pq.ParquetWriter:
        if self._writer is None:
            self._file = HashedFile(self._folder / f"{len(self._parts) + 1}.parquet")
            self._writer = pq.ParquetWriter(
                pa.PythonFile(self._file, mode="w"),
                self._schema,
                compression="zstd",
                compression_level=3,
                write_statistics=True,
                write_page_index=True,
                sorting_columns=self._sorting or None,
            )
        return self._writer

    def _end_part(self) -> None:
        assert self._file is not None and self._writer is not None
        self._writer.close()
        path, sha256 = self._file.path, self._file.close()
        part = Part(FileFormat.PARQUET, len(self._parts) + 1, self._rows, self._file.bytes, sha256)
        self._parts.append(Written(part, path))
        self._file, self._writer, self._rows = None, None, 0
