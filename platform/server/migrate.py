"""Dated, forward-only SQL files, each applied once in its own transaction, by one process at a time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Conflict, Unavailable
from publicgsb.platform.server.checks import check_server, check_trigrams, connect_for_checks

_LOCK = 0x67736200  # "gsb\0": whoever migrates this database holds it
# Written with its schema: "$user" comes first in search_path, and a user may be named like our schema gsb.
_TABLE = """
create table if not exists public.gsb_migrations (
  name text primary key,
  sha256 text not null,
  applied_at timestamptz not null default now()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations() -> tuple[Migration, ...]:
    """Every migration of this version, in order of name."""
    folder = files("publicgsb.platform.server") / "migrations"
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return tuple(
        Migration(file.name, file.read_text(encoding="utf-8")) for file in sorted(found, key=lambda file: file.name)
    )


async def migrate(database_url: str, available: Sequence[Migration] | None = None) -> list[str]:
    """Bring the database to this version and check that it can serve; returns the names that were applied."""
    wanted = migrations() if available is None else available
    connection = await connect_for_checks(database_url)
    try:
        await check_server(connection)
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        applied = [one.name for one in await _pending(connection, wanted) if await _apply(connection, one)]
        await check_trigrams(connection)
        return applied
    finally:
        await connection.close()


async def pending(database_url: str) -> list[str]:
    """The names that `migrate` would apply; changes nothing."""
    connection = await connect_for_checks(database_url)
    try:
        if await connection.fetchval("select to_regclass('public.gsb_migrations')") is None:
            return [one.name for one in migrations()]
        return [one.name for one in await _pending(connection, migrations())]
    finally:
        await connection.close()


async def _pending(connection: Connection, available: Sequence[Migration]) -> list[Migration]:
    rows = await connection.fetch("select name, sha256 from public.gsb_migrations")
    applied = {row["name"]: row["sha256"] for row in rows}
    for one in available:
        if applied.get(one.name, one.sha256) != one.sha256:
            raise Conflict(
                f"The migration {one.name} was applied to this database with another content.",
                hint="A migration is never edited once it is released: write a new one.",
                reason="migration_changed",
            )
    return [one for one in available if one.name not in applied]


async def _apply(connection: Connection, migration: Migration) -> bool:
    try:
        async with connection.transaction():
            # A migration that cannot have its lock gives up rather than queue every request behind itself.
            await connection.execute("set local lock_timeout = '5s'; set local statement_timeout = '10min'")
            await connection.execute(migration.text)
            await connection.execute(
                "insert into public.gsb_migrations (name, sha256) values ($1, $2)",
                migration.name,
                migration.sha256,
            )
    except asyncpg.LockNotAvailableError as error:
        raise Unavailable(
            f"The migration {migration.name} did not get its lock within 5 s; nothing was changed.",
            hint="Try again when no long statement runs.",
            reason="migration_lock",
        ) from error
    except asyncpg.PostgresError as error:
        raise Conflict(
            f"The migration {migration.name} failed and was taken back: {error}", reason="migration_failed"
        ) from error
    return True
