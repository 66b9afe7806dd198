"""Real engines for every test: started by the first worker, shared, stopped and removed by the last."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import hypothesis
import pytest
import redis
from pydantic import SecretStr

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.engines.home import SYSTEM_FOLDER
from publicgsb.platform.server.migrate import migrate, migrations
from publicgsb.platform.server.settings import Settings, load_settings
from tests.patience import PATIENT

pytest_plugins = ["tests.sql_audit", "tests.oracle_tally", "tests.groups"]

_ROOT = Path(__file__).resolve().parent.parent
_TEMPLATE_LOCK = 0x67736201
_REDIS_DATABASES = 1024

T = TypeVar("T")

# In memory, where there is room: each test makes and drops a database, so hundreds of files, and ext4 then spends a
# quarter of both cores on looking for inodes that were not deleted lately (perf: recently_deleted under ext4_create).
_IN_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 * 1024**3

# How long an example takes says something of the machine only, and is no reason to fail on a busy one.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes and long texts may hold what is drawn anew in each process, and parallel runs need the same names."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > 30) else None


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """GSB_DATABASE_URL and GSB_REDIS_URL are honoured: `CREATE DATABASE` is needed there."""
    settings = load_settings(state_dir=_ROOT / ".gsb" / "tests")
    with Engines(settings, system_folder=_system_folder(), is_temporary=True) as engines:
        yield engines


@pytest.fixture(scope="session")
def template(engines: Engines) -> str:
    """The name of a migrated database to clone; made once for each state of the migrations."""
    return migrated_template(engines.database_url)


@pytest.fixture
def database_url(engines: Engines, template: str) -> Iterator[str]:
    """A fresh migrated database of one's own, gone afterwards."""
    with own_database(engines.database_url, template) as url:
        yield url


@pytest.fixture
def empty_database_url(engines: Engines) -> Iterator[str]:
    """A database of one's own without any migration."""
    name = f"test_{uuid4().hex}"
    _apart(_execute(engines.database_url, f'create database "{name}" template template0'))
    yield _named(engines.database_url, name)
    _apart(_execute(engines.database_url, f'drop database "{name}" with (force)'))


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[Connections]:
    connections = Connections(database_url, size=8)
    yield connections
    await connections.close()


@pytest.fixture
def redis_url(engines: Engines) -> Iterator[str]:
    """An empty logical database that no other running test has, emptied again afterwards."""
    with redis.Redis.from_url(_numbered(engines.redis_url, 0)) as register:
        taken = f"tests:{uuid4().hex}"
        for number in range(1, _REDIS_DATABASES):
            if register.set(f"tests:database:{number}", taken, nx=True, ex=3600):
                break
        else:
            raise RuntimeError("every Redis database is taken by a test")
        url = _numbered(engines.redis_url, number)
        with redis.Redis.from_url(url) as own:
            own.flushdb()
            yield url
            own.flushdb()
        register.delete(f"tests:database:{number}")


@pytest.fixture
def state_dir() -> Iterator[Path]:
    """A private folder with a short path: unix sockets in it must fit into 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="gsb") as folder:
        yield Path(folder)


@pytest.fixture
def settings(database_url: str, redis_url: str, state_dir: Path) -> Settings:
    """For the whole application in one process."""
    return load_settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        state_dir=state_dir,
        pepper=SecretStr("tests-only " * 4),
        **PATIENT,
    )


def _system_folder() -> Path:
    """Where engines keep their data when tests run as root; others keep it in the state folder."""
    if not _IN_MEMORY.is_mount():
        return SYSTEM_FOLDER
    mount = os.statvfs(_IN_MEMORY)
    is_fit = not mount.f_flag & os.ST_NOEXEC and mount.f_bavail * mount.f_frsize >= _ROOM_BYTES
    return _IN_MEMORY / "publicgsb-tests" if is_fit else SYSTEM_FOLDER


def migrated_template(url: str) -> str:
    """The name of a migrated database on the server of `url`, to clone with `own_database`."""
    return _apart(_make_template(url))


@contextmanager
def own_database(url: str, template: str) -> Iterator[str]:
    """A clone of `template` on the server of `url`, gone at the end of the block."""
    name = f"test_{uuid4().hex}"
    _apart(_execute(url, f'create database "{name}" template "{template}"'))
    try:
        yield _named(url, name)
    finally:
        _apart(_execute(url, f'drop database "{name}" with (force)'))


def _apart(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a loop of its own, so that these fixtures serve plain and async tests alike."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _make_template(url: str) -> str:
    digest = hashlib.sha256("".join(one.name + one.sha256 for one in migrations()).encode()).hexdigest()
    name = f"template_{digest[:16]}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("select pg_advisory_lock($1)", _TEMPLATE_LOCK)
        if not await connection.fetchval("select exists (select from pg_database where datname = $1)", name):
            draft = f"{name}_draft"
            await connection.execute(f'drop database if exists "{draft}" with (force)')
            await connection.execute(f'create database "{draft}" template template0')
            await migrate(_named(url, draft))
            await connection.execute(f'alter database "{draft}" rename to "{name}"')
    finally:
        await connection.close()
    return name


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _named(url: str, database: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


def _numbered(url: str, number: int) -> str:
    if url.startswith("unix://"):  # urlunsplit would drop its two slashes
        return f"{url.partition('?')[0]}?db={number}"
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))
