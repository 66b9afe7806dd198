"""A PostgreSQL and a streaming replica of it, both of the embedded programs, made for one use and removed after it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from publicgsb.platform.server.engines.binaries import postgres_programs
from publicgsb.platform.server.engines.home import Home, find_home
from publicgsb.platform.server.engines.postgres import Postgres
from publicgsb.platform.server.engines.processes import run

_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers; the second shows what the first committed, a moment later or when it is told to."""

    primary_url: str = field(repr=False)
    replica_url: str = field(repr=False)

    async def pause(self) -> None:
        """From now on the replica shows nothing new."""
        await self._on_replica("select pg_wal_replay_pause()")
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while await self._on_replica("select pg_get_wal_replay_pause_state()") != "paused":  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def resume(self) -> None:
        await self._on_replica("select pg_wal_replay_resume()")

    async def caught_up(self) -> None:
        """Until the replica shows all that the primary has committed by now."""
        connection = await asyncpg.connect(self.primary_url)
        try:
            written = await connection.fetchval("select pg_current_wal_lsn()::text")
        finally:
            await connection.close()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not await self._on_replica(f"select pg_last_wal_replay_lsn() >= '{written}'"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def _on_replica(self, statement: str) -> object:
        connection = await asyncpg.connect(self.replica_url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def replicated(folder: Path) -> AsyncIterator[Pair]:
    """`folder` only names the two: as root they live where embedded engines do."""
    primary_home, replica_home = find_home(folder / "primary"), find_home(folder / "replica")
    programs = await asyncio.to_thread(postgres_programs, primary_home.owner)
    primary = Postgres(primary_home, programs, is_durable=False)
    replica = Postgres(replica_home, programs, is_durable=False)
    try:
        primary_home.make()
        await asyncio.to_thread(primary.start)
        await _let_replicate(primary, primary_home)
        replica_home.make()
        await asyncio.to_thread(_base_backup, primary_home, replica_home, programs)
        await asyncio.to_thread(replica.start)
        yield Pair(primary.url, replica.url)
    finally:
        for server, home in ((replica, replica_home), (primary, primary_home)):
            await asyncio.to_thread(server.stop)
            home.remove()


async def _let_replicate(primary: Postgres, home: Home) -> None:
    """The embedded server keeps no more WAL than a restart needs; a replica needs more, and a line in pg_hba.conf."""
    connection = await asyncpg.connect(primary.url)
    try:
        await connection.execute("alter system set wal_level = 'replica'")
        await connection.execute("alter system set max_wal_senders = 4")
    finally:
        await connection.close()
    await asyncio.to_thread(primary.stop)
    with (home.folder / "postgres" / "pg_hba.conf").open("a") as file:
        file.write("local replication all scram-sha-256\n")
    await asyncio.to_thread(primary.start)


def _base_backup(primary: Home, replica: Home, programs: Path) -> None:
    password = primary.folder / "postgres.password"
    done = run(
        [
            programs / "pg_basebackup", "-h", primary.sockets, "-U", "gsb", "-D", replica.folder / "postgres",
            "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
        ],
        owner=primary.owner,
        environment={"PGPASSWORD": password.read_text().strip()},
    )  # fmt: skip
    if done.code != 0:
        raise SystemExit(f"pg_basebackup failed: {done.output[-2000:]}")
    own = replica.folder / "postgres.password"
    own.write_text(password.read_text())
    own.chmod(0o600)
    replica.give(own)
