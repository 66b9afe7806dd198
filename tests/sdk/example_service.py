"""The service that the examples in docstrings are asked of: two airports, and an answer to whatever they ask."""

import base64
import hashlib
import hmac
import io
import json
import time
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import httpx2
import pyarrow as pa
import pyarrow.parquet as pq
from tests.sdk import example_agency
from tests.sdk.conftest import AIRPORTS, COUNTRIES

NODES = [{"icao": "OIIE", "openedOn": "1990-01-02"}, {"icao": "OIII", "openedOn": None}]
RECEIPT = {
    "agency": "aviation",
    "dataset": "aviation/airports",
    "release": 3,
    "licence": {"name": "CC-BY-4.0"},
    "attribution": "Civil Aviation Organization",
}
TERMS = {
    "licences": [{"name": "CC-BY-4.0", "title": "Attribution 4.0", "url": None, "text": None, "isShareAlike": False}],
    "attributions": ["Civil Aviation Organization"],
    "shareAlike": [],
}
COST = {"requested": 11, "actual": 1, "remaining": 9}
RELEASES = [{"seq": seq, "asOf": None, "publishedAt": None, "rows": 2, "sha256": "ab"} for seq in (3, 2)]
USED = {"requests": 12, "points": 120, "bytes": 4096, "errors": 0, "databaseMs": 3}
LIMITS = [
    {"name": "burst", "limit": 200, "remaining": 200, "windowSeconds": 10, "resetsAt": None},
    {"name": "month", "limit": 100_000, "remaining": 99_880, "resetsAt": "2026-12-01T00:00:00+00:00"},
]
ACCOUNT = {"credential": "key", "key": {"id": "k1"}, "organisation": {"name": "Rahyab", "plan": "open"}}
TITLE = {"fa": "فرودگاه‌های جهان", "en": "Airports of the world"}
QUALITY = {
    "day": "2026-11-27",
    "release": 3,
    "data": {"score": 91.5, "parts": [{"name": "complete", "points": 18.5, "weight": 20}]},
    "mqa": {"points": 300, "of": 405, "rating": "good", "dimensions": []},
}


def contract() -> dict[str, Any]:
    """The airports of the other tests, with all that the examples show."""
    airports = deepcopy(AIRPORTS) | {"title": TITLE, "attribution": RECEIPT["attribution"]}
    fields = {field["name"]: field for field in airports["contract"]["fields"]}
    fields["fee"] |= {"unit": "IRR", "label": {"fa": "عوارض", "en": "Fee"}}
    fields["code"] |= {"categories": [{"value": "007"}, {"value": "07"}]}
    airports["contract"] |= {
        "search": ["code"],
        "coordinates": {"lat": "latitude", "lon": "latitude"},
        "aggregates": {
            "groupings": [
                {"name": "CODE", "apiName": "code", "field": "code", "grain": None},
                {
                    "name": "OPENED_ON_JALALI_MONTH",
                    "apiName": "openedOnJalaliMonth",
                    "field": "opened_on",
                    "grain": "jalaliMonth",
                },
            ],
            "measures": ["passengers"],
        },
    }
    return airports


def catalogue() -> dict[str, Any]:
    """Two agencies with a dataset each."""

    def about(slug: str, title: dict[str, str], rows: int) -> dict[str, Any]:
        return {"slug": slug, "title": title, "access": "open", "licence": {"title": "CC-BY-4.0"}, "rows": rows}

    countries = about("countries", {"fa": "کشورها", "en": "Countries"}, 249)
    return {
        "agencies": [
            {"slug": "aviation", "datasets": [about("airports", TITLE, 2)]},
            {"slug": "standards", "datasets": [countries]},
        ]
    }


def parquet(names: list[str]) -> bytes:
    """The file of the release, with these columns."""
    days = [date(1990, 1, 2), None]
    known = {"icao": pa.array(["OIIE", "OIII"]), "opened_on": pa.array(days, pa.date32())}
    file = io.BytesIO()
    pq.write_table(pa.table({name: known.get(name, pa.nulls(2, pa.string())) for name in names}), file)
    return file.getvalue()


