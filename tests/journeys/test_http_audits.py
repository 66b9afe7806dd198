"""The 61 audits of GraphQL over HTTP by npm `graphql-http`, against `gsb serve` with a key."""

from pathlib import Path

import anyio.to_thread
import pytest

from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from tests.node_tools import run_node
from tests.processes import served, settings_env
from tests.schema.worlds import found


@pytest.mark.prove
async def test_all_61_audits_are_ok_without_a_warning(
    settings: Settings, connections: Connections, state_dir: Path
) -> None:
    await found(connections, state_dir)
    secrets = load_secrets(settings)
    keys = ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.pepper)
    key = (await keys.register("A startup", "a@example.org", "Audits")).key.secret

    def audited() -> list[dict[str, str]]:
        with served(settings_env(settings)) as server:
            found: list[dict[str, str]] = run_node("audit.js", f"{server.url}/graphql", key)
            return found

    results = await anyio.to_thread.run_sync(audited)
    assert [one for one in results if one["status"] != "ok"] == []
    assert len(results) == 61
