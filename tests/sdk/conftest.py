"""A small service in memory: what it is asked is kept, what it answers is said by the test."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import httpx2
import pytest

from publicgsb_sdk import Client
from publicgsb_sdk.key import checksum

URL = "https://gsb.test"
BODY = "gsbl_" + "k" * 8 + "s" * 32
KEY = BODY + checksum(BODY)

Handler = Callable[[httpx2.Request], httpx2.Response]

AIRPORTS: dict[str, Any] = {
    "agency": "aviation",
    "dataset": "airports",
    "contract": {
        "version": "1.0.0",
        "recordName": "Airport",
        "listName": "airports",
        "recordField": "airport",
        "access": "open",
        "primaryKey": ["icao"],
        "keys": [{"name": "icao", "fields": ["icao"]}],
        "fields": [
            {"name": "icao", "apiName": "icao", "type": "string", "required": True, "filters": ["eq", "in"]},
            {"name": "code", "apiName": "code", "type": "string", "filters": ["eq", "startsWith", "contains"]},
            {"name": "runway_count", "apiName": "runwayCount", "type": "integer", "filters": ["eq", "gte", "lt"]},
            {"name": "passengers", "apiName": "passengers", "type": "bigint", "filters": ["gte"]},
            {"name": "latitude", "apiName": "latitude", "type": "number", "filters": ["gte", "lte"]},
            {"name": "fee", "apiName": "fee", "type": "decimal", "filters": ["eq"]},
            {"name": "is_open", "apiName": "isOpen", "type": "boolean", "filters": ["eq", "isNull"]},
            {"name": "opened_on", "apiName": "openedOn", "type": "date", "filters": ["gte"]},
            {"name": "seen_at", "apiName": "seenAt", "type": "datetime", "filters": ["lt"]},
        ],
        "links": [{"name": "homeCountry", "to": "standards/countries", "reverse": "airports"}],
        "orderings": [{"name": "code", "fields": ["code"]}],
    },
    "release": {
        "seq": 3,
        "rows": 2,
        "sha256": "ab",
        "asOf": "2026-09-05",
        "publishedAt": "2026-11-01T10:00:00+00:00",
    },
}
COUNTRIES: dict[str, Any] = {
    "agency": "standards",
    "dataset": "countries",
    "contract": {
        "version": "1.0.0",
        "recordName": "Country",
        "listName": "countries",
        "recordField": "country",
        "access": "open",
        "fields": [
            {"name": "code", "apiName": "code", "type": "string", "filters": ["eq"]},
            {"name": "name_fa", "apiName": "nameFa", "type": "string", "filters": []},
        ],
    },
    "release": None,
}


class Service:
    """Answers contracts by itself; GraphQL and all else as `replies` say, in turn, the last one again and again."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self.replies: list[httpx2.Response | Handler] = []
        self.airports = AIRPORTS
        self.parquet: list[bytes] = []  # the parts of release 3; without any only its CSV is there

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        for contract in (AIRPORTS, COUNTRIES):
            if request.url.path == f"/api/v1/agencies/{contract['agency']}/datasets/{contract['dataset']}":
                return httpx2.Response(200, json=contract)
        if request.url.path.startswith("/api/v1/") and request.url.path.endswith("/files"):
            return httpx2.Response(200, json=self.manifest())
        if request.url.path.endswith(".parquet"):
            return httpx2.Response(200, content=self.parquet[int(request.url.path[-9]) - 1])
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(request) if callable(reply) else reply

    def reply(self, *replies: httpx2.Response | Handler) -> None:
        self.replies = list(replies)

    def manifest(self) -> dict[str, Any]:
        """The files of the release of airports."""
        parts = [
            {
                "format": "parquet",
                "part": number,
                "name": f"part-0000{number}.parquet",
                "rows": 1,
                "bytes": len(content),
                "sha256": sha256(content).hexdigest(),
                "url": f"https://elsewhere.test/files/aviation/airports/3/part-0000{number}.parquet?signature=s",
            }
            for number, content in enumerate(self.parquet, 1)
        ]
        state = "made" if parts else "pending"
        return {"release": 3, "rows": 2, "state": state, "expiresAt": None, "parts": parts, "csv": None}

    def page(self, nodes: list[dict[str, Any]], cursor: str | None = None, **extensions: Any) -> httpx2.Response:
        """One page of airports; with a cursor, more follow."""
        found = {"nodes": nodes, "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor}}
        return httpx2.Response(200, json={"data": {"aviation": {"airports": found}}, "extensions": extensions})

    def refusal(self, status: int, code: str, /, retry_after: int | None = None, **more: Any) -> httpx2.Response:
        """An answer in the shape of the service's errors."""
        error = {"message": "No.", "extensions": {"code": code, "requestId": "r-1", **more}}
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        return httpx2.Response(status, json={"errors": [error]}, headers=headers)

    def asked(self) -> list[dict[str, Any]]:
        """The GraphQL bodies so far."""
        return [json.loads(request.content) for request in self.requests if request.url.path == "/graphql"]


@pytest.fixture
def api_key() -> str:
    return KEY


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with httpx2.Client(transport=httpx2.MockTransport(service)) as http:
        yield Client(KEY, URL, http_client=http, max_retries=0)
