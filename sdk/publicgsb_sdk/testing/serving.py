"""One HTTP request answered: which part of the mock it is for, and the head of the answer."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias

from graphql import print_schema

from publicgsb_sdk.testing import exported
from publicgsb_sdk.testing.account import PLAN, Account
from publicgsb_sdk.testing.clock import Clock
from publicgsb_sdk.testing.endpoint import Endpoint, as_bytes
from publicgsb_sdk.testing.quotas import Fact
from publicgsb_sdk.testing.refusals import Refusal
from publicgsb_sdk.testing.state import Release
from publicgsb_sdk.testing.told import Catalogue
from publicgsb_sdk.wire import an_object

RANGE = re.compile(r"bytes=(\d+)-(\d*)")
JSON, PROBLEM, GRAPHQL = "application/json", "application/problem+json", "application/graphql-response+json"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the mock understood it: what tests look at. `code` is that of its first error.

    >>> with service.client() as gsb:
    ...     found = gsb.dataset("aviation.airports").first()
    >>> asked = service.requests[-1]
    >>> asked.method, asked.path, asked.status, asked.code
    ('POST', '/graphql', 200, None)
    """

    method: str
    path: str
    document: str | None
    variables: Mapping[str, Any]
    operation: str | None
    status: int
    code: str | None
    points: int


@dataclass(slots=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict[str, str])
    code: str | None = None
    points: int = 0


Route: TypeAlias = Callable[..., Reply]


class Serving:
    """Everything that the SDK asks for, by path."""

    def __init__(
        self, base: str, clock: Clock, catalogue: Catalogue, account: Account, endpoint: Callable[[], Endpoint]
    ) -> None:
        self._base = base
        self._clock = clock
        self._catalogue = catalogue
        self._account = account
        self._endpoint = endpoint
        self._routes: list[tuple[str, re.Pattern[str], Route]] = [
            (method, re.compile(pattern), route)
            for method, pattern, route in (
                ("POST", r"/graphql", self._graphql),
                ("GET", r"/api/v1/agencies/([^/]+)/datasets/([^/]+)", self._page),
                ("GET", r"/api/v1/agencies/([^/]+)/datasets/([^/]+)/releases/(\d+|latest)/files", self._manifest),
                ("GET", r"/api/v1/datasets/([^/]+)/([^/]+)/quality", self._quality),
                ("GET", r"/catalog\.json", self._listed),
                ("GET", r"/schema\.graphql", self._schema),
                ("GET", r"/api/v1/whoami", self._whoami),
                ("GET", r"/api/v1/quota", self._quota),
                ("POST", r"/api/v1/auth/token", self._token),
                ("GET", r"/files/([^/]+)/([^/]+)/(\d+)\.csv", self._csv),
                ("GET", r"/files/([^/]+)/([^/]+)/(\d+)/([^/]+)", self._file),
            )
        ]

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes, request_id: str) -> Reply:
        """Refusals are answers; what is raised is wrong with the mock."""
        try:
            reply = self._routed(method, path, headers, body, request_id)
        except Refusal as refused:
            reply = refused_reply(refused, request_id)
        reply.headers |= {"x-request-id": request_id, **self._account.quotas.headers()}
        return reply

    def _routed(self, method: str, path: str, headers: Mapping[str, str], body: bytes, request_id: str) -> Reply:
        if path == "/graphql" and not ({"authorization", "x-api-key"} & set(headers)):
            raise Refusal("UNAUTHENTICATED", "There is no key.", reason="missing", hint="Send any key to the mock.")
        for known, pattern, route in self._routes:
            found = pattern.fullmatch(path)
            if found and known == method:
                return route(headers, body, request_id, *found.groups())
        raise Refusal(
            "NOT_FOUND", f"The mock does not answer {method} {path}.", hint="docs/testing.md says what it does."
        )

    def _graphql(self, headers: Mapping[str, str], body: bytes, request_id: str) -> Reply:
        answered = self._endpoint().answer(_object(body), request_id)
        content = as_bytes(answered.body)
        day = self._clock.now.date().isoformat()
        is_error = answered.status >= 400
        if answered.points or is_error:
            points = answered.points
            self._account.facts.append(Fact(day, answered.datasets, points, len(content), is_error))
        more = {} if answered.retry_after is None else {"retry-after": str(answered.retry_after)}
        return Reply(answered.status, content, GRAPHQL, more, answered.code, answered.points)

    def _page(self, _: Any, __: Any, ___: Any, agency: str, dataset: str) -> Reply:
        return _json(self._catalogue.page((agency, dataset)))

    def _manifest(self, _: Any, __: Any, ___: Any, agency: str, dataset: str, seq: str) -> Reply:
        return _json(exported.manifest(self._release(agency, dataset, seq), self._base))

    def _quality(self, _: Any, __: Any, ___: Any, agency: str, dataset: str) -> Reply:
        return _json(self._catalogue.quality((agency, dataset), self._clock.now.date()))

    def _listed(self, *_: Any) -> Reply:
        return _json(self._catalogue.catalogue())

    def _schema(self, *_: Any) -> Reply:
        return Reply(200, print_schema(self._endpoint().schema).encode(), "text/plain")

    def _whoami(self, *_: Any) -> Reply:
        return _json(self._account.whoami())

    def _quota(self, *_: Any) -> Reply:
        return _json({"plan": PLAN, "policies": self._account.quotas.standings()})

    def _token(self, _: Any, body: bytes, ___: Any) -> Reply:
        named = _object(body or b"{}").get("datasets")
        expires = self._clock.now + timedelta(minutes=10)
        return _json(
            {
                "token": "eyJtb2Nr.eyJtb2Nr.bW9jaw",
                "expiresAt": expires.isoformat(),
                "datasets": named,
            }
        )

    def _csv(self, _: Any, __: Any, ___: Any, agency: str, dataset: str, seq: str) -> Reply:
        return Reply(200, exported.as_csv(self._release(agency, dataset, seq)), "text/csv")

    def _file(
        self, headers: Mapping[str, str], __: Any, ___: Any, agency: str, dataset: str, seq: str, name: str
    ) -> Reply:
        release = self._release(agency, dataset, seq)
        whole = exported.File("csv", exported.WHOLE_CSV, len(release.rows), exported.as_csv(release))
        for one in (whole, *exported.files_of(release)):
            if one.name == name:
                return _stretch(one, headers)
        raise Refusal("NOT_FOUND", f"Release {seq} of {agency}/{dataset} has no file {name}.")

    def _release(self, agency: str, dataset: str, seq: str) -> Release:
        found = self._catalogue.world.dataset((agency, dataset))
        if found.contract.access == "withheld":
            raise Refusal("WITHHELD", f"{found.contract.id} is not released.")
        found.refuse_withdrawn()
        if not found.contract.has_records:
            raise Refusal("NOT_FOUND", f"The mock makes no files of cells, which is what {found.contract.id} has.")
        if seq == "latest":
            if found.current_release is None:
                raise Refusal("NOT_FOUND", f"{found.contract.id} has no release.")
            return found.current_release
        return found.release(int(seq))


