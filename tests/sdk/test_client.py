"""What a program meets first: settings that are missing, one query, an answer that is whole, partial or refused."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from publicgsb.quotas.http import standing_to_json
from publicgsb.quotas.model import Period, Policy, PolicyKind, PolicyUnit, Standing
from publicgsb_sdk import Client, InvalidRequest, Limit, NotPermitted, ServerError, Unauthenticated, Withheld

RECEIPT = {
    "agency": "aviation",
    "dataset": "aviation/airports",
    "release": 3,
    "asOf": "2026-09-05",
    "source": {"name": "airportsdata"},
    "licence": "MIT",
    "attribution": "M. B.",
}


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSB_API_KEY", raising=False)
    with pytest.raises(Unauthenticated, match="PGSB_API_KEY"):
        Client(base_url="https://gsb.test")


def test_a_missing_address_is_named(monkeypatch: pytest.MonkeyPatch, api_key: str) -> None:
    monkeypatch.delenv("PGSB_URL", raising=False)
    with pytest.raises(InvalidRequest, match="PGSB_URL"):
        Client(api_key)


def test_key_and_address_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, api_key: str, service: Any) -> None:
    monkeypatch.setenv("PGSB_API_KEY", api_key)
    monkeypatch.setenv("PGSB_URL", "https://gsb.test/graphql")
    service.reply(httpx2.Response(200, json={"data": {"a": 1}}))
    with httpx2.Client(transport=httpx2.MockTransport(service)) as http:
        assert Client(http_client=http).graphql("{ a }").data == {"a": 1}
    assert str(service.requests[0].url) == "https://gsb.test/graphql"
    assert service.requests[0].headers["authorization"] == f"Bearer {api_key}"


def test_the_key_is_not_in_the_representation(client: Client, api_key: str) -> None:
    assert api_key not in repr(client)


def test_a_result_carries_cost_receipt_and_request_id(client: Client, service: Any) -> None:
    extensions = {"cost": {"requested": 12, "actual": 3, "remaining": 99_997}, "receipt": [RECEIPT]}
    service.reply(
        httpx2.Response(200, json={"data": {"a": 1}, "extensions": extensions}, headers={"x-request-id": "r-9"})
    )
    result = client.graphql("query A($x: Int) { a(x: $x) }", {"x": 1}, "A")
    assert service.asked() == [{"query": "query A($x: Int) { a(x: $x) }", "variables": {"x": 1}, "operationName": "A"}]
    assert result.cost is not None and result.cost.remaining == 99_997
    assert result.receipt[0].dataset == "airports"
    assert result.receipt[0].source == "airportsdata" and result.receipt[0].release == 3
    assert result.request_id == "r-9"


def test_an_answer_over_several_datasets_carries_their_terms_together(client: Client, service: Any) -> None:
    cc0 = {"name": "CC0-1.0", "title": "CC0", "url": "https://cc.example", "text": None, "isShareAlike": False}
    odbl = {"name": "ODbL-1.0", "title": "ODbL", "url": None, "text": None, "isShareAlike": True}
    terms = {"licences": [cc0, odbl], "attributions": ["A"], "shareAlike": ["ODbL-1.0"], "isShareAlike": True}
    told = ({"receipt": [RECEIPT], "terms": terms}, {"receipt": [RECEIPT]})
    service.reply(*(httpx2.Response(200, json={"data": {"a": 1}, "extensions": one}) for one in told))
    combined, alone = client.graphql("{ a }").terms, client.graphql("{ a }").terms
    assert alone is None and combined is not None
    assert combined.is_share_alike and combined.share_alike == ("ODbL-1.0",) and combined.attributions == ("A",)
    assert [(one.name, one.is_share_alike) for one in combined.licences] == [("CC0-1.0", False), ("ODbL-1.0", True)]


def test_errors_without_data_are_raised(client: Client, service: Any) -> None:
    service.reply(service.refusal(200, "INVALID_REQUEST", hint="Ask otherwise."))
    with pytest.raises(InvalidRequest, match="Ask otherwise") as refused:
        client.graphql("{ a }")
    assert refused.value.request_id == "r-1"


def test_a_partial_answer_is_kept_with_its_errors_and_can_be_refused(client: Client, service: Any) -> None:
    error = {"message": "Not released.", "path": ["a", "b"], "extensions": {"code": "WITHHELD"}}
    service.reply(httpx2.Response(200, json={"data": {"a": {"b": None, "c": 1}}, "errors": [error]}))
    result = client.graphql("{ a { b c } }")
    assert result.data["a"]["c"] == 1
    assert isinstance(result.errors[0], Withheld) and result.errors[0].path == ("a", "b")
    with pytest.raises(Withheld):
        result.complete()


@pytest.mark.parametrize("status", [200, 403])
def test_a_page_of_something_else_is_named_as_such(client: Client, service: Any, status: int) -> None:
    service.reply(httpx2.Response(status, html="<h1>Welcome to the proxy</h1>"))
    with pytest.raises(ServerError if status == 200 else NotPermitted, match="base_url"):
        client.graphql("{ a }")


def test_a_redirect_is_refused_and_not_followed_with_the_key(client: Client, service: Any) -> None:
    service.reply(httpx2.Response(307, headers={"location": "https://elsewhere.test"}))
    with pytest.raises(ServerError):
        client.graphql("{ a }")
    assert len(service.requests) == 1


def test_whoami_is_read(client: Client, service: Any) -> None:
    answer = {"credential": "key", "key": {"id": "k1"}, "organisation": {"name": "Rahyab", "plan": "open"}}
    service.reply(httpx2.Response(200, json=answer))
    account = client.whoami()
    assert (account.credential, account.key_id, account.plan, account.agency) == ("key", "k1", "open", None)


def test_limits_are_read_as_the_service_writes_them(client: Client, service: Any) -> None:
    resets = datetime(2026, 12, 1, tzinfo=UTC)
    month = Policy("month", PolicyKind.PERIOD, 100_000, PolicyUnit.POINTS, period=Period.MONTH)
    burst = Policy("burst", PolicyKind.WINDOW, 200, PolicyUnit.POINTS, window_seconds=10)
    standings = (Standing(month, 40, 10, 99_950, resets), Standing(burst, 0, 0, 200, None))
    service.reply(httpx2.Response(200, json={"policies": [standing_to_json(standing) for standing in standings]}))
    assert client.limits() == (
        Limit("month", "points", 100_000, 99_950, None, resets),
        Limit("burst", "points", 200, 200, 10, None),
    )


@pytest.mark.parametrize(
    "imported",
    ["import publicgsb_sdk", "from publicgsb_sdk import Client", "from publicgsb_sdk import AsyncClient"],
)
def test_the_import_loads_nothing_heavy(imported: str) -> None:
    heavy = "{'pandas', 'numpy', 'pyarrow', 'publicgsb', 'pydantic', 'asyncio', 'anyio', 'cryptography', 'difflib'}"
    code = f"import sys; {imported}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(("name", "other"), [("Client", "asynchronous.client"), ("AsyncClient", "client")])
def test_of_the_two_clients_the_one_that_is_asked_for_is_loaded(name: str, other: str) -> None:
    code = f"import sys; from publicgsb_sdk import {name}; print('publicgsb_sdk.{other}' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
