"""The command line against a running service: what a startup reads, asks, downloads and checks."""

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from persiantools.jdatetime import JalaliDate

from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.objects import open_objects
from publicgsb.platform.kernel.database import Connections
from publicgsb.quotas.prices import POINTS_PER_NEW_OPERATION
from publicgsb_sdk.cli.exits import Exit
from tests.journeys.pgsb_shell import UNSEEN, Shell, fails, run
from tests.schema.worlds import AIRPORT_ROWS, release

QUERY = """query Cities($country: String!, $n: Int) {
  air { airports(first: $n, where: {countryCode: {eq: $country}}) { nodes { icao city } } } }
"""


async def test_datasets_are_found_without_a_key(pgsb: Shell) -> None:
    assert [row["name"] for row in (await run(pgsb, "dataset", "list")).lines] == [
        "air.airports",
        "fly.flights",
        "geo.countries",
    ]
    assert [row["name"] for row in (await run(pgsb, "dataset", "search", "فرودگاه ها")).lines] == ["air.airports"]
    info = (await run(pgsb, "dataset", "info", "air.airports", "-o", "json")).json
    assert (info["rows"], info["licence"]["name"], info["publisher"]["slug"]) == (6, "CC0-1.0", "air")
    table = (await run(pgsb, "dataset", "schema", "air.airports", "-o", "table")).out.translate(UNSEEN).splitlines()
    assert table[0].split() == [
        "name",
        "type",
        "required",
        "access",
        "filters",
        "unit",
        "label.fa",
        "label.en",
        "description.en",
    ]
    assert [line.split()[0] for line in table[2:]][:3] == ["icao", "iata", "city"]
    contract = (await run(pgsb, "dataset", "schema", "air.airports", "-o", "json")).json
    assert contract["contract"]["primaryKey"] == ["icao"]
    missing = await fails(pgsb, Exit.NOT_FOUND, "dataset", "info", "air.nothing")
    assert missing["code"] == "NOT_FOUND"
    nobody = await fails(pgsb, Exit.NOT_FOUND, "dataset", "list", "--agency", "nobody")
    assert nobody["hint"] == "There is air, fly, geo."


@pytest.mark.prove
async def test_a_sample_of_rows_is_shown_with_a_key_and_its_price_told(pgsb: Shell, logged_in: Shell) -> None:
    told = await run(logged_in, "dataset", "info", "geo.countries", "--sample", "1", "-o", "json")
    assert [set(row) for row in told.json["sample"]] == [{"code", "name", "population"}]
    assert isinstance(told.json["sample"][0]["population"], str)
    priced = await run(logged_in, "dataset", "info", "geo.countries", "--sample", "1", "--dry-run")
    assert priced.json == {"dataset": "geo/countries", "points": 1}
    assert re.search(r"^\d+ points?\.$", told.err, re.MULTILINE)
    shown = await run(logged_in, "dataset", "info", "geo.countries", "--sample", "2", "-o", "table", "--locale", "fa")
    assert "sample:" in shown.out and re.search(r"^\d+ امتیاز\.$", shown.err, re.MULTILINE)
    assert "sample" not in (await run(logged_in, "dataset", "info", "geo.countries", "-o", "json")).json


async def test_a_refusal_of_the_service_is_told_in_persian_with_what_it_said(logged_in: Shell) -> None:
    wrong = await fails(logged_in, Exit.USAGE, "query", "-", "--locale", "fa", stdin="{ air { nothing } }")
    assert wrong["message"] == "درخواست به این شکل فهمیده نمی‌شود."
    assert "nothing" in wrong["said"] and wrong["requestId"].startswith("req_")


