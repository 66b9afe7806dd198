"""Files of a release through the whole application: signed for a key, metered to the byte, read by other tools."""

import asyncio
import hashlib
import io
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import duckdb_extension_httpfs
import httpx2
import pandas
import polars
import pyarrow.parquet as pq
import pytest

from publicgsb.apikeys.model import Actor
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.objects import open_objects
from publicgsb.datasets.releases.service import withdraw
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas.model import plan_from_json
from publicgsb.quotas.plans import set_plan
from tests.app import Service
from tests.journeys.load import keys_of
from tests.processes import jobs, served, settings_env
from tests.schema.worlds import NOTES, declare, found, release

LIST = "/api/v1/agencies/air/datasets/airports/releases/latest/files"


async def _list(http: httpx2.AsyncClient, key: str, path: str = LIST) -> dict[str, Any]:
    answer = await http.get(path, headers={"x-api-key": key})
    assert answer.status_code == 200, answer.text
    listed: dict[str, Any] = answer.json()
    return listed


async def _made(service: Service, state_dir: Path) -> None:
    assert await make_due(service.connections, open_objects(None, state_dir), state_dir) == 3


async def _used(connections: Connections) -> int:
    """Bytes of the day, once every download is settled."""
    async with connections.use() as connection, asyncio.timeout(60):
        while await connection.fetchval(
            "select exists (select from gsb.quota_lease where state = 'open' and policy = 'files_day')"
        ):
            await asyncio.sleep(0.01)
        used = await connection.fetchval("select sum(used) from gsb.quota_account where policy = 'files_day'")
    return int(used or 0)


async def test_signed_addresses_are_metered_to_the_byte_whole_or_in_part(
    service: Service, key: str, state_dir: Path
) -> None:
    await _made(service, state_dir)
    listed = await _list(service.http, key)
    sent = 0
    for part in [*listed["parts"], listed["csv"]]:
        answer = await service.http.get(part["url"])
        assert hashlib.sha256(answer.content).hexdigest() == part["sha256"]
        sent += len(answer.content)
    for asked in ("bytes=0-9", "bytes=-3", "bytes=0-1,5-6,20-29"):
        answer = await service.http.get(listed["csv"]["url"], headers={"range": asked})
        assert answer.status_code == 206
        sent += len(answer.content)
    assert (await service.http.head(listed["csv"]["url"])).status_code == 200
    assert await _used(service.connections) == sent


async def test_a_made_file_that_does_not_fit_into_the_day_is_refused_before_its_first_byte(
    service: Service, key: str, state_dir: Path
) -> None:
    await _made(service, state_dir)
    listed = await _list(service.http, key)
    size = listed["csv"]["bytes"]
    policies = [
        {"name": "month", "kind": "period", "limit": 1_000, "unit": "points", "period": "month"},
        {"name": "files_day", "kind": "period", "limit": size + 9, "unit": "bytes", "period": "day"},
    ]
    await set_plan(service.connections, plan_from_json("open", policies), actor="tests")
    await service.caught_up()
    url = listed["csv"]["url"]
    assert (await service.http.get(url)).status_code == 200
    assert (await service.http.get(url)).status_code == 429
    assert (await service.http.get(url, headers={"range": "bytes=0-8"})).status_code == 206
    assert await _used(service.connections) == size + 9


async def test_a_signed_address_ends_with_its_key_and_with_the_dataset(
    service: Service, key: str, state_dir: Path
) -> None:
    await _made(service, state_dir)
    url = (await _list(service.http, key))["parts"][0]["url"]
    other = await service.data_key()
    other_url = (await _list(service.http, other))["parts"][0]["url"]
    assert key.split("_")[1] not in url
    await service.keys.revoke_key(KeyId(key.split("_")[1][:8]), "leaked", Actor("tests", None))
    await service.caught_up()
    assert (await service.http.get(url)).status_code == 401
    assert (await service.http.get(other_url)).status_code == 200
    await withdraw(service.connections, "air", "airports", Label("خطا", "Error"), "tests")
    await service.caught_up()
    assert (await service.http.get(other_url)).status_code == 410


async def test_catalogue_page_and_list_name_the_same_files(service: Service, key: str, state_dir: Path) -> None:
    await _made(service, state_dir)
    listed = await _list(service.http, key)
    agencies = (await service.http.get("/catalog.json")).json()["agencies"]
    airports = next(one for agency in agencies for one in agency["datasets"] if one["id"] == "air/airports")
    sizes = {(one["format"], one["bytes"], one["sha256"]) for one in airports["distributions"]}
    parquet, csv, workbook = listed["parts"]
    assert sizes == {
        (one["format"], one["bytes"], one["sha256"]) for one in (parquet, workbook, listed["csv"] | {"format": "csv"})
    }
    page = (await service.http.get("/datasets/air/airports")).text
    linked = (await service.http.get("/catalog.jsonld")).text
    for text in (page, linked):
        assert parquet["sha256"] in text and "data.csv" in text
    assert csv["bytes"] == listed["csv"]["bytes"]
    assert "manager" not in pq.read_schema(io.BytesIO((await service.http.get(parquet["url"])).content)).names


