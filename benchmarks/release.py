"""From a file to an answer: 336,776 rows through `gsb dataset release`, against COPY and the same indexes by psql."""

import http.client
import json
import subprocess
import time
from pathlib import Path

from benchmarks import psql, servers
from benchmarks.files import AGENCY, DATASET, Timed
from benchmarks.place import Place
from benchmarks.rounds import WrongAnswerError
from publicgsb.datasets.contracts.model import ROW_COLUMN
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.platform.kernel.database import Connection

_DOCUMENT = f"{{ {AGENCY} {{ {DATASET}(first: 1) {{ totalCount }} }} }}"
_PATIENCE_SECONDS = 120.0
_BARE = "public.bench_bare"

# The columns of a release's table as the file has them; ours for the source order is left out, and so is its index.
_COLUMNS = """
select string_agg(
  quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
  || case when a.atttypid = 'text'::regtype then ' collate "C"' else '' end
  || case when a.attnotnull then ' not null' else '' end,
  ', ' order by a.attnum)
from pg_attribute a
where a.attrelid = $1::text::regclass and a.attnum > 0 and a.attname <> $2
"""
_INDEXES = """
select case when indexdef like 'CREATE UNIQUE %' then 'unique' else '' end as is_unique,
  substring(indexdef from ' USING (.*)$') as definition
from pg_indexes
where schemaname = 'released' and tablename = $1 and indexdef not like $2
order by indexname
"""


async def release(place: Place, *, rounds: int) -> Timed:
    """The clock stops when a running server answers from the new release."""
    file = place.csv.absolute() / AGENCY / f"{DATASET}.csv"
    current = (await place.registry()).dataset(AGENCY, DATASET).current
    assert current is not None
    async with place.connections.use() as connection:
        script = await _script(place, connection, current, file)
    ours, bare = [], []
    with servers.ours(place) as port:
        for number in range(current.seq + 1, current.seq + 1 + rounds):
            ours.append(_release(place, port, file, number, current.rows))
            bare.append(psql.run_script(place, script))
    return Timed(current.rows, tuple(ours), tuple(bare))


def _release(place: Place, port: int, file: Path, seq: int, rows: int) -> float:
    command = [*servers.GSB, "dataset", "release", f"{AGENCY}/{DATASET}", str(file)]
    began = time.perf_counter()
    ran = subprocess.run(command, env=servers.environment(place.settings), capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(f"gsb dataset release failed: {ran.stderr[-500:]}")
    while True:
        answered = _answer(place, port)
        took = time.perf_counter() - began
        if answered == (seq, rows):
            return took
        if took > _PATIENCE_SECONDS:
            raise WrongAnswerError(f"Release {seq} with {rows:,} rows is not answered: {answered}.")


def _answer(place: Place, port: int) -> tuple[int, int]:
    """Which release answers, and how many rows it says it has."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {place.key}"}
    try:
        connection.request("POST", "/graphql", json.dumps({"query": _DOCUMENT}), headers)
        found = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return found["extensions"]["receipt"][0]["release"], found["data"][AGENCY][DATASET]["totalCount"]


async def _script(place: Place, connection: Connection, current: ReleaseRef, file: Path) -> Path:
    """The columns of the file, COPY in the transaction of its table (as cheap as it gets), then each index."""
    columns = await connection.fetchval(_COLUMNS, f"released.{current.table}", ROW_COLUMN)
    indexes = await connection.fetch(_INDEXES, current.table, f"%({ROW_COLUMN})%")
    lines = [
        f"drop table if exists {_BARE};",
        f"create table {_BARE} ({columns});",
        f"\\copy {_BARE} from '{file}' with (format csv, header match, null 'NA', freeze)",
        "set local maintenance_work_mem = '128MB';",
        *(f"create {row['is_unique']} index on {_BARE} using {row['definition']};" for row in indexes),
    ]
    script = place.settings.state_dir / "bare.sql"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return script
