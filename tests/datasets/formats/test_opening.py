import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from tests.datasets.formats.conftest import parquet_of, xlsx_of, zipped
from tests.datasets.ingest.conftest import Reader

FIELDS = [{"name": "code", "type": "string"}, {"name": "name", "type": "string"}, {"name": "n", "type": "integer"}]
ROWS: list[list[Any]] = [["code", "name", "n"], ["007", "تهران", 1], ["08", "يزد, كوير", 2]]
CSV = 'code,name,n\n007,تهران,1\n08,"يزد, كوير",2\n'
COPIED = "007\tتهران\t1\t1\n08\tيزد, كوير\t2\t2\n"
RECORDS = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
JSON = json.dumps(RECORDS, ensure_ascii=False)
JSON_LINES = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS)


def zstd(content: bytes) -> bytes:
    return bytes(pyarrow.compress(content, codec="zstd", asbytes=True))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (CSV.encode(), {"format": "csv", "encoding": "utf-8", "delimiter": ","}),
        (CSV.encode("utf-8-sig"), {"format": "csv", "encoding": "utf-8", "delimiter": ","}),
        (CSV.encode("cp1256"), {"format": "csv", "encoding": "windows-1256", "delimiter": ","}),
        (CSV.encode("utf-16"), {"format": "csv", "encoding": "utf-16", "delimiter": ","}),
        (CSV.encode("utf-16-le"), {"format": "csv", "encoding": "utf-16-le", "delimiter": ","}),
        (CSV.encode("utf-16-be"), {"format": "csv", "encoding": "utf-16-be", "delimiter": ","}),
        (
            CSV.replace('"يزد, كوير"', "يزد, كوير").replace(",1", "\t1").replace(",2", "\t2").replace("e,n", "e\tn")
            .replace("code,", "code\t").replace("7,", "7\t").replace("8,", "8\t").encode("utf-16"),
            {"format": "tsv", "encoding": "utf-16", "delimiter": "\t"},
        ),
        (JSON.encode(), {"format": "json", "encoding": "utf-8"}),
        (JSON.encode("utf-16"), {"format": "json", "encoding": "utf-16"}),
        (json.dumps(RECORDS, indent=2).encode(), {"format": "json", "encoding": "utf-8"}),
        (JSON_LINES.encode("utf-8-sig"), {"format": "jsonl", "encoding": "utf-8"}),
        (JSON_LINES.replace("\n", "\r\n\r\n").encode(), {"format": "jsonl", "encoding": "utf-8"}),
        (xlsx_of(ROWS), {"format": "xlsx", "sheet": "rows"}),
        (parquet_of(ROWS), {"format": "parquet"}),
        (parquet_of(ROWS, compression="zstd", use_dictionary=False, row_group_size=1), {"format": "parquet"}),
        (gzip.compress(CSV.encode("cp1256")), {
            "format": "csv", "encoding": "windows-1256", "delimiter": ",", "container": "gzip",
        }),
        (zstd(JSON_LINES.encode()), {"format": "jsonl", "encoding": "utf-8", "container": "zstd"}),
        (zipped({"folder/rows.json": JSON}), {"format": "json", "encoding": "utf-8", "container": "zip"}),
        (zipped({"../../etc/rows.xlsx": xlsx_of(ROWS)}), {"format": "xlsx", "sheet": "rows", "container": "zip"}),
        (gzip.compress(xlsx_of(ROWS)), {"format": "xlsx", "sheet": "rows", "container": "gzip"}),
        (zstd(parquet_of(ROWS)), {"format": "parquet", "container": "zstd"}),
    ],
)  # fmt: skip
def test_one_table_in_every_format_gives_the_same_rows_and_tells_what_was_found(
    read: Reader, content: bytes, found: dict[str, str]
) -> None:
    outcome = read(content, FIELDS)
    assert (outcome.codes, outcome.copied) == ({}, COPIED)
    assert outcome.report.as_json()["file"] == found


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (CSV.encode("utf-32"), "encoding-error", "UTF-16"),
        ("code,name,n\n1,é à ü,2\n".encode("latin-1"), "encoding-error", "UTF-8"),
        (CSV.encode() + "08,یزد,3\n".encode()[:-5] + b"\xd8", "encoding-error", "UTF-8"),
        (CSV.encode("utf-16")[:-1], "encoding-error", "UTF-8"),
        (gzip.compress(gzip.compress(CSV.encode())), "compression-error", "twice"),
        (zipped({"rows.zip": zipped({"rows.csv": CSV})}), "compression-error", "twice"),
        (zstd(CSV.encode() * 99)[:-9], "compression-error", "truncated"),
        (bz2.compress(CSV.encode()), "encoding-error", "UTF-8"),
        (b"%PDF-1.7\n", "source-error", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "source-error", "spreadsheet"),
        (b"<html><table><tr><td>1</td></tr></table>", "source-error", "HTML"),
        (b'{"rows": [\n{"code": "1"}]}', "source-error", "one JSON object"),
    ],
)
def test_what_is_no_table_is_named_for_what_it_is(read: Reader, content: bytes, code: str, word: str) -> None:
    (error,) = read(content, FIELDS).report.errors
    assert (str(error.code), word in error.message.en) == (code, True)


def test_windows_1256_is_told_with_what_puts_its_letters_right(read: Reader) -> None:
    assert any("normalise" in note.en for note in read(CSV.encode("cp1256"), FIELDS).report.notes)


def test_one_foreign_byte_after_a_mebibyte_of_plain_text_still_decides_the_encoding(read: Reader) -> None:
    content = "code,name,n\n" + "1,plain,2\n" * 120_000 + "1,تهران,3\n"
    outcome = read(content.encode("cp1256"), FIELDS)
    assert outcome.copied.endswith("1\tتهران\t3\t120001\n")


def test_a_million_columns_are_refused_at_once(read: Reader) -> None:
    (error,) = read(b"a" + b",a" * 500_000 + b"\n1\n", FIELDS).report.errors
    assert "500,001 columns" in error.message.en


def test_nothing_is_left_beside_the_copy_file(read: Reader, tmp_path: Path) -> None:
    read(gzip.compress(xlsx_of(ROWS)), FIELDS)
    left = {path.name for path in tmp_path.rglob("*.copy")}
    assert left <= {"rows.copy"}
