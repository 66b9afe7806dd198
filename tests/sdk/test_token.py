"""A key is exchanged, and a token is taken where a key is."""

import json
from datetime import UTC, datetime

import httpx2
import pytest

from publicgsb_sdk import Client, InvalidRequest, NotPermitted, Token

from .conftest import URL, Service

TEXT = "eyJhbGciOiJFZERTQSJ9.eyJzY29wZSI6InJlYWQifQ.c2lnbmF0dXJl"
EXCHANGED = {"token": TEXT, "tokenType": "Bearer", "expiresAt": "2026-11-27T03:10:00Z", "expiresInSeconds": 600}


def test_a_key_is_exchanged_for_all_or_for_some_datasets(client: Client, service: Service) -> None:
    for named, sent in (((), {}), (("aviation.airports",), {"datasets": ["aviation/airports"]})):
        service.reply(httpx2.Response(201, json={**EXCHANGED, "datasets": sent.get("datasets")}))
        token = client.token(*named)
        assert json.loads(service.requests[-1].content) == sent
        assert token == Token(
            TEXT, datetime(2026, 11, 27, 3, 10, tzinfo=UTC), ("aviation/airports",) if named else None
        )
        assert TEXT not in repr(token)


def test_what_is_no_name_of_a_dataset_is_told_before_anything_is_sent(client: Client, service: Service) -> None:
    with pytest.raises(InvalidRequest, match="airports"):
        client.token("airports")
    assert service.requests == []


def test_a_refused_exchange_is_a_typed_error(client: Client, service: Service) -> None:
    service.reply(httpx2.Response(403, json={"code": "NOT_PERMITTED", "detail": "No.", "details": {"reason": "token"}}))
    with pytest.raises(NotPermitted) as refused:
        client.token()
    assert refused.value.reason == "token"


def test_a_client_asks_with_a_token_where_it_would_send_a_key(service: Service) -> None:
    service.reply(httpx2.Response(200, json={"data": {"air": 1}}))
    with httpx2.Client(transport=httpx2.MockTransport(service)) as http:
        assert Client(f" {TEXT}\n", URL, http_client=http).graphql("{ air }").data == {"air": 1}
    assert service.requests[-1].headers["authorization"] == f"Bearer {TEXT}"
