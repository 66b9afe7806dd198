"""Every route says what is wrong in the same words: a stable code, a sentence, and the request's id in two places."""

from typing import Any

import httpx2
import pytest
from starlette.routing import Route

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import ERRORS, GsbError
from publicgsb.platform.server.requests import DATA_PATH
from tests.app import Service
from tests.journeys.tables import table_of

CLASSES: dict[str, type[GsbError]] = {one.code: one for one in ERRORS}
ROUTES = 20  # what the application has today; a lower count means that the walk below misses some


def routes_of(service: Service) -> list[tuple[str, str]]:
    """Every path and method of the application, with a place for each parameter that nothing has."""
    found = []
    for route in service.app.routes:
        assert isinstance(route, Route), "a mounted application would answer in words of its own"
        path = route.path
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", "none")
        found += [(method, path) for method in sorted(route.methods or {"POST"}) if method != "HEAD"]
    return found


def check(answer: httpx2.Response) -> None:
    """One shape for all: RFC 9457 on REST, `extensions` on GraphQL."""
    body: dict[str, Any] = answer.json()
    name = answer.headers["x-request-id"]
    assert name.startswith("req_")
    if answer.url.path == DATA_PATH:
        (error,) = body["errors"]
        sentence, said = error["message"], error["extensions"]
        assert set(said) <= {"code", "requestId", "hint", "details"}
    else:
        sentence, said = body["detail"], body
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(body) <= {"type", "title", "status", "detail", "code", "hint", "details", "requestId"}
        assert (body["status"], body["title"]) == (answer.status_code, CLASSES[body["code"]].meaning)
    assert said["requestId"] == name
    assert sentence.endswith((".", "?", ":")) or " " in sentence
    is_transport = said["code"] == "INVALID_REQUEST" and answer.status_code in (405, 406, 413, 414, 415)
    assert is_transport or answer.status_code == CLASSES[said["code"]].status
    assert not any(word in answer.text for word in ("Traceback", "select ", "asyncpg", "released."))


async def test_every_route_refuses_another_method_in_the_same_shape(service: Service) -> None:
    walked = routes_of(service)
    for _, path in walked:
        answer = await service.http.request("PROPFIND", path)
        assert (answer.status_code, answer.json().get("code", "INVALID_REQUEST")) == (405, "INVALID_REQUEST"), path
        assert answer.headers["allow"], path
        check(answer)
    assert len(walked) >= ROUTES, walked


async def test_every_route_refuses_an_unknown_credential_and_an_empty_body_in_the_same_shape(service: Service) -> None:
    refused = 0
    for method, path in routes_of(service):
        answer = await service.http.request(method, path, headers={"authorization": "Bearer nonsense"})
        if answer.status_code < 400:
            assert method == "GET", path  # a page that asks for no key
            assert answer.headers["x-request-id"].startswith("req_"), path
            continue
        refused += 1
        check(answer)
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"].startswith("Bearer"), path
    assert refused >= ROUTES // 2


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/graphql/", "/files/a/b/c.txt", "/%00", "/../x"])
async def test_an_unknown_path_has_the_same_shape(service: Service, path: str) -> None:
    answer = await service.http.get(path)
    assert answer.status_code == 404
    check(answer)


async def test_what_breaks_inside_is_told_as_internal_with_an_id_and_nothing_else(
    service: Service, key: str, connections: Connections
) -> None:
    """Somebody has taken away what no release and no migration ever does."""
    async with connections.use() as connection:
        table = await table_of(connection, "geo", "countries")
        await connection.execute(f'drop table released."{table}"; alter table gsb.organisation drop column purpose')
    transport = httpx2.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gsb") as http:
        document = {"query": "{ geo { countries { nodes { code } } } }"}
        data = await http.post("/graphql", json=document, headers={"authorization": f"Bearer {key}"})
        body = {"name": "A startup", "email": "a@example.org", "purpose": "Trying it"}
        rest = await http.post("/api/v1/register", json=body)
    for answer in (data, rest):
        assert answer.status_code == 500
        assert not any(word in answer.text for word in (table, "purpose", "does not exist", "Undefined"))
        check(answer)
