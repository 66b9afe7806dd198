"""The guard of key-less endpoints: it really limits, per address, and cannot be switched off or redirected."""

from pathlib import Path

import pytest
from limits.storage import MemoryStorage
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from publicgsb.platform.kernel.errors import RateLimited
from publicgsb.quotas import guard as guard_module
from publicgsb.quotas.guard import Guard, client_ip, per_worker


async def _answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, RateLimited)
    return PlainTextResponse(error.code, error.http_status, headers={"retry-after": str(error.retry_after_seconds)})


def _client(guard: Guard) -> TestClient:
    def endpoint_named(text: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return PlainTextResponse(text)

        endpoint.__qualname__ = text
        return Route(f"/{text}", guard.limit("3/minute")(endpoint), methods=["GET", "POST"])

    routes = [endpoint_named("first"), endpoint_named("second")]
    return TestClient(Starlette(routes=routes, exception_handlers={RateLimited: _answer}))


def _request(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1) if peer else None})


def test_the_fourth_request_of_an_address_is_refused_with_the_time_to_wait() -> None:
    client = _client(Guard(trusted_proxies=1))
    answers = [client.get("/first", headers={"x-forwarded-for": "203.0.113.9"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (answers[3].text, answers[3].headers["retry-after"]) == ("RATE_LIMITED", "60")
    assert client.get("/first", headers={"x-forwarded-for": "203.0.113.10"}).status_code == 200


def test_each_endpoint_has_a_count_of_its_own() -> None:
    client = _client(Guard())
    for _ in range(3):
        client.get("/first")
    assert (client.get("/first").status_code, client.get("/second").status_code) == (429, 200)


def test_a_flood_of_addresses_leaves_no_more_counts_than_there_may_be() -> None:
    guard = Guard(trusted_proxies=1, counts_max=50)
    client = _client(guard)
    for number in range(200):
        assert client.get("/first", headers={"x-forwarded-for": f"203.0.113.{number}"}).status_code == 200
    storage = guard._limiter.limiter.storage
    assert isinstance(storage, MemoryStorage)
    assert 0 < len(storage.storage) <= 50
    answers = [client.get("/first", headers={"x-forwarded-for": "198.51.100.1"}) for _ in range(4)]
    assert answers[-1].status_code == 429


def test_neither_the_environment_nor_a_file_switches_it_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RATELIMIT_ENABLED", "false")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("RATELIMIT_ENABLED=false\nRATELIMIT_STORAGE_URL=redis://localhost\n")
    client = _client(Guard())
    assert [client.get("/first").status_code for _ in range(4)][-1] == 429


def test_no_storage_with_io_is_ever_named() -> None:
    assert guard_module.__file__ is not None
    text = Path(guard_module.__file__).read_text(encoding="utf-8")
    assert 'storage_uri="memory://"' in text
    assert "redis://" not in text


def test_an_endpoint_is_limited_once() -> None:
    guard = Guard()

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("")

    guard.limit("1/hour")(endpoint)
    with pytest.raises(ValueError, match="limited already"):
        guard.limit("1/hour")(endpoint)


@pytest.mark.parametrize(
    ("limit", "workers", "share"),
    [
        ("10/hour", 1, "10 per 1 hour"),
        ("10/hour", 3, "3 per 1 hour"),
        ("2/minute;9/day", 4, "1 per 1 minute;2 per 1 day"),
    ],
)
def test_a_worker_gets_its_share_rounded_down_and_at_least_one(limit: str, workers: int, share: str) -> None:
    assert per_worker(limit, workers) == share


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "client"),
    [
        ("198.51.100.1", (), 0, "198.51.100.1"),
        ("198.51.100.1", ("6.6.6.6",), 0, "198.51.100.1"),  # nobody is trusted: what a client claims is not read
        ("10.0.0.1", ("6.6.6.6, 203.0.113.9",), 1, "203.0.113.9"),  # only what our proxy appended counts
        ("10.0.0.1", ("6.6.6.6, 203.0.113.9", "10.0.0.2"), 2, "203.0.113.9"),
        ("198.51.100.1", ("203.0.113.9",), 2, "198.51.100.1"),  # it came around a proxy
        ("2001:db8:1:2:3:4:5:6", (), 0, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", (), 0, "203.0.113.9"),
        ("10.0.0.1", ("garbage",), 1, "unknown"),
        (None, (), 0, "unknown"),
    ],
)
def test_the_client_is_what_the_outermost_trusted_proxy_saw(
    peer: str | None, forwarded: tuple[str, ...], proxies: int, client: str
) -> None:
    assert client_ip(_request(peer, *forwarded), proxies) == client
