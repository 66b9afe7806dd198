"""What a browser lets a page of another site do, as the headers tell it: ask with a token, and never with a key."""

import httpx2
import pytest

from tests.app import GRAPHQL, Service
from tests.journeys.plain import endpoint, long_way, request, short_way
from tests.journeys.test_tokens import token_of

PAGE = "https://a-startup.example"
DOCUMENT = "{ air { airports(first: 1) { nodes { icao } } } }"
OPEN = "access-control-allow-origin"


async def preflight(service: Service, path: str = "/graphql", **headers: str) -> httpx2.Response:
    asked = {"origin": PAGE, "access-control-request-method": "POST"}
    asked |= {name.replace("_", "-"): value for name, value in headers.items()}
    return await service.http.request("OPTIONS", path, headers=asked)


async def ask(service: Service, credential: str, document: str = DOCUMENT, **headers: str) -> httpx2.Response:
    sent = {"origin": PAGE, "accept": GRAPHQL, "authorization": f"Bearer {credential}"} | headers
    return await service.http.post("/graphql", json={"query": document}, headers=sent)


def allowed(answer: httpx2.Response) -> set[str]:
    return {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}


async def test_a_preflight_is_answered_free_and_lets_no_api_key_header_through(service: Service) -> None:
    answer = await preflight(service, access_control_request_headers="authorization,content-type")
    assert (answer.status_code, answer.content, answer.headers[OPEN]) == (204, b"", "*")
    assert {"authorization", "content-type", "prefer", "if-none-match", "gsb-datasets"} == allowed(answer)
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["x-request-id"].startswith("req_")
    assert "access-control-allow-credentials" not in answer.headers
    assert "ratelimit" not in answer.headers


async def test_a_preflight_says_the_same_whatever_it_announces(service: Service, key: str) -> None:
    """Nothing in it tells a key from a token, so nothing may depend on it; a key that is sent along changes nothing."""
    plain = await preflight(service)
    for more in ({"access_control_request_headers": "x-api-key"}, {"authorization": f"Bearer {key}"}):
        answer = await preflight(service, **more)
        same = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
        assert same == {name: value for name, value in plain.headers.items() if name != "x-request-id"}
        assert "x-api-key" not in allowed(answer)
        assert "*" not in allowed(answer)


async def test_the_answer_to_a_token_is_open_to_the_page_and_says_what_it_may_read(service: Service, key: str) -> None:
    token = await token_of(service, key)
    by_get = await service.http.get(
        "/graphql", params={"query": DOCUMENT}, headers={"origin": PAGE, "authorization": f"Bearer {token}"}
    )
    for answer in (await ask(service, token), by_get):
        assert (answer.status_code, answer.headers[OPEN]) == (200, "*")
        assert "access-control-allow-credentials" not in answer.headers
        exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
        assert {
            "deprecation",
            "sunset",
            "link",
            "ratelimit",
            "retry-after",
            "x-request-id",
            "gsb-signature",
            "etag",
        } <= exposed


async def test_the_answer_to_a_key_stays_closed_however_it_is_sent(service: Service, key: str) -> None:
    for headers in ({"authorization": f"Bearer {key}"}, {"x-api-key": key}):
        answer = await service.http.post("/graphql", json={"query": DOCUMENT}, headers={"origin": PAGE, **headers})
        assert answer.status_code == 200  # a program that happens to send an Origin is answered as ever
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_page_can_read_why_its_token_is_refused(service: Service, key: str) -> None:
    token = await token_of(service, key)
    for credential, document, status in ((token[:-4] + "AAAA", DOCUMENT, 401), (token, "{ nothing }", 400)):
        answer = await ask(service, credential, document)
        assert (answer.status_code, answer.headers[OPEN]) == (status, "*")
    for credential in (key[:-1], "nonsense"):
        refused = await ask(service, credential)
        assert (refused.status_code, OPEN in refused.headers) == (401, False)


async def test_a_page_can_read_a_refusal_from_before_its_token_is_looked_at(service: Service, key: str) -> None:
    """Of a full worker, too: a page that cannot read it would ask again at once."""
    token = await token_of(service, key)
    answers = [await ask(service, credential, accept="text/html") for credential in (token, key, "a, b")]
    assert [answer.status_code for answer in answers] == [406] * 3
    assert [OPEN in answer.headers for answer in answers] == [True, False, False]


async def test_without_an_origin_nothing_is_said_of_origins(service: Service, key: str) -> None:
    answer = await service.ask(await token_of(service, key), DOCUMENT)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_what_comes_from_a_page_goes_the_long_way_which_says_all_of_this(service: Service, key: str) -> None:
    token = await token_of(service, key)
    await long_way(service, token, 3)
    assert await short_way(service, request(token)) is not None
    assert endpoint(service).again(request(token, origin=PAGE)) is None
    again = await long_way(service, token, 3, origin=PAGE)
    assert again.headers[OPEN] == "*"


@pytest.mark.parametrize("path", ["/api/v1/auth/token", "/api/v1/keys", "/api/v1/register", "/api/v1/whoami"])
async def test_no_other_route_answers_a_page(service: Service, key: str, path: str) -> None:
    asked = await preflight(service, path)
    assert (asked.status_code, OPEN in asked.headers) == (405, False)
    answer = await service.http.post(path, headers={"origin": PAGE, "authorization": f"Bearer {key}"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_any_other_options_is_refused_like_any_other_method(service: Service) -> None:
    answer = await service.http.request("OPTIONS", "/graphql", headers={"origin": PAGE})
    assert answer.status_code == 405
