"""Every route refuses in one shape: problem details on REST, `extensions` on GraphQL, and the request's id in both."""

from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from starlette.routing import Route

from publicgsb.platform.kernel.errors import ERRORS
from tests.app import Service

PROBLEM = {"type", "title", "status", "detail", "code", "requestId"}
MORE = {"hint", "details"}
STATUS = {kind.code: kind.status for kind in ERRORS}
TRANSPORT = {405, 413, 415}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that must be refused, and the code it must be refused with. `holder`: whose key goes along."""

    method: str
    route: str
    code: str
    status: int = 0
    path: str = ""
    holder: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path or self.route} {self.code} {self.holder}".strip()


DATASET = "/api/v1/agencies/{agency}/datasets/{dataset}"
FILE = "/files/{agency}/{dataset}/{release}.csv"
JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv", "idempotency-key": "one"}
LOOK_UP = b'{"query": "{ air { airport(by: {icao: \\"OIIE\\"}) { city } } }"}'

REFUSALS = (
    Refusal("POST", "/graphql", "UNAUTHENTICATED", headers=JSON),
    Refusal("POST", "/graphql", "INVALID_REQUEST", holder="data", headers=JSON, content=b"1"),
    Refusal("POST", "/graphql", "INVALID_REQUEST", 415, holder="data"),
    Refusal("POST", "/graphql", "NOT_PERMITTED", holder="agency", headers=JSON, content=LOOK_UP),
    Refusal("POST", "/api/v1/register", "INVALID_REQUEST", headers=JSON, content=b"[]"),
    Refusal("POST", "/api/v1/register", "INVALID_REQUEST", 415, content=b"name=x"),
    Refusal("POST", "/api/v1/register", "INVALID_REQUEST", 413, headers=JSON, content=b" " * 9000),
    Refusal("GET", "/api/v1/keys", "UNAUTHENTICATED"),
    Refusal("GET", "/api/v1/keys", "NOT_PERMITTED", holder="data"),
    Refusal("POST", "/api/v1/keys", "UNAUTHENTICATED"),
    Refusal("POST", "/api/v1/keys", "INVALID_REQUEST", holder="owner", headers=JSON, content=b'{"kind": 1}'),
    Refusal("POST", "/api/v1/keys/{id}/rotate", "UNAUTHENTICATED", path="/api/v1/keys/zzzzzzzz/rotate"),
    Refusal("POST", "/api/v1/keys/{id}/rotate", "NOT_FOUND", path="/api/v1/keys/zzzzzzzz/rotate", holder="owner"),
    Refusal("DELETE", "/api/v1/keys/{id}", "UNAUTHENTICATED", path="/api/v1/keys/zzzzzzzz"),
    Refusal("DELETE", "/api/v1/keys/{id}", "NOT_FOUND", path="/api/v1/keys/zzzzzzzz", holder="owner"),
    Refusal("GET", "/api/v1/whoami", "UNAUTHENTICATED"),
    Refusal("GET", "/api/v1/quota", "UNAUTHENTICATED"),
    Refusal("GET", "/api/v1/quota", "NOT_PERMITTED", holder="agency"),
    Refusal("GET", DATASET, "NOT_FOUND", path="/api/v1/agencies/geo/datasets/nope"),
    Refusal("POST", f"{DATASET}/releases", "UNAUTHENTICATED", path="/api/v1/agencies/geo/datasets/x/releases"),
    Refusal(
        "POST", f"{DATASET}/releases", "NOT_PERMITTED", path="/api/v1/agencies/geo/datasets/x/releases", holder="data"
    ),
    Refusal(
        *("POST", f"{DATASET}/releases", "INVALID_REQUEST", 415),
        path="/api/v1/agencies/air/datasets/airports/releases",
        holder="agency",
        headers={"idempotency-key": "one"},
    ),
    Refusal(
        *("POST", f"{DATASET}/releases", "NOT_FOUND"),
        path="/api/v1/agencies/air/datasets/nope/releases",
        holder="agency",
        headers=CSV,
        content=b"a\n",
    ),
    Refusal("GET", "/api/v1/jobs/{job}", "UNAUTHENTICATED", path="/api/v1/jobs/job_x"),
    Refusal("GET", "/api/v1/jobs/{job}", "NOT_FOUND", path="/api/v1/jobs/job_x", holder="agency"),
    Refusal("GET", FILE, "NOT_FOUND", path="/files/geo/countries/99.csv"),
    Refusal("GET", FILE, "UNAUTHENTICATED", path="/files/geo/countries/1.csv", headers={"x-api-key": "x"}),
    # These read nothing of a request that could be wrong, but its method.
    *(
        Refusal("POST", route, "INVALID_REQUEST", 405)
        for route in (
            *("/", "/schema.graphql", "/catalog.json", "/health/live", "/health/ready", "/metrics"),
            *("/api/v1/plans", "/pricing"),
        )
    ),
)


def error_of(answer: httpx2.Response) -> dict[str, Any]:
    """The members that REST and GraphQL share, after a look at those that they do not."""
    body = answer.json()
    assert answer.headers["x-request-id"].startswith("req_")
    if answer.request.url.path == "/graphql":
        assert set(body) == {"errors"}
        (error,) = body["errors"]
        assert set(error) - {"locations", "path"} == {"message", "extensions"} and error["message"]
        shared: dict[str, Any] = error["extensions"]
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(body) - MORE == PROBLEM
        assert (body["status"], body["type"]) == (
            answer.status_code,
            f"urn:publicgsb:error:{body['code'].lower().replace('_', '-')}",
        )
        assert body["title"] and body["detail"]
        shared = {name: body[name] for name in ("code", "requestId", *MORE) if name in body}
    assert set(shared) - MORE == {"code", "requestId"}
    assert shared["requestId"] == answer.headers["x-request-id"]
    assert not any(word in answer.text for word in ("Traceback", "select ", "asyncpg", "gsb.", "released."))
    return shared


@pytest.fixture
async def held(service: Service) -> dict[str, str]:
    """A key or token for each kind of holder."""
    registered = await service.register()
    return {
        "data": registered["key"]["secret"],
        "owner": registered["ownerToken"],
        "agency": await service.agency_key("air"),
    }


async def test_each_way_of_being_refused_has_the_same_shape(service: Service, held: dict[str, str]) -> None:
    for refusal in REFUSALS:
        headers = dict(refusal.headers)
        if refusal.holder:
            headers["authorization"] = f"Bearer {held[refusal.holder]}"
        answer = await service.http.request(
            refusal.method, refusal.path or refusal.route, headers=headers, content=refusal.content
        )
        expected = (refusal.status or STATUS[refusal.code], refusal.code)
        assert (answer.status_code, error_of(answer)["code"]) == expected, (refusal.name, answer.text)
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"].startswith("Bearer"), refusal.name


async def test_every_route_of_the_application_is_among_them(service: Service) -> None:
    routes = [route for route in service.app.routes if isinstance(route, Route)]
    assert len(routes) == len(service.app.routes)
    missing = {
        (method, route.path)
        for route in routes
        for method in (route.methods or {"POST"}) - {"HEAD"}
        if not any((refusal.method, refusal.route) == (method, route.path) for refusal in REFUSALS)
        and not any((refusal.route, refusal.status) == (route.path, 405) for refusal in REFUSALS)
    }
    assert missing == set()


async def test_a_method_that_no_route_answers_names_those_it_does(service: Service) -> None:
    for route in service.app.routes:
        assert isinstance(route, Route)
        path = route.path.format(id="zzzzzzzz", agency="a", dataset="b", release="1", job="j")
        answer = await service.http.request("PATCH", path)
        assert (answer.status_code, error_of(answer)["details"]["reason"]) == (405, "method"), path
        assert answer.headers["allow"]


async def test_a_path_that_is_not_there_has_the_same_shape(service: Service) -> None:
    for path in ("/nowhere", "/files/geo", "/api/v1/", "/%00", "/files/geo/countries/1.csv/more"):
        answer = await service.http.get(path)
        assert (answer.status_code, error_of(answer)["code"]) == (404, "NOT_FOUND"), path


async def test_a_slash_too_many_is_not_found_instead_of_sending_the_key_to_another_address(service: Service) -> None:
    """A redirect is built from the Host header and from http, whatever scheme the proxy in front speaks."""
    for path in ("/graphql/", "/api/v1/whoami/", "/catalog.json/"):
        answer = await service.http.get(path)
        assert "location" not in answer.headers, path
        assert (answer.status_code, error_of(answer)["code"]) == (404, "NOT_FOUND"), path


async def test_what_breaks_on_our_side_says_so_in_the_same_shape_and_no_more(
    service: Service, held: dict[str, str]
) -> None:
    """A table that is gone stands for every failure that nobody foresaw."""
    async with service.connections.use() as connection:
        await connection.execute("alter table gsb.job rename to job_gone")
        await connection.execute("alter table released.air__airports__r1 rename to air_gone")
    transport = httpx2.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gsb") as http:
        rest = await http.get("/api/v1/jobs/job_x", headers={"authorization": f"Bearer {held['agency']}"})
        data = await http.post(
            "/graphql",
            content=LOOK_UP,
            headers={"authorization": f"Bearer {held['data']}", **JSON},
        )
    for answer in (rest, data):
        assert (answer.status_code, error_of(answer)["code"]) == (500, "INTERNAL"), answer.text
