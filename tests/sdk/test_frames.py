"""A frame has the types of the contract, whichever way its rows came."""

import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publicgsb_sdk import Client, ConnectionFailed, ServerError
from publicgsb_sdk.key import checksum

SEEN_AT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
CSV = (
    b"icao,code,runway_count,passengers,latitude,fee,is_open,opened_on,seen_at\n"
    b"OIIE,007,2,9007199254740993,35.4161,1.10,t,1990-01-02,2026-01-02T03:04:05.000006Z\n"
    b'OIYY,"0,""x""\nNA",,,,,,0001-01-01,\n'
)
NODES: list[dict[str, Any]] = [
    {
        "icao": "OIIE",
        "code": "007",
        "runwayCount": 2,
        "passengers": "9007199254740993",
        "latitude": 35.4161,
        "fee": "1.10",
        "isOpen": True,
        "openedOn": "1990-01-02",
        "seenAt": "2026-01-02T03:04:05.000006Z",
    },
    {"icao": "OIYY", "code": '0,"x"\nNA', "openedOn": "0001-01-01"},
]
EMPTY: dict[str, Any] = {
    "runwayCount": None,
    "passengers": None,
    "latitude": None,
    "fee": None,
    "isOpen": None,
    "seenAt": None,
}
RECEIPT = {"agency": "aviation", "dataset": "airports", "release": 3, "asOf": None, "source": "airportsdata"}


def by_file(client: Client, service: Any) -> "pd.DataFrame":
    service.parquet = parts()
    return client.dataset("aviation.airports").to_pandas()


def by_csv(client: Client, service: Any) -> "pd.DataFrame":
    service.parquet = []
    service.reply(httpx2.Response(200, content=CSV))
    return client.dataset("aviation.airports").to_pandas()


def parts() -> list[bytes]:
    """The release as the service makes it: decimals as narrow as they are, days as days."""
    schema = pa.schema(
        {
            "icao": pa.string(),
            "code": pa.string(),
            "runway_count": pa.int32(),
            "passengers": pa.int64(),
            "latitude": pa.float64(),
            "fee": pa.decimal128(3, 2),
            "is_open": pa.bool_(),
            "opened_on": pa.date32(),
            "seen_at": pa.timestamp("us", "UTC"),
        }
    )
    first = ["OIIE", "007", 2, 9007199254740993, 35.4161, Decimal("1.10"), True, date(1990, 1, 2), SEEN_AT]
    second = ["OIYY", '0,"x"\nNA', None, None, None, None, None, date(1, 1, 1), None]
    return [_parquet(pa.table([[value] for value in row], schema=schema)) for row in (first, second)]