async def test_rows_come_in_every_form_with_their_source_on_stderr(logged_in: Shell) -> None:
    ask = (
        "row",
        "list",
        "air.airports",
        "--where",
        "city=تهران",
        "--select",
        "icao,city,country.name",
        "--order",
        "-key",
    )
    lines = await run(logged_in, *ask)
    assert lines.lines == [
        {"icao": "OIII", "city": "تهران", "country": {"name": "ایران"}},
        {"icao": "OIIE", "city": "تهران", "country": {"name": "ایران"}},
    ]
    assert "2 rows" in lines.err and "air/airports release 1" in lines.err
    assert (
        await run(logged_in, *ask, "-o", "csv")
    ).out == "icao,city,country.name\nOIII,تهران,ایران\nOIIE,تهران,ایران\n"
    assert (await run(logged_in, *ask, "-o", "json")).json == lines.lines
    table = (await run(logged_in, *ask, "-o", "table")).out
    assert table.translate(UNSEEN).splitlines() == [
        "icao  city   country.name",
        "────  ─────  ────────────",
        "OIII  تهران         ایران",
        "OIIE  تهران         ایران",
    ]
    price = await run(logged_in, *ask, "--dry-run")
    assert price.json["pointsOfFirstPage"] > 1
    wrong = await fails(logged_in, Exit.USAGE, "row", "list", "air.airports", "--select", "cty")
    assert "city" in wrong["hint"]


async def test_exact_numbers_days_and_nulls_leave_as_they_are(logged_in: Shell) -> None:
    said = await run(logged_in, "row", "list", "fly.flights", "-w", "day>=2026-01-01", "-n", "2", "-o", "csv")
    assert said.out.splitlines() == [
        "day,number,origin,dest,delay,left_at,fare",
        "2026-01-01,1,OIIE,LTFM,5,2026-01-01T06:00:00+00:00,10.50",
        "2026-01-01,2,OIIE,OIYY,,2026-01-01T07:00:00+00:00,99999999999999.99",
    ]
    (country,) = (await run(logged_in, "row", "list", "geo.countries", "-w", "code=IR")).lines
    assert country == {"code": "IR", "name": "ایران", "population": "90000000"}


@pytest.mark.prove
async def test_a_query_of_a_file_its_price_and_what_the_account_has_left(logged_in: Shell) -> None:
    file = logged_in.home / "cities.graphql"
    file.write_text(QUERY, encoding="utf-8")
    ask = ("cities.graphql", "-v", "country=IR", "-v", "n=2")
    priced = (await run(logged_in, "price", *ask)).json
    answer = await run(logged_in, "query", *ask, "-o", "json")
    nodes = answer.json["data"]["air"]["airports"]["nodes"]
    assert [node["city"] for node in nodes] == ["تهران", "تهران"]
    assert answer.json["extensions"]["cost"]["requested"] == priced["points"] + POINTS_PER_NEW_OPERATION
    assert (await run(logged_in, "query", "-", *ask[1:], "-o", "csv", stdin=QUERY)).out.splitlines()[0] == "icao,city"
    wrong = await fails(logged_in, Exit.USAGE, "query", "-", stdin="{ air { nothing } }")
    assert wrong["code"] == "INVALID_REQUEST"
    assert {row["name"] for row in (await run(logged_in, "limits")).lines} >= {"month", "files_day"}
    async with asyncio.timeout(60):  # facts are written each second
        while not (used := (await run(logged_in, "usage", "--sum")).lines) or int(used[0]["requests"]) < 2:
            await asyncio.sleep(0.05)
    assert (await run(logged_in, "usage", "--by", "dataset", "-o", "csv")).out.startswith("dataset,requests,points,")
    assert (await run(logged_in, "price")).lines[0]["points"] == 1


async def test_a_part_that_is_missing_is_told_and_is_no_success(logged_in: Shell) -> None:
    query = '{ air { airport(by: {icao: "OIIE"}) { icao manager } } }'
    said = await run(logged_in, "query", "-", "-o", "json", stdin=query, ends_with=Exit.REFUSED)
    assert said.json["data"]["air"]["airport"] == {"icao": "OIIE", "manager": None}
    assert any(
        json.loads(line)["error"]["code"] == "WITHHELD" for line in said.err.splitlines() if line.startswith("{")
    )


@pytest.mark.prove
async def test_a_signed_answer_is_checked_without_the_service(logged_in: Shell) -> None:
    await run(logged_in, "verify", "--save-keys", "keys.json")
    await run(logged_in, "query", "-", "-v", "country=IR", "--keep", "kept", stdin=QUERY)
    logged_in.url = "http://127.0.0.1:9"  # nobody is there
    held = await run(logged_in, "verify", "kept", "--keys", "keys.json")
    assert held.json["requestId"]
    body = logged_in.home / "kept" / "answer.json"
    body.write_bytes(body.read_bytes().replace("تهران".encode(), "یزد".encode()))
    altered = await fails(logged_in, Exit.ALTERED, "verify", "kept", "--keys", "keys.json")
    assert altered["code"] == "ANSWER_ALTERED"
    assert "--save-keys" in (await fails(logged_in, Exit.USAGE, "verify", "kept", "--keys", "no.json"))["hint"]


