"""Files over HTTP: listed, signed, whole and in parts, to those who may have them, and metered."""

import base64
import hashlib
import io
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import httpx2
import pyarrow.parquet as pq
import pytest
from tests.datasets.exports.conftest import NAME, Declare, Documents, Entry, Make, Release
from tests.datasets.test_http import House

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.exports.signing import URL_SECONDS
from publicgsb.datasets.releases.service import withdraw
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import DatasetWithdrawn, Unavailable

LIST = "/api/v1/agencies/standards/datasets/countries/releases/latest/files"
CSV = b"code,name\r\n007,Bond\r\nIR,Iran\r\n"
ROWS = [["code", "name"], ["007", "Bond"], ["IR", "Iran"]]
FILE = "/files/standards/countries/1/data.csv"

Serve: TypeAlias = Callable[..., Awaitable[None]]
Json: TypeAlias = dict[str, Any]


@pytest.fixture
def serve(declare: Declare, country: Documents, release: Release, make: Make, house: House) -> Serve:
    """Releases ROWS, makes their files and lets the house know."""

    async def served(**changes: Any) -> None:
        await declare(country(**changes))
        await release(NAME, ROWS)
        await make()
        await house.refresh()

    return served


async def _listed(client: httpx2.AsyncClient, key: str | None = None) -> Json:
    answer = await client.get(LIST, headers={"X-API-Key": key} if key else {})
    assert answer.status_code == 200, answer.text
    listed: Json = answer.json()
    return listed


async def test_a_list_names_every_part_with_its_size_and_digest_and_each_is_what_it_says(
    client: httpx2.AsyncClient, serve: Serve
) -> None:
    await serve()
    listed = await _listed(client)
    assert (listed["state"], listed["rows"], listed["expiresAt"]) == ("made", 2, None)
    assert [part["format"] for part in listed["parts"]] == ["parquet", "csv", "xlsx"]
    for part in [*listed["parts"], listed["csv"]]:
        answer = await client.get(part["url"])
        assert answer.headers["content-type"] == part["mediaType"]
        assert (len(answer.content), part["rows"]) == (part["bytes"], 2)
        assert hashlib.sha256(answer.content).hexdigest() == part["sha256"]
        assert answer.headers["etag"] == f'"sha256-{part["sha256"]}"'
        assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(bytes.fromhex(part['sha256'])).decode()}:"


