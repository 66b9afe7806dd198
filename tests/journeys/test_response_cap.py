"""An answer above the operator's limit is refused whole, with a way out, and what was read for it is paid."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.schema.worlds import AIRPORT_ROWS, found, release

LIMIT = 1024
SMALL = "{ air { airports(first: 1) { nodes { icao } } } }"
LARGE = "{ air { airports { nodes { icao country { airports { nodes { icao iata city elevation opened } } } } } } }"
LOOK_UP = "query($c: String!) { geo { country(by: {code: $c}) { airports(first: 100) { nodes { %s } } } } }"
WIDE = LOOK_UP % " ".join(f"a{i}: city b{i}: iata c{i}: icao" for i in range(16))
AIRPORT = " ".join(f"a{i}: city b{i}: iata c{i}: icao" for i in range(16))
FIGURES = " ".join(f"f{i}: sum {{ delay fare number }} g{i}: avg {{ delay fare number }}" for i in range(10))
# What is read otherwise than a page: in one spelling above the limit, in the other below it.
OTHERS = {
    "aggregate": ("{ fly { flightsAggregate(groupBy: [DAY_DAY, NUMBER]) { groups { %s } } } }", FIGURES, "count"),
    "changes": ("{ air { airportsChanges(since: 1) { nodes { after { %s } } } } }", AIRPORT, "icao"),
    "search": ('{ air { airports(search: "تهران") { nodes { %s } } } }', AIRPORT, "icao"),
    "contains": ('{ air { airports(where: {city: {contains: "ران"}}) { nodes { %s } } } }', AIRPORT, "icao"),
}


@pytest.fixture
async def narrow(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found(connections, state_dir)
    async with running(settings.model_copy(update={"response_bytes_max": LIMIT}), connections) as service:
        yield service


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_answer_above_the_limit_is_refused_with_a_way_out_and_paid(narrow: Service, method: str) -> None:
    headers = {"authorization": f"Bearer {await narrow.data_key()}"}
    asked = {"params": {"query": LARGE}} if method == "GET" else {"json": {"query": LARGE}}
    answer = await narrow.http.request(method, "/graphql", headers=headers, **asked)  # type: ignore[arg-type]
    (error,) = answer.json()["errors"]
    extensions = error["extensions"]
    assert (answer.status_code, extensions["code"]) == (400, "QUERY_TOO_COSTLY")
    assert extensions["details"]["reason"] == "response_bytes"
    assert extensions["details"]["bytes"] > extensions["details"]["limit"] == LIMIT
    assert extensions["details"]["points"] >= 1
    assert "first" in extensions["hint"]
    assert "data" not in answer.json()
    assert "etag" not in answer.headers


@pytest.mark.parametrize("kind", OTHERS)
async def test_what_is_no_page_is_measured_too(narrow: Service, state_dir: Path, kind: str) -> None:
    later = AIRPORT_ROWS.replace("3305", "3306").replace("3962", "3963")
    await release(narrow.connections, state_dir, "air/airports", later)
    await narrow.caught_up()
    document, wide, slim = OTHERS[kind]
    key = await narrow.data_key()
    answer = await narrow.ask(key, document % wide)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["details"]["reason"]) == (400, "response_bytes")
    assert "data" not in answer.json()
    assert len(answer.content) < LIMIT
    fitting = await narrow.ask(key, document % slim)
    assert fitting.status_code == 200
    assert fitting.text.count(f'"{slim}"') >= 2  # of the same records


async def test_the_limit_counts_all_root_fields_together(narrow: Service) -> None:
    key = await narrow.data_key()
    one = "air { airports { nodes { icao city elevation } } }"
    aliased = " ".join(f"r{i}: airports {{ nodes {{ icao city elevation }} }}" for i in range(4))
    assert (await narrow.ask(key, f"{{ {one} }}")).status_code == 200
    assert (await narrow.ask(key, f"{{ air {{ {aliased} }} }}")).status_code == 400


async def test_a_look_up_that_is_asked_with_others_is_measured_by_itself(narrow: Service) -> None:
    key = await narrow.data_key()
    answers = {code: await narrow.ask(key, WIDE, {"c": code}) for code in ("IR", "ZZ", "??")}
    assert {code: answer.status_code for code, answer in answers.items()} == {"IR": 400, "ZZ": 200, "??": 200}
    assert answers["ZZ"].json()["data"] == {"geo": {"country": {"airports": {"nodes": []}}}}
    assert answers["??"].json()["data"] == {"geo": {"country": None}}


async def test_points_of_a_refused_answer_are_those_that_were_told(narrow: Service) -> None:
    key = await narrow.data_key()
    await narrow.ask(key, SMALL)
    before = (await narrow.ask(key, SMALL)).json()["extensions"]["cost"]["remaining"]
    points = (await narrow.ask(key, LARGE)).json()["errors"][0]["extensions"]["details"]["points"]
    after = (await narrow.ask(key, SMALL)).json()["extensions"]["cost"]["remaining"]
    assert before - after == points + 1
