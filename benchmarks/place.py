"""Where the bench happens: a database of its own on the engines of the state folder, gone afterwards.

The demo's own database is never written to: its accounts, usage figures and releases stay as they were.
"""

import secrets
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from pydantic import SecretStr

from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.demo.plan import DEMO
from publicgsb.platform.server.demo.prepare import prepare
from publicgsb.platform.server.demo.release import release_all
from publicgsb.platform.server.demo.sources import Say
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.migrate import migrate
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings, load_settings
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.plans import set_plan

LOOKUPS = frozenset({("standards", "countries"), ("aviation", "airports")})
FLIGHTS = frozenset(("transport", name) for name in ("airlines", "planes", "flights")) | {("meteorology", "weather")}
PLAN = "bench"
CONNECTIONS = 8  # that answer queries, in each server
_REDIS_DATABASE = 15  # apart from a running demo, whose first account has the same number as ours
_ENOUGH = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """What the processes of one bench share."""

    connections: Connections
    settings: Settings  # of our server: the bench's database, a pepper of its own
    csv: Path  # the folder of the demo's files
    key: str = field(repr=False)  # of an organisation on the plan `bench`
    application_id: int

    @property
    def database_url(self) -> str:
        assert self.settings.database_url is not None
        return self.settings.database_url.get_secret_value()

    @property
    def redis_url(self) -> str:
        assert self.settings.redis_url is not None
        return self.settings.redis_url.get_secret_value()

    async def registry(self) -> Registry:
        async with self.connections.use() as connection:
            return await load_registry(connection)


@asynccontextmanager
async def place(demo: Settings, datasets: Iterable[tuple[str, str]], say: Say) -> AsyncIterator[Place]:
    """The demo's files of `datasets`, released by its pipeline into a new database, which is dropped at the end."""
    datasets = frozenset(datasets)
    csv = prepare(demo.state_dir, say) if datasets else demo.state_dir
    async with Engines(demo) as engines, _database(engines.database_url) as database_url:
        with tempfile.TemporaryDirectory(prefix="gsb-bench-") as folder:
            settings = load_settings(
                state_dir=Path(folder),
                database_url=SecretStr(database_url),
                redis_url=SecretStr(_numbered(engines.redis_url)),
                pepper=SecretStr(secrets.token_hex(32)),
                reader_connections=CONNECTIONS,
                kept_answers_bytes=0,  # what is measured is answering, not remembering; one row says otherwise
                log_level="warning",
            )
            connections = Connections(database_url, size=4)
            try:
                await migrate(database_url)
                wanted = [one for one in DEMO if (one.agency, one.dataset) in datasets]
                await release_all(connections, settings.state_dir, csv, wanted, say, lambda _: _silent)
                key, application_id = await organisation(connections, settings)
                yield Place(connections, settings, csv, key, application_id)
            finally:
                await connections.close()


async def organisation(connections: Connections, settings: Settings) -> tuple[str, int]:
    """A key whose limits are never reached, got the way a startup gets its own."""
    await set_plan(connections, _plan(), actor="bench")
    made = load_secrets(settings)
    keys = ApiKeys(connections, OwnerTokens(made.signing_key_pem), made.pepper)
    registered = await keys.register("Bench", "bench@publicgsb.example", "Measuring")
    await Organisations(connections).approve(registered.organisation.id, Actor("bench", None), PLAN)
    return registered.key.secret, registered.application.id


def _plan() -> Plan:
    """Every kind of policy that a real plan has, so that each is paid for at each request."""
    points = PolicyUnit.POINTS
    return Plan(
        PLAN,
        (
            Policy("burst", PolicyKind.WINDOW, _ENOUGH, points, window_seconds=10),
            Policy("minute", PolicyKind.WINDOW, _ENOUGH, points, window_seconds=60),
            Policy("month", PolicyKind.PERIOD, _ENOUGH, points, period=Period.MONTH),
            Policy("concurrency", PolicyKind.CONCURRENCY, 64, PolicyUnit.REQUESTS),
            Policy("files_day", PolicyKind.PERIOD, _ENOUGH, PolicyUnit.BYTES, period=Period.DAY),
        ),
    )


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[str]:
    name = f"bench_{secrets.token_hex(4)}"
    await _execute(url, f'create database "{name}" template template0')
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        await _execute(url, f'drop database "{name}" with (force)')


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _numbered(url: str) -> str:
    if url.startswith("unix://"):  # urlunsplit would drop its two slashes
        return f"{url.partition('?')[0]}?db={_REDIS_DATABASE}"
    return urlunsplit(urlsplit(url)._replace(path=f"/{_REDIS_DATABASE}"))


def _silent(*_: object) -> None:
    pass