async def test_a_release_whose_files_are_not_made_is_listed_as_pending_and_its_csv_is_streamed(
    client: httpx2.AsyncClient, house: House, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release(NAME, ROWS)
    await house.refresh()
    listed = await _listed(client)
    assert (listed["state"], listed["parts"], listed["csv"]["bytes"]) == ("pending", [], None)
    assert (await client.get(listed["csv"]["url"])).content == CSV
    other = await client.get("/files/standards/countries/1/part-00001.parquet")
    assert (other.status_code, other.json()["details"]["reason"]) == (404, "pending")


@pytest.mark.parametrize(
    ("asked", "status", "content_range", "content"),
    [
        ("bytes=0-3", 206, "bytes 0-3/30", CSV[:4]),
        ("bytes=25-", 206, "bytes 25-29/30", CSV[25:]),
        ("bytes=-6", 206, "bytes 24-29/30", CSV[-6:]),
        ("bytes=0-", 206, "bytes 0-29/30", CSV),
        ("bytes=0-1,2-3", 206, "bytes 0-3/30", CSV[:4]),
        ("rows=0-3", 200, None, CSV),
        ("bytes=3-1", 200, None, CSV),
    ],
)
async def test_a_range_is_answered_with_its_bytes(
    client: httpx2.AsyncClient,
    house: House,
    serve: Serve,
    asked: str,
    status: int,
    content_range: str | None,
    content: bytes,
) -> None:
    await serve()
    answer = await client.get(FILE, headers={"Range": asked})
    assert (answer.status_code, answer.headers.get("content-range"), answer.content) == (status, content_range, content)
    assert answer.headers["content-length"] == str(len(content))
    assert house.metered == [(None, NAME, 1, len(content))]


async def test_several_ranges_come_as_parts_and_all_that_is_sent_is_metered(
    client: httpx2.AsyncClient, house: House, serve: Serve
) -> None:
    await serve()
    answer = await client.get(FILE, headers={"Range": "bytes=0-3,11-13,-2"})
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert (answer.status_code, kind) == (206, "multipart/byteranges")
    *parts, end = answer.content.split(f"\r\n--{boundary}".encode())[1:]
    assert end == b"--\r\n"
    assert [part.split(b"\r\n\r\n", 1)[1] for part in parts] == [CSV[:4], CSV[11:14], CSV[-2:]]
    assert b"Content-Range: bytes 11-13/30\r\n" in answer.content
    assert house.metered == [(None, NAME, 1, len(answer.content))]
    assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize("asked", ["bytes=30-", "bytes=-0", "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 34, 2))])
async def test_what_is_behind_the_end_is_refused_with_the_length_and_costs_nothing(
    client: httpx2.AsyncClient, house: House, serve: Serve, asked: str
) -> None:
    await serve()
    answer = await client.get(FILE, headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */30")
    assert house.metered == []


async def test_a_part_of_what_is_no_longer_the_file_is_answered_with_all_of_it(
    client: httpx2.AsyncClient, serve: Serve
) -> None:
    await serve()
    whole = await client.get(FILE)
    asked = {"Range": "bytes=0-3"}
    for same in (whole.headers["etag"], whole.headers["last-modified"]):
        assert (await client.get(FILE, headers=asked | {"If-Range": same})).status_code == 206
    never = ("yesterday", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT")
    for other in ('"sha256-other"', f"W/{whole.headers['etag']}", "Mon, 23 Nov 2026 00:00:00 GMT", *never):
        answer = await client.get(FILE, headers=asked | {"If-Range": other})
        assert (answer.status_code, answer.content) == (200, CSV)


async def test_a_head_says_what_a_get_would_and_what_the_client_has_is_not_sent_again(
    client: httpx2.AsyncClient, house: House, serve: Serve
) -> None:
    await serve()
    head = await client.head(FILE, headers={"Range": "bytes=0-3"})
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "30", b"")
    assert head.headers["accept-ranges"] == "bytes"
    again = await client.get(FILE, headers={"If-None-Match": head.headers["etag"]})
    assert (again.status_code, again.content, house.metered) == (304, b"", [])
    assert again.headers["repr-digest"] == head.headers["repr-digest"]
    changed = await client.get(FILE, headers={"If-Match": '"another"'})
    assert changed.status_code == 412


async def test_the_whole_csv_can_begin_with_a_byte_order_mark_and_is_another_file_then(
    client: httpx2.AsyncClient, serve: Serve
) -> None:
    await serve()
    plain, marked = await client.get(FILE), await client.get(f"{FILE}?bom=1")
    assert marked.content == b"\xef\xbb\xbf" + plain.content
    assert marked.headers["etag"] == f'"sha256-{hashlib.sha256(marked.content).hexdigest()}"' != plain.headers["etag"]
    ending = await client.get(f"{FILE}?bom=1", headers={"Range": "bytes=2-6"})
    assert ending.content == b"\xbfcode"
    assert (await client.get("/files/standards/countries/latest.csv?bom=1")).content == marked.content


async def test_a_signed_address_needs_no_header_and_is_metered_to_its_key(
    client: httpx2.AsyncClient, house: House, serve: Serve
) -> None:
    await serve(access="registered")
    listed = await _listed(client, "data")
    parquet = listed["parts"][0]
    answer = await client.get(parquet["url"])
    assert pq.read_table(io.BytesIO(answer.content)).num_rows == 2
    assert house.metered == [("k3", NAME, 1, parquet["bytes"])]
    assert "k3" in parquet["url"] and "data" not in parquet["url"].rpartition("/")[2]
    assert (await client.get(parquet["url"].partition("?")[0])).status_code == 401
    assert (await client.get(parquet["url"].replace("parquet?", "csv?"))).status_code == 401


async def test_a_signed_address_ends_by_the_clock_and_with_its_key(
    client: httpx2.AsyncClient, house: House, serve: Serve
) -> None:
    await serve(access="registered")
    url = (await _listed(client, "data"))["parts"][0]["url"]
    house.revoked.add("k3")
    assert (await client.get(url)).status_code == 401
    house.revoked.clear()
    house.now += URL_SECONDS
    assert (await client.get(url)).status_code == 200
    house.now += 1
    late = await client.get(url)
    assert (late.status_code, late.json()["details"]["reason"]) == (401, "expired")


async def test_a_signed_address_of_a_recalled_release_or_a_withdrawn_dataset_answers_that_it_is(
    client: httpx2.AsyncClient, house: House, serve: Serve, connections: Connections
) -> None:
    await serve()
    url = (await _listed(client, "data"))["parts"][0]["url"]
    async with connections.use() as connection:
        await connection.execute("update gsb.release set state = 'recalled', gone_at = now()")
    await house.refresh()
    recalled = await client.get(url)
    assert (recalled.status_code, recalled.json()["code"]) == (410, "RELEASE_RECALLED")
    async with connections.use() as connection:
        await connection.execute("update gsb.release set state = 'published', gone_at = null")
    await withdraw(connections, "standards", "countries", Label("خطا", "Error"), "test")
    await house.refresh()
    withdrawn = await client.get(url)
    assert (withdrawn.status_code, withdrawn.json()["code"]) == (410, "DATASET_WITHDRAWN")


@pytest.mark.parametrize("name", ["part-00002.parquet", "part-1.parquet", "data.parquet", "x", "..%2F1.csv"])
async def test_there_is_no_file_of_another_name(client: httpx2.AsyncClient, serve: Serve, name: str) -> None:
    await serve()
    assert (await client.get(f"/files/standards/countries/1/{name}")).status_code == 404


async def test_an_agency_s_key_is_given_no_addresses(client: httpx2.AsyncClient, serve: Serve) -> None:
    await serve()
    assert (await client.get(LIST, headers={"X-API-Key": "agency-1"})).status_code == 403


async def test_an_object_that_is_lost_is_said_before_the_first_byte_and_nothing_is_metered(
    client: httpx2.AsyncClient, house: House, serve: Serve
) -> None:
    await serve()
    listed = await _listed(client)
    await house.objects.delete(listed["parts"][0]["sha256"])
    answer = await client.get(listed["parts"][0]["url"])
    assert (answer.status_code, answer.json()["details"]["reason"]) == (503, "objects")
    assert [total for *_, total in house.metered] == [0]


async def test_a_download_under_way_breaks_off_without_contact_and_once_its_dataset_is_withdrawn(
    house: House, serve: Serve, entry: Entry, connections: Connections
) -> None:
    await serve()
    found = await entry()
    check = house.files.check(found, found.releases[1])
    check()
    house.is_fresh = False
    with pytest.raises(Unavailable):
        check()
    house.is_fresh = True
    await withdraw(connections, "standards", "countries", Label("خطا", "Error"), "test")
    await house.refresh()
    with pytest.raises(DatasetWithdrawn):
        check()


async def test_a_token_is_given_plain_addresses_and_comes_along_to_each(
    client: httpx2.AsyncClient, house: House, serve: Serve
) -> None:
    await serve(access="registered")
    answer = await client.get(LIST, headers={"X-API-Key": "token"})
    url = answer.json()["parts"][0]["url"]
    assert (answer.headers["cache-control"], answer.json()["expiresAt"], "?" in url) == ("no-store", None, False)
    assert (await client.get(url)).status_code == 401
    assert (await client.get(url, headers={"X-API-Key": "token"})).status_code == 200
