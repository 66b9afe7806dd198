"""GSB_HTTP_PROFILE=draft-2026-08: the newer draft's statuses, the same whatever JSON was negotiated."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import GRAPHQL, Service, running
from tests.schema.worlds import found

LOOK_UP = "query($icao: String!) { air { airport(by: {icao: $icao}) { city } } }"
PARTIAL = '{ air { airport(by: {icao: "OIIE"}) { icao manager } } }'


@pytest.fixture
async def drafted(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found(connections, state_dir)
    async with running(settings.model_copy(update={"http_profile": "draft-2026-08"}), connections) as service:
        yield service


@pytest.mark.parametrize("accept", [GRAPHQL, "application/json"])
async def test_the_draft_tells_unreadable_from_unprocessable_and_partial_from_whole(
    drafted: Service, accept: str
) -> None:
    key = await drafted.data_key()
    cases: list[tuple[Any, int]] = [
        (b"{", 400),
        ({"query": "{"}, 400),
        ({"qeury": "{ x }"}, 422),
        ({"query": LOOK_UP, "variables": [7]}, 422),
        ({"query": "{ nope }"}, 422),
        ({"query": LOOK_UP, "operationName": "Other"}, 422),
        ({"query": LOOK_UP, "variables": {"icao": 7}}, 422),
        ({"query": LOOK_UP}, 422),
        ({"query": "{ air { airports(first: -1) { nodes { icao } } } }"}, 422),
        ({"query": "{ air { airports(first: 1000) { nodes { departures(first: 1000) { nodes { day } } } } } }"}, 400),
        ({"query": LOOK_UP, "variables": {"icao": "OIIE"}}, 200),
        ({"query": PARTIAL}, 294),
    ]
    for body, status in cases:
        headers = {"authorization": f"Bearer {key}", "accept": accept, "content-type": "application/json"}
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = await drafted.http.post("/graphql", headers=headers, **sent)
        assert answer.status_code == status, (body, answer.text)
        media = accept if status < 300 else GRAPHQL
        assert answer.headers["content-type"] == f"{media}; charset=utf-8"
        assert ("data" in answer.json()) is (status < 300)


async def test_identity_size_and_media_type_keep_their_status_in_the_draft(drafted: Service) -> None:
    key = await drafted.data_key()
    auth = {"authorization": f"Bearer {key}"}
    post, url = drafted.http.post, "/graphql"
    assert (await post(url, json={"query": "{ x }"})).status_code == 401
    assert (await post(url, json={"query": "{ x }"}, headers=auth | {"x-api-key": "two"})).status_code == 400
    assert (await post(url, json={"query": "{ x }"}, headers=auth | {"accept": "text/html"})).status_code == 406
    assert (await post(url, content=b"{}", headers=auth | {"content-type": "text/plain"})).status_code == 415
    assert (await post(url, json={"query": " " * 70_000}, headers=auth)).status_code == 413
    assert (await drafted.http.get(url, params={"query": "mutation { x }"}, headers=auth)).status_code == 405