@pytest.mark.prove
async def test_releases_changes_and_files(logged_in: Shell, connections: Connections, state_dir: Path) -> None:
    rows = AIRPORT_ROWS.replace("OIYY,AZD,یزد,4055", "OIYY,AZD,یزد,4054").replace("XXXX,,Nowhere,12.5,QQ,,\n", "")
    await release(connections, state_dir, "air/airports", rows + "OIAW,AWZ,اهواز,66,IR,,true\n")
    await make_due(connections, open_objects(None, state_dir), state_dir)
    assert [row["seq"] for row in (await run(logged_in, "dataset", "releases", "air.airports")).lines] == [2, 1]
    question = ("dataset", "changes", "air.airports", "--since", "1")
    said = await run(logged_in, *question)
    changes = said.lines
    assert [(row["change"], row["key"]["icao"]) for row in changes] == [
        ("added", "OIAW"),
        ("changed", "OIYY"),
        ("removed", "XXXX"),
    ]
    assert changes[1]["changedFields"] == ["elevation"]
    assert (changes[1]["before"]["elevation"], changes[1]["after"]["elevation"]) == (4055, 4054)
    assert re.search(r"^3 changes, \d+ points\.$", said.err, re.MULTILINE)
    priced = await run(logged_in, *question, "--limit", "2", "--dry-run")
    assert (priced.json["changesOfFirstPage"], priced.err) == (2, "") and priced.json["pointsOfFirstPage"] > 10
    table = (await run(logged_in, *question, "-o", "table")).out.splitlines()
    assert table[2:] == ["added    OIAW  -", "changed  OIYY  elevation: 4055 → 4054", "removed  XXXX  -"]
    assert (await run(logged_in, "dataset", "releases", "air.airports", "--dry-run")).json["points"] == 1
    today = datetime.now(UTC).date()
    theirs: Any = JalaliDate
    for day in (str(today), str(theirs(today))):
        asked = ("row", "list", "air.airports", "-s", "icao,elevation", "-w", "icao=OIYY")
        assert (await run(logged_in, *asked, "--release", day)).lines == [{"icao": "OIYY", "elevation": 4054}]
        assert (await run(logged_in, *asked, "--release", "1")).lines == [{"icao": "OIYY", "elevation": 4055}]
    wrong = await fails(logged_in, Exit.USAGE, "row", "list", "air.airports", "--release", "1404-12-30")
    assert "There is no Jalali day" in wrong["message"]
    (file,) = (await run(logged_in, "download", "air.airports")).lines
    assert (file["path"], file["rows"]) == ("air.airports.2.parquet", 6)
    written = (logged_in.home / "air.airports.2.parquet").stat()
    assert written.st_size == file["bytes"]
    await run(logged_in, "download", "air.airports")
    assert (logged_in.home / "air.airports.2.parquet").stat().st_mtime_ns == written.st_mtime_ns
    await run(logged_in, "download", "air.airports", "--format", "csv", "--release", "1", "--to", "old.csv")
    assert (logged_in.home / "old.csv").read_text(encoding="utf-8").splitlines()[1].startswith("OIIE,IKA,تهران")
    other = await fails(logged_in, Exit.CONFLICT, "download", "air.airports", "--format", "csv", "--to", "old.csv")
    assert "--force" in other["hint"]
    (named,) = (await run(logged_in, "download", "air.airports", "--to", "new/", "--release", "۲")).lines
    assert named["path"] == "new/part-00001.parquet" and (logged_in.home / named["path"]).is_file()
    wrong = await fails(logged_in, Exit.USAGE, "download", "air.airports", "--release", str(today))
    assert "pgsb dataset releases" in wrong["hint"]
    await run(logged_in, "auth", "logout")
    await run(logged_in, "download", "air.airports", "--format", "xlsx", "--to", "open.xlsx")
    gone = await fails(logged_in, Exit.NOT_FOUND, "download", "air.airports", "--release", "9")
    assert gone["requestId"] and gone["hint"] == "Releases that can be asked for: 1, 2."
