"""A file comes from the address that was checked, whole, or not at all."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from tests.datasets.fetching.conftest import RULES, Book, FileServer, answer

from publicgsb.datasets.fetching.model import Got, Known
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest

Fetch = Callable[..., Awaitable[Got]]
CSV = b"code,name\nIR,Iran\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def reason_of(work: Awaitable[Got]) -> str:
    with pytest.raises(GsbError) as refused:
        await work
    return str(refused.value.details["reason"])


async def test_a_file_is_kept_with_what_tells_it_from_the_next(server: FileServer, fetch: Fetch) -> None:
    server.answers = [answer(200, CSV, ETag='"one"', Last_Modified="Fri, 27 Nov 2026 08:00:00 GMT")]
    got = await fetch(server.url("/rows.csv?token=abc"))
    assert got.upload is not None
    assert (got.upload.path.read_bytes(), got.upload.sha256) == (CSV, sha256(CSV).hexdigest())
    assert got.known == Known('"one"', "Fri, 27 Nov 2026 08:00:00 GMT")
    assert server.heads[0].startswith("GET /rows.csv?token=abc HTTP/1.1\r\nHost: data.test:")


async def test_a_known_file_is_asked_for_only_if_it_changed(server: FileServer, fetch: Fetch) -> None:
    server.answers = [answer(304)]
    known = Known('"one"', "Fri, 27 Nov 2026 08:00:00 GMT")
    assert (await fetch(server.url(), known)).upload is None
    assert 'If-None-Match: "one"' in server.heads[0]
    assert "If-Modified-Since: Fri, 27 Nov 2026 08:00:00 GMT" in server.heads[0]


async def test_an_unasked_for_304_is_no_answer(server: FileServer, fetch: Fetch) -> None:
    server.answers = [answer(304)]
    assert await reason_of(fetch(server.url())) == "status"


async def test_a_chunked_answer_is_put_together(server: FileServer, fetch: Fetch) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (CSV[:5], CSV[5:])) + b"0\r\n\r\n"
    server.answers = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks]
    got = await fetch(server.url())
    assert got.upload is not None and got.upload.path.read_bytes() == CSV


async def test_what_is_said_after_a_file_does_not_change_what_was_said_before_it(
    server: FileServer, fetch: Fetch
) -> None:
    head = CHUNKED.replace(b"\r\n\r\n", b'\r\nETag: "one"\r\n\r\n')
    server.answers = [head + b"3\r\nabc\r\n0\r\nETag: two\r\nTransfer-Encoding: x\r\n\r\n"]
    assert (await fetch(server.url())).known == Known('"one"', None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (answer(200, CSV)[:-3], "not_http"),  # cut off
        (b"HTTP/1.1 200 OK\r\n\r\n" + CSV, "not_http"),  # could end anywhere
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ncode,", "not_http"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "not_http"),
        (b"hello\r\n\r\n", "not_http"),
        (b"", "not_http"),
        (answer(404, b"secret"), "status"),
        (answer(500), "status"),
        (answer(200), "empty"),
        (answer(302, b""), "status"),
        (answer(302, Location="//["), "redirects"),
        (CHUNKED + b"3;" + b"x" * 1_000_000 + b"\r\nabc\r\n0\r\n\r\n", "not_http"),
        (CHUNKED + b"3\r\nabc\r\n0\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n", "not_http"),
        (CHUNKED + b"3\r\nabc\r\n0\r\n" + b"X: y\r\n" * 200_000 + b"\r\n", "not_http"),
    ],
)
async def test_what_is_no_whole_file_is_not_kept(
    server: FileServer, fetch: Fetch, tmp_path: Path, raw: bytes, reason: str
) -> None:
    server.answers = [raw]
    assert await reason_of(fetch(server.url())) == reason
    assert list(tmp_path.glob("uploads/*")) == []


async def test_a_file_beyond_the_bound_is_not_read_further(server: FileServer, fetch: Fetch, tmp_path: Path) -> None:
    server.answers = [answer(200, b"x" * 2_000_000)]
    assert await reason_of(fetch(server.url())) == "too_large"
    assert list(tmp_path.glob("uploads/*")) == []


async def test_a_server_that_falls_silent_is_given_up(server: FileServer, fetch: Fetch) -> None:
    server.answers, server.holds = [answer(200, CSV)[:-3]], True
    rules = replace(RULES, silence_seconds_max=0.2)
    assert await reason_of(fetch(server.url(), rules=rules)) == "connection"
    server.answers = [b""]
    assert await reason_of(fetch(server.url(), rules=rules)) == "timeout"


async def test_a_redirect_is_followed_and_its_address_checked_anew(server: FileServer, fetch: Fetch) -> None:
    server.answers = [answer(302, Location=server.url("/new", "other.test")), answer(200, CSV)]
    assert (await fetch(server.url())).upload is not None
    assert "GET /new HTTP/1.1\r\nHost: other.test" in server.heads[1]
    server.answers = [answer(302, Location="http://inside.test/latest/meta-data")]
    assert await reason_of(fetch(server.url())) == "address"


async def test_a_circle_of_redirects_ends(server: FileServer, fetch: Fetch) -> None:
    server.answers = [answer(302, Location="/again")]
    assert await reason_of(fetch(server.url())) == "redirects"
    assert len(server.heads) == RULES.redirects_max + 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/latest", "address"), ("http://[fd00:ec2::254]/", "address"),
        ("http://nobody.test/", "name"), ("file:///etc/passwd", "url"), ("ftp://data.test/x", "url"),
        ("http://user:word@data.test/", "url"), ("http://data.test/a b", "url"),
    ],
)  # fmt: skip
async def test_addresses_that_are_not_called_are_refused(fetch: Fetch, book: Book, url: str, reason: str) -> None:
    book.addresses |= {"169.254.169.254": ["169.254.169.254"], "fd00:ec2::254": ["fd00:ec2::254"]}
    assert await reason_of(fetch(url)) == reason


async def test_by_default_only_https_and_only_the_public_internet(server: FileServer, fetch: Fetch) -> None:
    strict = replace(RULES, http_is_allowed=False, private_is_allowed=False)
    with pytest.raises(InvalidRequest, match="https"):
        await fetch(server.url(), rules=strict)
    assert await reason_of(fetch("https://data.test/rows.csv", rules=strict)) == "address"
    assert server.heads == []
