"""An engine dies under load: only 503 with Retry-After, recovery without a hand, and not one point lost or invented."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from pydantic import SecretStr

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.migrate import migrate
from publicgsb.platform.server.parts import SPOOL_FOLDER
from publicgsb.platform.server.settings import load_settings
from publicgsb.quotas.spool import replay
from tests.journeys.asking import under_load, until
from tests.journeys.load import keys_of, unlimited
from tests.patience import PATIENT
from tests.processes import served, settings_env
from tests.schema.worlds import found

pytestmark = pytest.mark.prove


@pytest.mark.parametrize("engine", ["_postgres", "_valkey"])
async def test_a_database_that_dies_under_load_costs_503_and_a_redis_that_dies_costs_nothing(engine: str) -> None:
    with tempfile.TemporaryDirectory(prefix="gsb") as folder:
        state_dir = Path(folder) / "state"
        with Engines(load_settings(state_dir=state_dir), is_temporary=True) as engines:
            await migrate(engines.database_url)
            settings = load_settings(
                state_dir=state_dir,
                database_url=SecretStr(engines.database_url),
                redis_url=SecretStr(engines.redis_url),
                pepper=SecretStr("tests-only " * 4),
                **PATIENT,
            )
            connections = Connections(engines.database_url, size=4)
            await found(connections, state_dir)
            await unlimited(connections)
            registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
            victim, is_database = getattr(engines, engine), engine == "_postgres"
            with served(settings_env(settings)) as server:
                async with under_load(server.url, registered.key.secret) as asking:
                    for _ in range(2):
                        await asyncio.to_thread(victim.stop)
                        asking.mark()
                        await until(lambda: (asking.refused_since if is_database else asking.answered_since) > 10)
                        await asyncio.to_thread(victim.start)
                        asking.mark()
                        await until(lambda: asking.answered_since > 50)
            assert set(asking.statuses) == ({200, 503} if is_database else {200})
            await replay(state_dir / SPOOL_FOLDER, connections)  # as the next process does with what is on the disk
            async with connections.use() as connection:
                noted = await connection.fetchval("select sum(points)::int from gsb.usage_fact where dataset_id = 0")
                account = await connection.fetchrow(
                    "select used::int, allotted::int from gsb.quota_account where policy = 'month'"
                )
            await connections.close()
    assert noted == asking.points
    assert account is not None
    assert asking.points <= account["used"] <= account["allotted"]