def _parquet(table: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def by_pages(client: Client, service: Any) -> "pd.DataFrame":
    service.reply(service.page([EMPTY | node for node in NODES], receipt=[RECEIPT]))
    return client.dataset("aviation.airports").order_by("code").to_pandas()


def test_types_come_from_the_contract(client: Client, service: Any) -> None:
    assert by_file(client, service).dtypes.astype(str).to_dict() == {
        "icao": "string",
        "code": "string",
        "runway_count": "Int64",
        "passengers": "Int64",
        "latitude": "float64",
        "fee": "object",
        "is_open": "boolean",
        "opened_on": "datetime64[s]",
        "seen_at": "datetime64[us, UTC]",
    }


def test_values_are_exact_and_zeros_stay(client: Client, service: Any) -> None:
    first, second = by_file(client, service).to_dict("records")
    assert (first["code"], second["code"]) == ("007", '0,"x"\nNA')
    assert first["passengers"] == 9007199254740993 and first["fee"] == Decimal("1.10")
    assert first["latitude"] == 35.4161 and first["is_open"] is True
    assert second["opened_on"] == pd.Timestamp("0001-01-01") and first["seen_at"].microsecond == 6
    missing = ("runway_count", "passengers", "latitude", "fee", "is_open", "seen_at")
    assert all(pd.isna(second[name]) for name in missing)


def test_files_and_pages_give_the_same_frame(client: Client, service: Any) -> None:
    pd.testing.assert_frame_equal(by_file(client, service), by_pages(client, service))
    pd.testing.assert_frame_equal(by_csv(client, service), by_pages(client, service))


def test_a_whole_dataset_is_the_parts_of_the_release_that_the_contract_names(client: Client, service: Any) -> None:
    frame = by_file(client, service)
    assert [str(request.url) for request in service.requests][-1] == (
        "https://gsb.test/files/aviation/airports/3/part-00002.parquet?signature=s"
    )
    assert service.asked() == []
    assert frame.attrs["gsb"]["receipt"][0]["release"] == 3
    assert frame.attrs["gsb"]["receipt"][0]["as_of"] == "2026-09-05"


def test_selected_columns_of_a_whole_dataset_come_from_the_file_in_their_order(client: Client, service: Any) -> None:
    service.parquet = parts()
    frame = client.dataset("aviation.airports").select("fee", "icao").to_pandas()
    assert list(frame.columns) == ["fee", "icao"] and service.asked() == []


def test_a_narrower_query_goes_by_pages_and_keeps_its_receipt(client: Client, service: Any) -> None:
    assert by_pages(client, service).attrs["gsb"]["receipt"][0]["source"] == "airportsdata"
    assert service.asked()


def test_a_field_that_the_files_do_not_hold_is_asked_of_the_api_and_never_just_missing(
    client: Client, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(service.airports["contract"]["fields"][5], "access", "registered")
    service.reply(service.page([EMPTY | node for node in NODES]))
    assert client.dataset("aviation.airports").to_pandas()["fee"].tolist()[0] == Decimal("1.10")
    assert service.asked()


def test_linked_fields_become_columns_with_dotted_names(client: Client, service: Any) -> None:
    service.reply(service.page([{"icao": "A", "homeCountry": {"nameFa": "ایران"}}, {"icao": "B", "homeCountry": None}]))
    frame = client.dataset("aviation.airports").select("icao", "home_country.name_fa").to_pandas()
    assert list(frame.columns) == ["icao", "home_country.name_fa"]
    assert frame["home_country.name_fa"].tolist()[0] == "ایران" and frame["home_country.name_fa"].isna().tolist()[1]


def test_a_file_with_fewer_rows_than_its_release_is_refused(client: Client, service: Any) -> None:
    service.reply(httpx2.Response(200, content=CSV.splitlines(keepends=True)[0] + CSV.splitlines(keepends=True)[1]))
    with pytest.raises(ConnectionFailed, match="1 rows"):
        client.dataset("aviation.airports").to_pandas()
    service.parquet = parts()[:1]
    with pytest.raises(ConnectionFailed, match="1 rows"):
        client.dataset("aviation.airports").to_pandas()


def test_a_part_with_a_changed_byte_is_refused(client: Client, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    service.parquet = parts()
    listed = service.manifest()
    service.parquet[1] = service.parquet[1][:-9] + b"x" + service.parquet[1][-8:]
    monkeypatch.setattr(service, "manifest", lambda: listed)
    with pytest.raises(ConnectionFailed, match=r"part-00002\.parquet is not what"):
        client.dataset("aviation.airports").to_pandas()


def test_a_part_is_never_written_outside_of_its_folder(
    client: Client, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.parquet = parts()
    listed = service.manifest()
    listed["parts"][0]["name"] = "../part.parquet"
    monkeypatch.setattr(service, "manifest", lambda: listed)
    with pytest.raises(ServerError, match="cannot read"):
        client.dataset("aviation.airports").to_pandas()


def test_a_column_that_an_older_release_did_not_have_is_missing_throughout(client: Client, service: Any) -> None:
    query = client.dataset("aviation.airports").select("icao", "runway_count").release(1)
    service.reply(httpx2.Response(200, content=b"icao\nOIIE\nOIYY\n"))
    by_csv = query.to_pandas()
    service.parquet = [_parquet(pa.table({"icao": ["OIIE"]})), _parquet(pa.table({"icao": ["OIYY"]}))]
    for frame in (by_csv, query.to_pandas()):
        assert frame["runway_count"].isna().all() and frame["runway_count"].dtype == "Int64"


def test_no_rows_still_have_their_types(client: Client, service: Any) -> None:
    service.reply(service.page([]))
    frame = client.dataset("aviation.airports").where(icao="none").to_pandas()
    assert len(frame) == 0 and str(frame["opened_on"].dtype) == "datetime64[s]"


@pytest.mark.parametrize(
    ("method", "missing", "extra"),
    [
        ("to_pandas", "pandas", "pandas"),
        ("to_polars", "polars", "polars"),
        ("duckdb", "duckdb", "duckdb"),
        ("to_arrow", "pyarrow", "arrow"),
    ],
)
def test_without_its_library_the_error_is_the_command_that_installs_it(method: str, missing: str, extra: str) -> None:
    body = "gsbl_" + "k" * 40
    code = f"""
import sys
sys.modules["{missing}"] = None
from publicgsb_sdk import Client, MissingExtra
try:
    Client("{body + checksum(body)}", "http://127.0.0.1:1").dataset("a.b").{method}()
except MissingExtra as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"pip install publicgsb-sdk[{extra}]" in done.stdout


def test_the_library_alone_loads_none_of_them() -> None:
    heavy = ("pyarrow", "pandas", "polars", "duckdb", "numpy")
    code = f"import sys, publicgsb_sdk.typed; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
