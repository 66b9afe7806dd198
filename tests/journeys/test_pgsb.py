"""The command line against a running service: a startup from its registration to a signed answer."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from publicgsb.apikeys.mail.outbox import newest
from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.objects import open_objects
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas.prices import POINTS_PER_NEW_OPERATION
from publicgsb_sdk.cli.exits import Exit
from tests.journeys.pgsb_shell import Said, Shell
from tests.processes import served, settings_env
from tests.schema.worlds import AIRPORT_ROWS, found, release

REGISTER = ("register", "--name", "استارت‌آپ", "--email", "a@example.org", "--purpose", "Trying it")
QUERY = """query Cities($country: String!, $n: Int) {
  air { airports(first: $n, where: {countryCode: {eq: $country}}) { nodes { icao city } } } }
"""


@pytest.fixture
async def pgsb(settings: Settings, connections: Connections, state_dir: Path, tmp_path: Path) -> AsyncIterator[Shell]:
    await found(connections, state_dir)
    with served(settings_env(settings)) as server:
        yield Shell(server.url, tmp_path)


@pytest.fixture
async def logged_in(pgsb: Shell) -> Shell:
    await run(pgsb, *REGISTER)
    return pgsb


async def run(shell: Shell, *arguments: str, stdin: str = "", ends_with: int = 0) -> Said:
    return await asyncio.to_thread(lambda: shell(*arguments, stdin=stdin, ends_with=ends_with))


async def fails(shell: Shell, number: int, *arguments: str, stdin: str = "") -> dict[str, Any]:
    return await asyncio.to_thread(lambda: shell.fails(number, *arguments, stdin=stdin))


def secrets(shell: Shell) -> dict[str, str]:
    kept: dict[str, str] = json.loads((shell.home / "pgsb" / "credentials.json").read_text())["services"][shell.url]
    return kept


async def test_registering_stores_what_it_got_and_shows_none_of_it(pgsb: Shell, connections: Connections) -> None:
    would = await run(pgsb, *REGISTER, "--dry-run")
    assert would.json["wouldRegister"]["name"] == "استارت‌آپ"
    assert not (pgsb.home / "pgsb").exists()
    said = await run(pgsb, *REGISTER)
    assert said.json["organisation"]["name"] == "استارت‌آپ"
    kept = secrets(pgsb)
    assert set(kept) == {"key", "ownerToken"}
    assert not any(secret in said.out + said.err for secret in kept.values())
    refused = await fails(pgsb, Exit.CONFLICT, *REGISTER)
    assert "--replace" in refused["hint"]
    (mail,) = await newest(connections, 1)
    code = re.search(r'"code":"(\w{32})"', mail.body)
    assert code
    confirmed = await run(pgsb, "register", "--confirm", stdin=f"{code[1]}\n")
    assert confirmed.json["emailConfirmedAt"]


async def test_status_tells_each_credential_its_source_and_why_one_fails(logged_in: Shell) -> None:
    key = secrets(logged_in)["key"]
    good = (await run(logged_in, "auth", "status")).lines
    assert [(row["credential"], row["used"]) for row in good] == [("data key", True), ("owner token", True)]
    assert good[0]["shown"] == f"{key[:13]}…"
    assert "plan open" in good[0]["service"]
    logged_in.variables["PGSB_API_KEY"] = key[:-1] + ("0" if key[-1] != "0" else "1")
    said = await run(logged_in, "auth", "status", ends_with=Exit.UNAUTHENTICATED)
    first, second, _ = said.lines
    assert (first["source"], first["used"]) == ("environment variable PGSB_API_KEY", True)
    assert "does not match its checksum" in first["service"]
    assert (second["used"], second["service"]) == (False, None)
    assert key not in said.out + said.err


async def test_login_reads_stdin_asks_whose_it_is_and_logout_forgets(logged_in: Shell) -> None:
    kept = secrets(logged_in)
    gone = await run(logged_in, "auth", "logout")
    assert {row["credential"] for row in gone.lines} == {"key", "ownerToken"}
    assert secrets(logged_in) == {}
    assert "pgsb register" in (await run(logged_in, "auth", "status", ends_with=Exit.UNAUTHENTICATED)).err
    back = await run(logged_in, "auth", "login", stdin=kept["key"] + "\n")
    assert (back.json["credential"], kept["key"] in back.out + back.err) == ("key", False)
    await run(logged_in, "auth", "login", stdin=kept["ownerToken"])
    assert secrets(logged_in) == kept
    cut = await fails(logged_in, Exit.UNAUTHENTICATED, "auth", "login", stdin=kept["key"][:20])
    assert cut["details"]["reason"] == "truncated"
    (logged_in.home / "pgsb" / "credentials.json").chmod(0o644)
    assert "chmod 600" in (await fails(logged_in, Exit.ERROR, "limits"))["hint"]


async def test_datasets_are_found_without_a_key(pgsb: Shell) -> None:
    assert [row["name"] for row in (await run(pgsb, "dataset", "list")).lines] == [
        "air.airports",
        "fly.flights",
        "geo.countries",
    ]
    assert [row["name"] for row in (await run(pgsb, "dataset", "search", "فرودگاه ها")).lines] == ["air.airports"]
    info = (await run(pgsb, "dataset", "info", "air.airports", "-o", "json")).json
    assert (info["rows"], info["licence"]["name"], info["publisher"]["slug"]) == (6, "CC0-1.0", "air")
    table = (await run(pgsb, "dataset", "schema", "air.airports", "-o", "table")).out.replace("\u200e", "").splitlines()
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
    assert table.replace("\u200e", "").splitlines() == [
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
    async with asyncio.timeout(10):  # facts are written each second
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


async def test_keys_are_made_replaced_and_ended_and_no_secret_is_shown(logged_in: Shell) -> None:
    old = secrets(logged_in)["key"]
    assert (await run(logged_in, "key", "create", "--label", "x", "--to", "k", "--dry-run")).json["wouldCreate"]
    made = await run(logged_in, "key", "create", "--label", "دوم", "--dataset", "air/airports", "--to", "second.key")
    secret = (logged_in.home / "second.key").read_text().strip()
    assert (logged_in.home / "second.key").stat().st_mode & 0o777 == 0o600
    assert (made.json["datasets"], secret in made.out + made.err) == (["air/airports"], False)
    taken = await fails(logged_in, Exit.USAGE, "key", "create", "--to", "second.key")
    assert "cannot be made" in taken["message"]
    rotated = await run(logged_in, "key", "rotate", made.json["id"], "--overlap-hours", "1", "--save")
    assert "works until" in rotated.err
    assert secrets(logged_in)["key"] not in (old, secret)
    piped = await run(logged_in, "key", "create", "--kind", "test", "--to", "-")
    assert re.fullmatch(r"gsbt_\w{46}\n", piped.out)
    listed = (await run(logged_in, "key", "list")).lines
    assert len(listed) == 4 and "secret" not in listed[0]
    assert "--yes" in (await fails(logged_in, Exit.USAGE, "key", "revoke", made.json["id"]))["message"]
    ended = await run(logged_in, "key", "revoke", made.json["id"], "--yes", "--reason", "no longer used")
    assert ended.json["effective"] == "everywhere"
    logged_in.variables["PGSB_API_KEY"] = secret
    assert (await fails(logged_in, Exit.UNAUTHENTICATED, "limits"))["details"]["reason"] == "revoked"


async def test_releases_changes_and_files(logged_in: Shell, connections: Connections, state_dir: Path) -> None:
    rows = AIRPORT_ROWS.replace("OIYY,AZD,یزد,4055", "OIYY,AZD,یزد,4054").replace("XXXX,,Nowhere,12.5,QQ,,\n", "")
    await release(connections, state_dir, "air/airports", rows + "OIAW,AWZ,اهواز,66,IR,,true\n")
    await make_due(connections, open_objects(None, state_dir), state_dir)
    assert [row["seq"] for row in (await run(logged_in, "dataset", "releases", "air.airports")).lines] == [2, 1]
    changes = (await run(logged_in, "dataset", "changes", "air.airports", "--since", "1")).lines
    assert [(row["change"], row["key"]["icao"]) for row in changes] == [
        ("added", "OIAW"),
        ("changed", "OIYY"),
        ("removed", "XXXX"),
    ]
    assert changes[1]["changedFields"] == ["elevation"]
    assert (changes[1]["before"]["elevation"], changes[1]["after"]["elevation"]) == (4055, 4054)
    (file,) = (await run(logged_in, "download", "air.airports")).lines
    assert (file["path"], file["rows"], file["fetched"]) == ("air.airports.2.parquet", 6, file["bytes"])
    assert (await run(logged_in, "download", "air.airports")).lines[0]["fetched"] == 0
    await run(logged_in, "download", "air.airports", "--format", "csv", "--release", "1", "--to", "old.csv")
    assert (logged_in.home / "old.csv").read_text(encoding="utf-8").splitlines()[1].startswith("OIIE,IKA,تهران")
    other = await fails(logged_in, Exit.CONFLICT, "download", "air.airports", "--format", "csv", "--to", "old.csv")
    assert "--force" in other["hint"]
    await run(logged_in, "auth", "logout")
    await run(logged_in, "download", "air.airports", "--format", "xlsx", "--to", "open.xlsx")
    gone = await fails(logged_in, Exit.NOT_FOUND, "download", "air.airports", "--release", "9")
    assert gone["requestId"]


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "table"])
async def test_a_reader_that_has_left_ends_it_without_a_word(pgsb: Shell, form: str) -> None:
    """As `| head` does, which has what it wants."""
    reader, writer = os.pipe()
    os.close(reader)
    process = pgsb.start("dataset", "list", "-o", form, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    _, err = await asyncio.to_thread(process.communicate, timeout=60)
    assert (process.returncode, err) == (Exit.PIPE_CLOSED, b"")


def test_ctrl_c_says_what_is_left_and_ends_with_130(tmp_path: Path) -> None:
    """In the middle of a wait: here for a service that takes the connection and never answers."""

    with socket.create_server(("127.0.0.1", 0)) as silent:
        pgsb = Shell(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path)
        process = pgsb.start("dataset", "list", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        silent.settimeout(30)
        asked, _ = silent.accept()
        with asked:
            asked.recv(1)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
    assert (process.returncode, err.decode().strip()) == (130, "Interrupted. Nothing was changed.")
