"""What goes into a frame comes out of it, in four libraries: codes, exact numbers, days, Persian, what is missing."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import httpx2
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sdk.rows import AIRPORT, KEY, URL, as_json, contract_of, page

from publicgsb_sdk import Client, frames
from publicgsb_sdk.tables import places

RECEIPT = {
    "agency": "aviation",
    "dataset": "airports",
    "release": 3,
    "asOf": "2026-09-05",
    "source": "airportsdata",
    "licence": "MIT",
    "attribution": "نام منبع",
}


def asked(rows: list[dict[str, Any]], **more: Any) -> Any:
    """The rows as pages of the service, in an Arrow table."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/graphql":
            return httpx2.Response(200, json=page([as_json(row) for row in rows], **more))
        return httpx2.Response(200, json=contract_of(len(rows)))

    with httpx2.Client(transport=httpx2.MockTransport(answer)) as http:
        return Client(KEY, URL, http_client=http).dataset("aviation.airports").order_by("key").to_arrow()


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Tehran'")
        yield connection


@settings(deadline=None, max_examples=50)
@given(rows=st.lists(AIRPORT, max_size=8))
def test_every_value_survives_in_arrow_polars_and_duckdb(
    database: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]
) -> None:
    table = asked(rows)
    assert exact(table, rows)
    assert exact(frames.as_polars(table).to_arrow(), rows)
    frames.into_duckdb(table, "airports", database)
    assert exact(database.sql("select * from airports").to_arrow_table(), rows)


@settings(deadline=None, max_examples=50)
@given(st.lists(AIRPORT, max_size=8))
def test_every_value_survives_in_pandas(rows: list[dict[str, Any]]) -> None:
    found = frames.as_pandas(asked(rows)).astype("object")
    for row, records in zip(rows, found.to_dict("records"), strict=True):
        for name, value in row.items():
            if value is None:
                assert pd.isna(records[name])
            elif isinstance(value, date) and not isinstance(value, datetime):
                assert records[name].date() == value
            else:
                assert records[name] == value and isinstance(records[name], type(value))


def exact(table: Any, rows: list[dict[str, Any]]) -> bool:
    """Equal values of equal types; a decimal of more digits than any reader has is its text."""
    found = [
        {name: Decimal(value) if name == "fee" and value is not None else value for name, value in record.items()}
        for record in table.to_pylist()
    ]
    return found == rows and all(
        type(value) is type(record[name]) or isinstance(value, datetime)
        for row, record in zip(rows, found, strict=True)
        for name, value in row.items()
    )


def test_the_receipt_travels_with_the_table_and_from_it_to_the_others() -> None:
    table = asked([], receipt=[RECEIPT])
    told = json.loads(table.schema.metadata[b"gsb"])
    assert told["receipt"][0]["attribution"] == "نام منبع" and told["receipt"][0]["as_of"] == "2026-09-05"
    assert frames.as_pandas(table).attrs["gsb"] == told
    comment = frames.into_duckdb(table, 'a"b').sql("select comment from duckdb_tables()").fetchone()
    assert comment is not None and json.loads(comment[0]) == told


def test_labels_and_units_stand_beside_the_columns() -> None:
    table = asked([])
    assert table.field("fee").metadata[b"unit"] == b"IRR"
    found = frames.into_duckdb(table, "airports").sql(
        "select comment from duckdb_columns() where table_name = 'airports' and column_name = 'fee'"
    )
    assert found.fetchall() == [("عوارض · Fee (IRR)",)]


def test_no_rows_have_the_types_that_many_have() -> None:
    assert [str(field.type) for field in asked([])] == [
        "string",
        "int32",
        "int64",
        "double",
        "decimal128(38, 0)",
        "bool",
        "date32[day]",
        "timestamp[us, tz=UTC]",
    ]


def test_a_table_of_duckdb_is_replaced_in_the_database_that_is_given() -> None:
    with duckdb.connect() as connection:
        for code in ("007", "008"):
            frames.into_duckdb(asked([{**EMPTY, "code": code}]), "airports", connection)
        assert connection.sql("select code from airports").fetchall() == [("008",)]


EMPTY: dict[str, Any] = dict.fromkeys(
    ("code", "runway_count", "passengers", "latitude", "fee", "is_open", "opened_on", "seen_at")
)


@pytest.mark.parametrize(
    ("values", "whole", "scale", "is_narrow"),
    [
        ([], 1, 0, True),
        (["1.10", None, "-20"], 2, 2, True),
        (["1E+5"], 6, 0, True),
        (["0.000"], 1, 3, True),
        (["1" * 38], 38, 0, True),
        (["1" * 38, "0.1"], 38, 1, False),
    ],
)
def test_decimals_have_as_many_places_as_the_longest_needs(
    values: list[str | None], whole: int, scale: int, is_narrow: bool
) -> None:
    needed = places([None if value is None else Decimal(value) for value in values])
    assert (needed.whole, needed.scale, needed.is_narrow) == (whole, scale, is_narrow)


def test_decimals_too_long_for_readers_are_their_text_and_decimals_again_in_pandas() -> None:
    long = Decimal("1" * 39 + ".50")
    table = asked([{**EMPTY, "fee": long}])
    assert table.schema.field("fee").type == pa.string()
    assert frames.as_pandas(table)["fee"].tolist() == [long]