def refused_reply(refused: Refusal, request_id: str) -> Reply:
    """As REST tells of it."""
    more = {} if refused.retry_after is None else {"retry-after": str(refused.retry_after)}
    return Reply(refused.status, as_bytes(refused.as_problem(request_id)), PROBLEM, more, refused.code)


def asked_of(body: bytes) -> tuple[str | None, Mapping[str, Any], str | None]:
    """Document, variables and name of the operation in a body, as far as they can be read."""
    try:
        found = an_object(json.loads(body)) or {}
    except ValueError:
        found = {}
    return found.get("query"), an_object(found.get("variables")) or {}, found.get("operationName")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = an_object(json.loads(body))
    except ValueError:
        found = None
    if found is None:
        raise Refusal("INVALID_REQUEST", "The body is not a JSON object.", reason="malformed")
    return found


def _json(body: Any) -> Reply:
    return Reply(200, as_bytes(body))


def _stretch(file: exported.File, headers: Mapping[str, str]) -> Reply:
    """The file, or from a byte on."""
    etag = f'"sha256-{file.sha256}"'
    told = {"etag": etag, "accept-ranges": "bytes"}
    wanted = RANGE.fullmatch(headers.get("range", ""))
    if wanted is None or headers.get("if-range", etag) != etag:
        return Reply(200, file.content, file.media_type, told)
    size = len(file.content)
    start, end = int(wanted[1]), min(size, int(wanted[2]) + 1 if wanted[2] else size)
    if start >= size:
        return Reply(416, b"", file.media_type, told | {"content-range": f"bytes */{size}"}, "INVALID_REQUEST")
    told["content-range"] = f"bytes {start}-{end - 1}/{size}"
    return Reply(206, file.content[start:end], file.media_type, told)
