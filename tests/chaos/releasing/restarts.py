"""PostgreSQL restarted in the middle of releases, in order and by a crash, under readers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from publicgsb.platform.server.migrate import migrate
from tests.chaos.postgres.own import OwnPostgres
from tests.chaos.releasing.house import House, house
from tests.chaos.releasing.reading import read_on
from tests.chaos.releasing.ruins import half_published, orphans
from tests.chaos.releasing.stages import Stage, watching
from tests.processes import jobs

COUNT = 20_000  # records of an edition
MAY_BE = ("503 UNAVAILABLE",)  # what a reader is told while the database is away

# Files of tables that no table has any more. The server leaves those of a transaction that its own crash ended.
_LEFT = """
select coalesce(sum((pg_stat_file('base/' || database.oid || '/' || name)).size), 0)::bigint
from pg_database as database, pg_ls_dir('base/' || database.oid) as name
where database.datname = current_database() and name ~ '^[0-9]+([._].*)?$'
  and not exists (
    select from pg_class as class
    where pg_relation_filenode(class.oid) = substring(name from '^[0-9]+')::oid
  )
"""


@dataclass(frozen=True, slots=True)
class RestartScale:
    """`stages`: at which a restart comes, once in order and once by a crash."""

    stages: tuple[Stage, ...]


RESTARTS_SHORT = RestartScale((Stage.COPY,))
RESTARTS_LONG = RestartScale((Stage.READING, Stage.COPY, Stage.INDEXES, Stage.SWAP, Stage.FILES))


@dataclass(slots=True)
class RestartsOutcome:
    """`left_bytes`: in the database's folder and named by no table, after restarts in order, and after crashes."""

    restarts: int = 0
    published: int = 0
    wrong: list[str] = field(default_factory=list)
    left_bytes: int = 0
    left_by_crashes_bytes: int = 0
    answers: int = 0
    unavailable: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)  # what was answered otherwise
    mixed: int = 0


async def restarts(redis_url: str, folder: Path, scale: RestartScale) -> RestartsOutcome:
    outcome = RestartsOutcome()
    with OwnPostgres(folder) as postgres:
        await migrate(postgres.url)
        async with (
            house(postgres.url, redis_url, folder, count=COUNT) as here,
            read_on(here.server.url, here.key, workers=2) as reading,
        ):
            with jobs(here.env) as running:
                for is_crash in (False, True):
                    for stage in scale.stages:
                        await _restart(here, postgres, stage, outcome, is_crash=is_crash)
                    left = await _left(here)
                    if is_crash:
                        outcome.left_by_crashes_bytes = left - outcome.left_bytes
                    else:
                        outcome.left_bytes = left
                if running.process.poll() is not None:
                    outcome.wrong.append("the jobs process ended")
            outcome.wrong += await half_published(here.connections)
            outcome.wrong += await orphans(here.connections, here.state_dir)
            outcome.answers, outcome.mixed = reading.answers, reading.mixed
            outcome.unavailable = reading.failed - reading.other_than(*MAY_BE)
            outcome.failed = {what: count for what, count in reading.others.items() if what not in MAY_BE}
    return outcome


async def _restart(
    here: House, postgres: OwnPostgres, stage: Stage, outcome: RestartsOutcome, *, is_crash: bool
) -> None:
    """The release resumes by itself: nobody tells the jobs process of the restart, nor shortens its lease."""
    edition = outcome.restarts + 2

    async def never() -> bool:
        return False

    async with watching(postgres.url, here.state_dir) as watch:
        await watch.begin()
        location = await here.queued(edition)
        if not await watch.until(stage, never):
            outcome.wrong.append(f"{stage} was not seen")
    await asyncio.to_thread(postgres.restart, is_crash=is_crash)
    outcome.restarts += 1
    job = await here.ended(location)
    async with asyncio.timeout(60):
        while (await here.publisher.get("/health/ready")).status_code != 200:
            await asyncio.sleep(0.05)
    times = await here.value("select count(*) from gsb.release where row_count = $1", COUNT + edition)
    outcome.published += times
    _, found, records = await here.file_of(edition)
    if (job["state"], times, found, records) != ("released", 1, {edition}, COUNT + edition):
        outcome.wrong.append(f"{stage}: {job['state']} {job.get('error')}, {times} times, {records} records of {found}")
    await _files_made(here)


async def _files_made(here: House) -> None:
    query = """
        select count(*) from gsb.release as release
        left join gsb.export as export on export.release_id = release.id
        where export.made_at is null
    """
    async with asyncio.timeout(120):
        while await here.value(query) > 0:
            await asyncio.sleep(0.05)


async def _left(here: House) -> int:
    async with here.connections.use() as connection:
        await connection.execute("checkpoint")  # until then the first file of a dropped table stays, empty
        return int(await connection.fetchval(_LEFT))
