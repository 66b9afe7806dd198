"""Other people's tools against `gsb serve` with a key: the audits of GraphQL over HTTP, and a client that hashes."""

from collections.abc import Iterator
from pathlib import Path

import anyio.from_thread
import httpx2
import pytest

from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from tests.node_tools import run_node
from tests.processes import Server, served, settings_env
from tests.schema.worlds import found

pytestmark = pytest.mark.prove


@pytest.fixture
def key(settings: Settings, state_dir: Path) -> str:
    """Of a startup, for the small world of tests/schema/worlds.py."""

    async def make() -> str:
        assert settings.database_url is not None
        connections = Connections(settings.database_url.get_secret_value(), size=4)
        await found(connections, state_dir)
        secrets = load_secrets(settings)
        keys = ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.pepper)
        registered = await keys.register("A startup", "a@example.org", "Audits")
        await connections.close()
        return registered.key.secret

    with anyio.from_thread.start_blocking_portal() as portal:
        return portal.call(make)


@pytest.fixture
def server(settings: Settings, key: str) -> Iterator[Server]:
    with served(settings_env(settings)) as server:
        yield server


def test_all_61_audits_are_ok_without_a_warning(server: Server, key: str) -> None:
    results = run_node("audit.js", f"{server.url}/graphql", key)
    assert [one for one in results if one["status"] != "ok"] == []
    assert len(results) == 61


def test_apollo_client_sends_a_document_once_and_then_its_hash(server: Server, key: str) -> None:
    query = 'query City { air { airport(by: {icao: "OIIE"}) { city } } }'
    told = run_node("apollo.js", f"{server.url}/graphql", key, query)
    assert [answer["air"]["airport"]["city"] for answer in told["answers"]] == ["تهران", "تهران"]
    hashed, texted, hashed_again = told["sent"]
    assert (hashed["method"], hashed["withText"]) == ("GET", False)
    assert (texted["method"], texted["withText"], texted["status"]) == ("POST", True, 200)
    assert (hashed_again["method"], hashed_again["withText"], hashed_again["status"]) == ("GET", False, 200)


def test_what_a_server_may_send_without_a_body_keeps_the_connection_whole(server: Server, key: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    params = {"query": '{ air { airport(by: {icao: "OIIE"}) { city } } }'}
    with httpx2.Client(base_url=server.url, headers=headers, timeout=60) as client:
        first = client.get("/graphql", params=params)
        kept = {"if-none-match": first.headers["etag"]}
        statuses = []
        for _ in range(2):
            statuses.append(client.get("/graphql", params=params, headers=kept).status_code)
            statuses.append(client.head("/graphql", params=params).status_code)
            assert client.get("/graphql", params=params).content == first.content
    assert statuses == [304, 200, 304, 200]


def test_the_drafts_own_status_leaves_the_server_as_it_is(settings: Settings, key: str) -> None:
    partial = '{ air { airport(by: {icao: "OIIE"}) { icao manager } } }'
    with served(settings_env(settings, http_profile="draft-2026-08")) as server:
        answer = httpx2.post(
            f"{server.url}/graphql", json={"query": partial}, headers={"authorization": f"Bearer {key}"}, timeout=60
        )
    assert (answer.status_code, answer.json()["data"]["air"]["airport"]["icao"]) == (294, "OIIE")
