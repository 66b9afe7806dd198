"""What a killed release may have left: something half published, or something that nobody will ever name again."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from publicgsb.datasets.exports.objects import FOLDER, open_objects
from publicgsb.datasets.exports.sweep import sweep_files
from publicgsb.datasets.jobs.worker import UPLOAD_ORPHAN_SECONDS, remove_orphaned_uploads
from publicgsb.datasets.releases.sweep import sweep
from publicgsb.platform.kernel.database import Connection, Connections

# A release is whole when its table stands with all its rows; an entry of the registry names a release that is there; a
# job has a release exactly when it ended so.
_HALF = """
select format('release %s has no table', release.seq) from gsb.release as release
where release.state = 'published' and to_regclass('released.' || release.table_name) is null
union all
select format('registry version %s names no published release', entry.version)
from gsb.registry_entry as entry
left join gsb.release as release on release.id = entry.release_id
where entry.release_id is not null and release.id is null
union all
select format('job %s is %s with release %s', job.id, job.state, coalesce(job.release_id::text, 'none'))
from gsb.job as job
where (job.state = 'released') <> (job.release_id is not null)
union all
select format('release %s stands in %s jobs', release_id, count(*)) from gsb.job
where release_id is not null group by release_id having count(*) > 1
union all
select format('the files of release %s have no part', export.release_id)
from gsb.export as export
where export.made_at is not null
  and not exists (select from gsb.export_part as part where part.release_id = export.release_id)
"""
_TABLES = "select table_name, row_count from gsb.release where state = 'published' order by id desc limit 1"
_ORPHANED_TABLES = """
select class.relname
from pg_class as class
where class.relnamespace = 'released'::regnamespace and class.relkind = 'r'
  and not exists (
    select from gsb.release as release where class.relname in (release.table_name, release.changes_table)
  )
"""
_OBJECTS = "select distinct sha256 from gsb.export_part"
_UPLOADS = "select file_name from gsb.job where state in ('queued', 'running')"


async def half_published(connections: Connections) -> list[str]:
    """In words; nothing when all is whole or has not happened."""
    async with connections.transaction() as connection:
        found = [row[0] for row in await connection.fetch(_HALF)]
        row = await connection.fetchrow(_TABLES)
        assert row is not None
        rows = await connection.fetchval(f"select count(*) from released.{row['table_name']}")
        if rows != row["row_count"]:
            found.append(f"{row['table_name']} has {rows} rows of {row['row_count']}")
    return found


async def orphans(connections: Connections, state_dir: Path) -> list[str]:
    """What is left after the sweeps of the jobs process; they are run here, as if its hour had come."""
    await sweep(connections, state_dir)
    await sweep_files(connections, open_objects(None, state_dir), state_dir)
    for path in (state_dir / "uploads").glob("*"):
        os.utime(path, times=(time.time() - 2 * UPLOAD_ORPHAN_SECONDS,) * 2)
    await remove_orphaned_uploads(connections, state_dir)
    async with connections.use() as connection:
        tables = [f"table {row['relname']}" for row in await connection.fetch(_ORPHANED_TABLES)]
        named = await _texts(connection, _OBJECTS) | await _texts(connection, _UPLOADS)
    return [*tables, *(str(path.relative_to(state_dir)) for path in _files(state_dir) if path.name not in named)]


def _files(state_dir: Path) -> Iterator[Path]:
    """By the folders themselves and not by what lists them for us; a folder of a maker is one too."""
    for folder in ("loading", "making", "uploads", FOLDER):
        for path in sorted((state_dir / folder).rglob("*")):
            if path.is_file() or folder == "making":
                yield path


async def _texts(connection: Connection, query: str) -> set[str]:
    return {row[0] for row in await connection.fetch(query)}
