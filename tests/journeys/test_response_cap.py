"""An answer above the operator's limit is refused whole, with a way out, and what was read for it is paid."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.schema.worlds import found

LIMIT = 1024
SMALL = "{ air { airports(first: 1) { nodes { icao } } } }"
LARGE = "{ air { airports { nodes { icao country { airports { nodes { icao iata city elevation opened } } } } } } }"
LOOK_UP = "query($c: String!) { geo { country(by: {code: $c}) { airports(first: 100) { nodes { %s } } } } }"
WIDE = LOOK_UP % " ".join(f"a{i}: city b{i}: iata c{i}: icao" for i in range(16))


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
