"""Engines that an operator gives us: what is promised holds on the oldest Redis and on the distribution's own."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
import redis
from tests.platform.engines.programs import REDIS_PROGRAMS, postgres_of_debian
from tests.redis_server import PROGRAM, OwnRedis

from publicgsb.platform.server.engines.home import find_home
from publicgsb.platform.server.engines.postgres import Postgres

pytestmark = pytest.mark.prove

ROOT = Path(__file__).resolve().parents[3]
MINUTES_15 = 900

# Everything that runs a script in Redis: windows, epochs and their losses, the guard, and a whole service above it.
ON_REDIS = [
    "tests/quotas/test_windows.py",
    "tests/quotas/epochs",
    "tests/quotas/edge",
    "tests/quotas/test_guard.py",
    "tests/quotas/test_purse.py",
    "tests/journeys/test_main_job.py",
]
# ... and what becomes of them with replicas and in a cluster.
ON_MANY_REDIS = ["tests/quotas/epochs/test_replicas.py", "tests/quotas/epochs/test_cluster.py"]
# Migrations, releases, questions, keys and their revocation, ledgers, windows in rows, usage, the audit, a service.
ON_POSTGRES = [
    "tests/platform/test_migrate.py",
    "tests/platform/test_checks.py",
    "tests/datasets/releases",
    "tests/schema/sql/test_aggregates.py",
    "tests/schema/sql/test_changes.py",
    "tests/schema/sql/test_links.py",
    "tests/schema/sql/test_near.py",
    "tests/schema/sql/test_prepare.py",
    "tests/schema/sql/test_search.py",
    "tests/apikeys/test_service.py",
    "tests/quotas/test_sql.py",
    "tests/quotas/test_leases.py",
    "tests/quotas/test_windows.py",
    "tests/quotas/epochs",
    "tests/quotas/test_metering.py",
    "tests/platform/test_audit.py",
    "tests/journeys/test_main_job.py",
    "tests/journeys/test_revocation.py",
]


@pytest.fixture
def debian_postgres(base: Path) -> Iterator[str]:
    """The URL of a PostgreSQL of the distribution, as its own user when we are root; gone at the end."""
    home = find_home(base / "state", base)
    home.make()
    postgres = Postgres(home, postgres_of_debian(home.owner), is_durable=False)
    postgres.start()
    yield postgres.url
    postgres.stop()
    home.remove()


@pytest.mark.parametrize("program", REDIS_PROGRAMS)
def test_windows_epochs_and_the_guard_hold_on(program: Callable[[], Path], state_dir: Path) -> None:
    found = program()
    with OwnRedis(state_dir, found, databases=1024) as server, redis.Redis.from_url(server.url) as client:
        assert _passed(ON_REDIS, GSB_REDIS_URL=server.url, **{PROGRAM: str(found)}) > 60
        assert client.info("commandstats")["cmdstat_evalsha"]["calls"] > 100
    assert _passed(ON_MANY_REDIS, "prove", **{PROGRAM: str(found)}) == 10


async def test_releases_questions_keys_and_quotas_hold_on_the_distributions_postgres(debian_postgres: str) -> None:
    assert _passed(ON_POSTGRES, GSB_DATABASE_URL=debian_postgres) > 100
    connection = await asyncpg.connect(debian_postgres)
    assert await connection.fetchval("select count(*) > 1 from pg_database where datname like 'template%'")
    await connection.close()


def _passed(files: list[str], marked: str = "not prove", **given: str) -> int:
    """How many tests of `files` pass with these engines; that none fails is asserted."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GSB_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "-m", marked, "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        env=environment | given,
        capture_output=True,
        text=True,
        timeout=MINUTES_15,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    summary = re.search(r"(\d+) passed", done.stdout)
    assert summary is not None
    return int(summary[1])
