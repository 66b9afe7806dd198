"""The explorer's page and its examples; what a person sees in a browser is in test_demo.py."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.portal.explore import ExploreRoutes, bundled
from tests.app import Service
from tests.journeys.tables import held

DATASETS = ("air/airports", "fly/flights", "geo/countries")


def routes_of(service: Service) -> ExploreRoutes:
    route = next(route for route in service.app.routes if getattr(route, "path", "") == "/explore")
    routes: ExploreRoutes = route.endpoint.__self__  # type: ignore[attr-defined]
    return routes


@pytest.fixture
def bundle(service: Service, tmp_path: Path) -> Path:
    """A bundle of three files, whether or not the real one is built here."""
    for name, text in (("entry.js", "import './chunk.js'"), ("chunk.js", "1"), ("entry.css", "a {}")):
        (tmp_path / name).write_text(text)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    routes_of(service).files = bundled(tmp_path)
    return tmp_path


async def examples(service: Service, dataset: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = (
        await service.http.get("/explore/examples.json", params={"dataset": dataset})
    ).json()
    return found


async def answered(service: Service, key: str, example: dict[str, Any]) -> dict[str, Any]:
    answer = (await service.ask(key, example["query"], example.get("variables"))).json()
    assert "errors" not in answer, answer
    ((_, data),) = answer["data"].items()
    ((_, found),) = data.items()
    result: dict[str, Any] = found
    return result


@pytest.mark.usefixtures("bundle")
async def test_the_page_may_load_from_here_only_and_loads_nothing_else(service: Service) -> None:
    page = await service.http.get("/explore")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    allowed = {"'self'", "'none'", "'unsafe-inline'", "data:"}
    assert {source for sources in policy.values() for source in sources.split()} <= allowed
    assert "script-src" not in policy
    assert "connect-src" not in policy
    assert "//" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_files_of_the_bundle_come_compressed_with_a_tag_and_others_are_not_there(
    service: Service, bundle: Path
) -> None:
    for encoding in ("gzip", "identity"):
        headers = {"accept-encoding": encoding}
        first = await service.http.get("/explore/entry.js", headers=headers)
        assert first.text == (bundle / "entry.js").read_text()
        assert first.headers["content-type"].startswith("text/javascript")
        assert first.headers.get("content-encoding", "identity") == encoding
        again = await service.http.get("/explore/entry.js", headers=headers | {"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    for name in ("entry.js.gz", "none.js", "..%2fexplore.py", "%2e%2e/home.css"):
        assert (await service.http.get(f"/explore/{name}")).status_code == 404, name


async def test_before_it_is_built_the_page_says_how_to_and_everything_else_works(
    service: Service, tmp_path: Path
) -> None:
    routes_of(service).files = bundled(tmp_path)
    page = await service.http.get("/explore", headers={"accept": "text/html,*/*"})
    program = await service.http.get("/explore", headers={"accept": "application/json"})
    assert (page.status_code, program.status_code) == (503, 503)
    assert page.text.count("make explorer") == 2
    assert program.json()["details"]["reason"] == "explorer"
    assert (await service.http.get("/")).status_code == 200


async def test_every_dataset_is_in_the_menu(service: Service) -> None:
    found = (await service.http.get("/explore/examples.json")).json()["datasets"]
    assert tuple(one["id"] for one in found) == DATASETS
    assert found[2]["title"] == {"fa": "کشورها", "en": "Countries"}


@pytest.mark.parametrize("dataset", DATASETS)
async def test_each_example_is_answered_as_it_stands(service: Service, key: str, dataset: str) -> None:
    found = await examples(service, dataset)
    assert {"list", "lookUp", "page"} <= set(found)
    listed = await answered(service, key, found["list"])
    assert 0 < len(listed["nodes"]) <= 5
    assert await answered(service, key, found["lookUp"])
    second = await answered(service, key, found["page"])
    first = await answered(service, key, {**found["page"], "variables": {"after": None}})
    assert first["nodes"]
    assert not [node for node in second["nodes"] if node in first["nodes"]]
    assert first["pageInfo"]["endCursor"] == found["page"]["variables"]["after"]


async def test_what_else_a_dataset_can_do_is_answered_as_it_stands(service: Service, key: str) -> None:
    kinds = {dataset: set(await examples(service, dataset)) for dataset in DATASETS}
    assert {dataset for dataset in DATASETS if "aggregate" in kinds[dataset]} == {"air/airports", "fly/flights"}
    for dataset in ("air/airports", "fly/flights"):
        groups = (await answered(service, key, (await examples(service, dataset))["aggregate"]))["groups"]
        assert groups[0]["count"] >= groups[-1]["count"] > 0


async def test_the_list_follows_a_link(service: Service) -> None:
    assert "country {" in (await examples(service, "air/airports"))["list"]["query"]
    assert "originAirport {" in (await examples(service, "fly/flights"))["list"]["query"]


@pytest.mark.parametrize(("dataset", "status"), [("air/none", 404), ("air", 400), ("", 400)])
async def test_examples_of_what_is_no_dataset_are_refused(service: Service, dataset: str, status: int) -> None:
    answer = await service.http.get("/explore/examples.json", params={"dataset": dataset})
    assert answer.status_code == status


async def test_examples_have_no_values_while_the_database_gives_none(
    service: Service, connections: Connections
) -> None:
    async with held(connections, "geo", "countries"):
        found = await examples(service, "geo/countries")
    assert found["lookUp"]["variables"] == {"code": None}
    assert found["page"]["variables"] == {"after": None}
