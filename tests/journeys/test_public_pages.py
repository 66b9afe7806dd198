"""What anybody may read: pages that are cheap to ask again, prices for people and programs, no door for browsers."""

import httpx2
import pytest
from graphql import build_schema

from tests.app import Service
from tests.journeys.test_error_shape import routes_of

PAGES = (
    "/",
    "/schema.graphql",
    "/catalog.json",
    "/files/geo/countries/latest.csv",
    "/schema.graphql?datasets=geo/countries",
)

KEY_SET = "/.well-known/jwks.json"


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_answered_once_and_then_with_304_until_it_changes(service: Service, path: str) -> None:
    first = await service.http.get(path)
    assert first.status_code == 200
    assert "no-cache" in first.headers["cache-control"]
    again = await service.http.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = await service.http.get(path, headers={"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("path", PAGES)
async def test_a_tag_in_a_list_or_made_weak_by_a_proxy_is_known_too(service: Service, path: str) -> None:
    """RFC 9110, 13.1.2: If-None-Match is a list and compares weakly; nginx makes tags weak when it compresses."""
    etag = (await service.http.get(path)).headers["etag"]
    for sent in (f"W/{etag}", f'"other", {etag}', "*"):
        assert (await service.http.get(path, headers={"if-none-match": sent})).status_code == 304, sent


async def test_the_pages_show_what_is_released(service: Service) -> None:
    home, sdl, catalogue = [(await service.http.get(path)).text for path in PAGES[:3]]
    assert "جغرافیا" in home
    assert "Geography" in home
    assert {"AirAirport", "GeoCountry", "FlyFlight"} <= set(build_schema(sdl, assume_valid=True).type_map)
    assert all(name in catalogue for name in ("countries", "airports", "flights"))


async def test_no_answer_to_a_key_opens_the_service_to_pages_of_other_sites(service: Service, key: str) -> None:
    """Only the key set is everybody's, and only a token may be sent from elsewhere: a preflight cannot tell which."""
    headers = {"origin": "https://evil.example", "authorization": f"Bearer {key}"}
    asking = headers | {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    for method, path in routes_of(service):
        if path == KEY_SET:
            continue
        answers = [await service.http.request(method, path, headers=headers)]
        if path != "/graphql":
            answers.append(await service.http.options(path, headers=asking))
        for answer in answers:
            assert not [name for name in answer.headers if name.startswith("access-control-")], path


async def test_metrics_are_for_this_machine_only(service: Service) -> None:
    here = await service.http.get("/metrics")
    assert here.status_code == 200
    assert "gsb_rest_requests" in here.text
    proxied = await service.http.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"})
    far = httpx2.ASGITransport(service.app, client=("192.0.2.1", 50000))
    async with httpx2.AsyncClient(transport=far, base_url="http://gsb") as http:
        elsewhere = await http.get("/metrics")
    assert (proxied.status_code, elsewhere.status_code) == (404, 404)
    assert (proxied.json()["code"], elsewhere.json()["code"]) == ("NOT_FOUND", "NOT_FOUND")


async def test_prices_are_a_page_for_browsers_and_json_for_programs(service: Service) -> None:
    page = await service.http.get("/pricing", headers={"accept": "text/html,application/xhtml+xml"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["vary"] == "accept"
    assert "registered_use" in page.text
    program = await service.http.get("/pricing")
    assert len(program.json()["prices"]) == page.text.count('<tr><td class="amount">') / 2