@asynccontextmanager
async def _running(
    settings: Settings, connections: Connections, state_dir: Path, rows: str | None = None
) -> AsyncIterator[tuple[httpx2.AsyncClient, str]]:
    """`gsb serve` and `gsb jobs` on the small world, or on notes of so many rows too; with a key."""
    await found(connections, state_dir)
    if rows is not None:
        await declare(connections, NOTES)
        assert (await release(connections, state_dir, "air/notes", rows)).release is not None
    registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
    environment = settings_env(settings)
    with served(environment) as server, jobs(environment):
        async with httpx2.AsyncClient(base_url=server.url, timeout=60) as http:
            yield http, registered.key.secret


async def _until_made(http: httpx2.AsyncClient, key: str, path: str = LIST) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (listed := await _list(http, key, path))["state"] != "made":
            await asyncio.sleep(0.1)
    return listed


@pytest.mark.prove
async def test_duckdb_pandas_polars_and_curl_read_signed_files(
    settings: Settings, connections: Connections, state_dir: Path, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"public_url": None})
    async with _running(settings, connections, state_dir) as (http, key):
        flights = "/api/v1/agencies/fly/datasets/flights/releases/latest/files"
        listed = await _until_made(http, key, flights)
        base = str(http.base_url).rstrip("/")
        # The address is the service's public one; this one listens on a port of its own.
        parquet, csv = (_at(base, one["url"]) for one in (listed["parts"][0], listed["csv"]))
        read = await asyncio.to_thread(_read_by_all, parquet, csv)
        assert read == {
            "duckdb": [(2, Decimal("99999999999999.99"), 5)],
            "duckdb csv": [("LTFM",)],
            "pandas": (5, "OIIE"),
            "pandas csv": (5, "OIIE"),
            "polars": (5, Decimal("99999999999999.99")),
        }
        target = tmp_path / "flights.csv"
        await asyncio.to_thread(_curl, ["--range", "0-99", "-o", str(target), csv])
        assert target.stat().st_size == 100
        await asyncio.to_thread(_curl, ["-C", "-", "-o", str(target), csv])
        assert hashlib.sha256(target.read_bytes()).hexdigest() == listed["csv"]["sha256"]


def _at(base: str, url: str) -> str:
    parts = urlsplit(url)
    return f"{base}{parts.path}?{parts.query}"


def _read_by_all(parquet: str, csv: str) -> dict[str, object]:
    connection = duckdb.connect()
    extension = next(Path(duckdb_extension_httpfs.__file__).parent.glob("extensions/*/httpfs.duckdb_extension"))
    connection.execute(f"load '{extension}'")
    by_pandas = pandas.read_parquet(parquet)
    by_pandas_csv = pandas.read_csv(csv, dtype={"origin": str})
    by_polars = polars.read_parquet(parquet)
    return {
        "duckdb": connection.execute(
            "select count(*) filter (where delay > 0), max(fare), count(*) from read_parquet($url)", {"url": parquet}
        ).fetchall(),
        "duckdb csv": connection.execute("select origin from read_csv($url) where delay = 61", {"url": csv}).fetchall(),
        "pandas": (len(by_pandas), by_pandas["origin"][0]),
        "pandas csv": (len(by_pandas_csv), by_pandas_csv["origin"][0]),
        "polars": (by_polars.height, by_polars["fare"].max()),
    }


def _curl(arguments: list[str]) -> None:
    program = shutil.which("curl")
    assert program is not None
    subprocess.run([program, "-sS", "--fail", *arguments], check=True)


@pytest.mark.prove
async def test_who_reads_slowly_pays_for_all_and_who_leaves_for_what_was_sent(
    settings: Settings, connections: Connections, state_dir: Path
) -> None:
    rows = "code,text\n" + "".join(
        f"{n:07},{hashlib.sha256(str(n).encode()).hexdigest() * 2}\n" for n in range(150_000)
    )
    path = "/api/v1/agencies/air/datasets/notes/releases/latest/files"
    async with _running(settings, connections, state_dir, rows) as (http, key):
        listed = await _until_made(http, key, path)
        base, size = str(http.base_url), listed["csv"]["bytes"]
        slow = await asyncio.to_thread(_take, _at(base.rstrip("/"), listed["csv"]["url"]), size, 0.002)
        assert slow > size
        assert await _used(connections) == size
        left = await asyncio.to_thread(_take, _at(base.rstrip("/"), listed["csv"]["url"]), 300_000, 0.0)
        spent = await _used(connections) - size
        assert 300_000 <= left <= spent < size


def _take(url: str, wanted: int, pause_seconds: float) -> int:
    """Bytes received, the head's too, by a client that reads in small pieces and then leaves."""
    parts, received = urlsplit(url), 0
    assert parts.hostname is not None and parts.port is not None
    with socket.create_connection((parts.hostname, parts.port)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        line.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        while received < wanted and (piece := line.recv(64 * 1024)):
            received += len(piece)
            time.sleep(pause_seconds)
        while pause_seconds and (piece := line.recv(64 * 1024)):
            received += len(piece)
    return received
