"""The nightly sync by a mock of the service: codes, exact numbers, moments and nulls, whichever way they come."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import yaml
from examples.nightly_sync import sync
from tests.schema.oracle.declared import dataset, field

from publicgsb_sdk.testing import MockService

NAMES = ("code", "city", "fee", "day", "seen_at", "seats")
FEES = """
agency: roads
dataset: fees
version: 1.0.0
recordName: Fee
title: { fa: هزینه‌ها, en: Fees }
description: { fa: هزینه‌های آزمایشی., en: Made-up fees. }
licence: CC0-1.0
attribution: Tests
source: { name: Tests }
theme: transport
cadence: daily
contact: tests@example.org
primaryKey: [code]
fields:
  - { name: code, type: string, label: { fa: کد, en: Code }, constraints: { required: true }, filters: [eq] }
  - { name: city, type: string, label: { fa: شهر, en: City } }
  - { name: fee, type: decimal, label: { fa: هزینه, en: Fee } }
  - { name: day, type: date, label: { fa: روز, en: Day } }
  - { name: seen_at, type: datetime, label: { fa: زمان, en: Seen at } }
  - { name: seats, type: bigint, label: { fa: صندلی, en: Seats } }
"""
SEEN = datetime(2026, 3, 21, 4, 30, 0, 123456, tzinfo=UTC)
FIRST: list[tuple[Any, ...]] = [
    ("007", "علی‌آباد", Decimal("1.25"), date(2026, 3, 21), SEEN, 2**53 + 1),
    ("008", "یزد", Decimal("99999999999999.99"), None, None, None),
    ("009", "", None, date(1900, 1, 1), SEEN, -1),
]
CHANGED: list[tuple[Any, ...]] = [
    ("007", None, Decimal("1.26"), date(2026, 3, 22), SEEN, 2**62),
    FIRST[1],
    ("0010", "NA", Decimal("-0.10"), None, SEEN, None),
]
FINER: list[tuple[Any, ...]] = [("007", None, Decimal("1.257"), None, None, None)]


def as_records(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def held(db: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return db.execute("select * from fees order by code").fetchall()


def test_changes_arrive_as_exactly_as_files_and_what_would_be_rounded_comes_from_the_files(
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = MockService(yaml.safe_load(FEES), rows={"roads.fees": as_records(FIRST)})
    with service.client() as client, duckdb.connect() as db:
        assert "release 1 from its files, 3 rows" in sync(client, db, "roads.fees")
        assert held(db) == FIRST
        service.release("roads.fees", as_records(CHANGED))
        assert "release 1 to 2: 1 added, 1 changed, 1 removed, 3 rows" in sync(client, db, "roads.fees")
        assert held(db) == sorted(CHANGED)
        service.release("roads.fees", as_records(FINER))
        assert "release 3 from its files, 1 rows" in sync(client, db, "roads.fees")
        assert held(db) == FINER
    assert "The files are taken instead." in capsys.readouterr().err


def test_a_table_holds_one_dataset_however_its_name_is_written() -> None:
    """Two agencies may call a dataset alike; the rows of one must not pass for those of the other."""
    code = field("code", "string", "eq", required=True)
    contracts = [dataset(agency, "lands", "Land", [code], primaryKey=["code"]) for agency in ("geo", "old")]
    service = MockService(contracts, records=3)
    with service.client() as gsb, duckdb.connect() as db:
        assert "release 1 from its files, 3 rows" in sync(gsb, db, "geo/lands")
        assert "nothing to do" in sync(gsb, db, "geo.lands")
        with pytest.raises(SystemExit, match=r"holds geo\.lands"):
            sync(gsb, db, "old.lands")
        assert db.sql("select code from lands order by code").fetchall() == [
            (row["code"],) for row in service.rows("geo.lands")
        ]
