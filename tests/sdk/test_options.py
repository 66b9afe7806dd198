"""Options of a client, and of one made from it: waiting, language, and what was answered last."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Literal

import httpx2
import pytest
from tests.sdk.conftest import KEY, URL

from publicgsb_sdk import Client, InvalidRequest, NotFound, NotPermitted, QuotaExhausted, RateLimited, Usage


def test_a_client_made_from_another_waits_otherwise_over_the_same_connections(client: Client, service: Any) -> None:
    service.reply(httpx2.Response(503), httpx2.Response(200, json={"data": {"a": 1}}))
    patient = client.with_options(max_retries=1, deadline=60)
    assert patient.graphql("{ a }").data == {"a": 1}
    assert len(service.requests) == 2
    service.reply(service.refusal(429, "RATE_LIMITED", 9))
    with pytest.raises(RateLimited):
        patient.with_options(deadline=5).graphql("{ a }")
    patient.close()
    service.reply(httpx2.Response(200, json={"data": {"a": 2}}))
    assert client.graphql("{ a }").data == {"a": 2}


@pytest.mark.parametrize("wrong", [{"timeout": 0}, {"deadline": -1}, {"max_retries": -1}, {"locale": "de"}])
def test_an_option_that_cannot_be_is_refused_at_once(client: Client, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        client.with_options(**wrong)


def test_the_last_response_is_that_of_the_thread_that_asked(client: Client, service: Any) -> None:
    service.reply(
        lambda request: httpx2.Response(
            200, json={"data": {"a": 1}}, headers={"x-request-id": request.content.decode()[12:16]}
        )
    )
    assert client.last_response is None

    def ask(number: int) -> bool:
        client.graphql(f"{{ a{number} }}")
        return client.last_response is not None and f"a{number}" in str(client.last_response.request_id)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(40)))
    assert client.last_response is None, "another thread's answer is not mine"


def test_the_last_response_tells_of_refusals_too_and_its_repr_holds_no_headers(client: Client, service: Any) -> None:
    service.reply(service.refusal(429, "QUOTA_EXHAUSTED", 9))
    with pytest.raises(QuotaExhausted):
        client.graphql("{ a }")
    last = client.last_response
    assert last is not None and (last.status, last.headers["retry-after"]) == (429, "9")
    assert "retry-after" not in repr(last)
    other = client.with_options(timeout=1)
    assert other.last_response is None, "each client has its own"


@pytest.mark.parametrize(("reason", "word"), [("restricted", "/api/v1/grants"), ("key_dataset", "کلید")])
def test_what_is_restricted_is_applied_for_in_persian_too(client: Client, service: Any, reason: str, word: str) -> None:
    refusal = {"code": "NOT_PERMITTED", "detail": "No.", "details": {"reason": reason}}
    service.reply(httpx2.Response(403, json=refusal))
    with pytest.raises(NotPermitted) as refused:
        client.with_options(locale="fa").whoami()
    assert refused.value.hint and word in refused.value.hint


@pytest.mark.parametrize(("locale", "word"), [("fa", "امتیازهای این دوره"), ("en", "No.")])
def test_errors_speak_the_language_of_the_client(
    client: Client, service: Any, locale: Literal["en", "fa"], word: str
) -> None:
    service.reply(service.refusal(429, "QUOTA_EXHAUSTED", hint="Wait for the month."))
    with pytest.raises(QuotaExhausted, match=word) as refused:
        client.with_options(locale=locale).graphql("{ a }")
    assert service.requests[0].headers["accept-language"] == locale
    assert refused.value.said == ("No. Wait for the month." if locale == "fa" else None)
    assert refused.value.request_id == "r-1"


def test_what_the_sdk_refuses_itself_speaks_it_too_and_keeps_the_names(client: Client, service: Any) -> None:
    persian = client.with_options(locale="fa")
    with pytest.raises(InvalidRequest, match="فهمیده نمی‌شود") as refused:
        persian.dataset("aviation.airports").select("icoa").first()
    assert "icao" in str(refused.value)
    service.reply(httpx2.Response(404))
    with pytest.raises(NotFound, match="چنین چیزی نیست"):
        persian.dataset("aviation.none").first()


MISTAKES: dict[str, Callable[[Client], object]] = {
    "no name of a dataset": lambda gsb: gsb.dataset("aviation"),
    "no release": lambda gsb: gsb.dataset("aviation.airports").release(0),
    "no limit": lambda gsb: gsb.dataset("aviation.airports").limit(-1),
    "no size of a page": lambda gsb: gsb.dataset("aviation.airports").pages(0),
    "no budget": lambda gsb: gsb.budget(-1),
    "no name for a token": lambda gsb: gsb.token("aviation"),
    "two orders at once": lambda gsb: gsb.dataset("aviation.airports").search("x").order_by("code").count(),
    "files of a part": lambda gsb: gsb.dataset("aviation.airports").limit(1).download("airports.csv", "csv"),
    "files of a day": lambda gsb: gsb.dataset("aviation.airports").release(date(2026, 1, 1)).download("airports.csv"),
}


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_every_mistake_is_told_in_the_language_of_the_client(client: Client, mistake: str) -> None:
    with pytest.raises(InvalidRequest, match="فهمیده نمی‌شود"):
        MISTAKES[mistake](client.with_options(locale="fa"))


def test_a_part_that_is_missing_is_told_in_the_language_too(client: Client, service: Any) -> None:
    error = {"message": "No.", "path": ["a"], "extensions": {"code": "WITHHELD"}}
    service.reply(httpx2.Response(200, json={"data": {"a": None, "b": 1}, "errors": [error]}))
    assert "استناد قانونی" in client.with_options(locale="fa").graphql("{ a b }").errors[0].message


def test_a_price_is_asked_of_a_document_or_a_query(client: Client, service: Any) -> None:
    service.reply(httpx2.Response(200, json={"data": {"gsbPrice": {"cost": 4}, "rateLimit": {"cost": 11}}}))
    assert client.price("query A($x: Int) { a(x: $x) }", {"x": 1}) == 4
    assert client.price(client.dataset("aviation.airports").limit(5)) == 11


def test_usage_is_summed_by_what_is_asked(client: Client, service: Any) -> None:
    sums = {"requests": "3", "points": "36", "bytes": "9", "errors": "0", "databaseMs": "12"}
    by_day = sums | {"dataset": None, "day": "2026-11-01", "key": None, "application": None}
    service.reply(httpx2.Response(200, json={"data": {"me": {"usage": [by_day]}}}))
    found = client.usage(date(2026, 11, 1), by=["day"])
    assert found == (Usage(3, 36, 9, 0, 12, None, date(2026, 11, 1), None, None),)
    assert service.asked()[0]["variables"] == {"from": "2026-11-01", "by": ["DAY"]}


def test_a_proxy_that_cannot_be_is_named_with_the_variables_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://127.0.0.1:1")
    with pytest.raises(InvalidRequest, match="HTTPS_PROXY"):
        Client(KEY, URL)


def test_proxies_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Client(KEY, "http://gsb.test") as client:
        connections = client._own_http
        assert connections is not None
        assert type(connections._transport_for_url(httpx2.URL("http://gsb.test"))._pool).__name__ == "HTTPProxy"  # type: ignore[attr-defined]


def test_long_documents_are_asked_by_their_hash_and_sent_whole_once(client: Client, service: Any) -> None:
    document = "query Long { a " + "# padding\n" * 60 + "}"
    unknown = service.refusal(200, "INVALID_REQUEST", details={"reason": "persisted_query_not_found"})
    answer = httpx2.Response(200, json={"data": {"a": 1}})
    service.reply(unknown, answer, answer)
    assert client.graphql(document).data == client.graphql(document).data == {"a": 1}
    assert ["query" in body for body in service.asked()] == [False, True, False]
    assert len({body["extensions"]["persistedQuery"]["sha256Hash"] for body in service.asked()}) == 1
    service.reply(service.refusal(400, "INVALID_REQUEST", details={"reason": "persisted_query_not_found"}), answer)
    assert client.graphql(document).data == {"a": 1}
