"""A stop in order answers what was accepted, and a whole run leaves no secret in its logs."""

import asyncio
import json
import signal
from pathlib import Path

import httpx2
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import keys_of, unlimited
from tests.processes import served, settings_env
from tests.schema.worlds import found

pytestmark = pytest.mark.prove

LOOK_UP = "{ air { airports(first: 5) { nodes { icao departures { nodes { number } } } } } }"


@pytest.fixture
async def world(connections: Connections, state_dir: Path) -> Connections:
    await found(connections, state_dir)
    await unlimited(connections)
    return connections


async def test_sigterm_under_load_answers_every_request_that_was_accepted(
    world: Connections, settings: Settings
) -> None:
    registered = await keys_of(settings, world).register("A startup", "a@example.org", "Trying it")
    headers = {"authorization": f"Bearer {registered.key.secret}"}
    answered = 0
    with served(settings_env(settings)) as server:

        async def ask_until_refused() -> None:
            nonlocal answered
            async with httpx2.AsyncClient(base_url=server.url, timeout=30) as http:
                while True:
                    try:
                        answer = await http.post("/graphql", json={"query": LOOK_UP}, headers=headers)
                    except httpx2.TransportError:
                        return  # the door is closed; had it been let in, its fact would be one too many below
                    assert answer.status_code == 200, answer.text
                    assert len(answer.json()["data"]["air"]["airports"]["nodes"]) == 5
                    answered += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(ask_until_refused())
            while answered < 100:
                await asyncio.sleep(0.01)
            server.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.process.wait, 30) == 0
    async with world.use() as connection:
        noted = await connection.fetchval("select sum(requests)::int from gsb.usage_fact where dataset_id = 0")
    assert noted == answered


async def test_no_key_token_or_pepper_is_in_the_logs_of_a_run(world: Connections, settings: Settings) -> None:
    with served(settings_env(settings, log_level="debug")) as server:
        async with httpx2.AsyncClient(base_url=server.url, timeout=60) as http:
            body = {"name": "A startup", "email": "a@example.org", "purpose": "Trying it"}
            registered = (await http.post("/api/v1/register", json=body)).json()
            key, owner = registered["key"]["secret"], registered["ownerToken"]
            await http.post("/graphql", json={"query": LOOK_UP}, headers={"authorization": f"Bearer {key}"})
            await http.post("/graphql", json={"query": "{ nope }"}, headers={"x-api-key": key})
            await http.post(f"/graphql?key={key}", json={"query": LOOK_UP})
            await http.get(f"/files/air/airports/latest.csv?api_key={key}")
            await http.get("/api/v1/keys", headers={"authorization": f"Bearer {owner}"})
            await http.get("/api/v1/whoami", headers={"authorization": f"Bearer {key[:-1]}"})
    log = server.log_path.read_text()
    assert settings.pepper is not None
    for secret in (key, key[14:40], owner, owner.split(".")[2], settings.pepper.get_secret_value()):
        assert secret not in log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert all({"ts", "level", "message"} <= set(line) for line in lines)
    assert any(line.get("requestId", "").startswith("req_") for line in lines)