class ExampleService:
    """Answers; or, once `refusal` is set, refuses whatever it is asked but for contracts."""

    def __init__(self) -> None:
        self.contract = contract()
        self.refusal: tuple[int, str] | None = None
        self.is_changed_on_the_way = False
        self.is_file_good = True
        self.delay_seconds = 0.0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        time.sleep(self.delay_seconds)
        if example_agency.is_publishing(path):
            return example_agency.answer(request, self.is_file_good)
        if path.endswith("/datasets/countries"):
            return httpx2.Response(200, json=COUNTRIES)
        if path.endswith("/datasets/airports"):
            return httpx2.Response(200, json=self.contract)
        if self.refusal is not None:
            status, code = self.refusal
            details = {"resetsAt": "2026-12-01T00:00:00+00:00"}
            about = {"code": code, "hint": "What to do next.", "requestId": "req_1", "details": details}
            error = {"message": "No.", "extensions": about}
            return httpx2.Response(status, json={"errors": [error]}, headers={"retry-after": "2"})
        if path.endswith(".parquet"):
            content = self._file()
            content = b"?" * len(content) if self.is_changed_on_the_way else content
            return httpx2.Response(200, stream=httpx2.ByteStream(content))
        return httpx2.Response(200, json=self._answer(path, request), headers={"x-request-id": "req_1"})

    def _answer(self, path: str, request: httpx2.Request) -> Any:
        if path == "/graphql":
            extensions = {"cost": COST, "receipt": [RECEIPT], "terms": TERMS, "requestId": "req_1"}
            return {"data": _data(json.loads(request.content)["query"]), "extensions": extensions}
        if path == "/api/v1/auth/token":
            wanted = json.loads(request.content or b"{}").get("datasets")
            return {"token": "gsbt_…", "expiresAt": "2026-11-27T10:10:00+00:00", "datasets": wanted}
        answers: dict[str, Callable[[], Any]] = {
            "/catalog.json": catalogue,
            "/api/v1/quota": lambda: {"policies": LIMITS},
            "/api/v1/whoami": lambda: ACCOUNT,
            "/api/v1/datasets/aviation/airports/quality": lambda: QUALITY,
        }
        return answers[path]() if path in answers else self._manifest()

    def _file(self) -> bytes:
        return parquet([field["name"] for field in self.contract["contract"]["fields"]])

    def _manifest(self) -> dict[str, Any]:
        content = self._file()
        name = "part-00001.parquet"
        part = {
            "format": "parquet",
            "part": 1,
            "name": name,
            "rows": 2,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "url": f"https://gsb.test/files/3/{name}",
        }
        return {"release": 3, "rows": 2, "state": "made", "expiresAt": None, "parts": [part], "csv": None}


def _data(query: str) -> dict[str, Any]:
    """What a document of the library asks for, told by a word of it."""
    page = {"hasNextPage": False, "endCursor": None}
    change = {"change": "CHANGED", "key": {"icao": "OIIE"}, "changedFields": ["code"]}
    sides = {"before": {"icao": "OIIE", "code": "07"}, "after": {"icao": "OIIE", "code": "007"}}
    if "dryRun" in query:
        return {"rateLimit": {"cost": 11}, "gsbPrice": {"cost": 11}}
    if "usage(" in query:
        by = {"dataset": "aviation/airports", "day": None, "key": None, "application": None}
        return {"me": {"usage": [USED | by]}}
    if "releases" in query:
        return {"dataset": {"releases": RELEASES}}
    if "airportsAggregate" in query:
        group = {"key": {"code": "007"}, "count": 2, "sum": {"passengers": "12"}}
        return {"aviation": {"airportsAggregate": {"totalGroups": 1, "groups": [group]}}}
    if "airportsChanges" in query:
        return {"aviation": {"airportsChanges": {"nodes": [change | sides], "pageInfo": page}}}
    if "totalCount" in query:
        return {"aviation": {"airports": {"totalCount": 2}}}
    if "edges" in query:
        edges = [{"distanceKm": 3.2, "node": NODES[0]}]
        return {"aviation": {"airports": {"edges": edges, "pageInfo": page}}}
    return {"aviation": {"airports": {"nodes": NODES, "pageInfo": page}}}


def signed_by(secret: str, body: bytes, at: int) -> dict[str, str]:
    """The headers of a webhook."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    proof = base64.b64encode(hmac.digest(key, f"msg_1.{at}.".encode() + body, "sha256")).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": f"v1,{proof}"}
