"""What served workers send to the database is audited as what a test's own process sends."""

from pathlib import Path

import httpx2

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import keys_of
from tests.processes import served, settings_env
from tests.schema.worlds import found
from tests.sql_audit import RECORDER


async def test_a_statement_that_only_a_served_worker_makes_is_parsed(
    settings: Settings, connections: Connections, state_dir: Path
) -> None:
    await found(connections, state_dir)
    key = (await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")).key.secret
    odd = " ".join(f'a{number}: airport(by: {{icao: "OIIE"}}) {{ city }}' for number in range(9))
    with served(settings_env(settings)) as server:
        body = {"query": f"{{ air {{ {odd} }} }}"}
        answer = httpx2.post(f"{server.url}/graphql", json=body, headers={"authorization": f"Bearer {key}"}, timeout=60)
    assert answer.json()["data"]["air"]["a8"] == {"city": "تهران"}
    before = set(RECORDER.shapes)
    assert RECORDER.verdict() == []
    assert RECORDER.shapes - before <= RECORDER.elsewhere
    assert any(shape.count("::text as o0") for shape in RECORDER.elsewhere)
