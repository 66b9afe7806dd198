# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (pyarrow comes without types.)
"""A dataset in a DuckDB file, kept as it is at the service, for a few points a night.

    python examples/nightly_sync.py aviation.airports airports.duckdb --points 100

The first run takes the whole release from its files, which costs bytes and no points; later runs ask what changed.
Where that would cost more than --points, cannot be told any more, or does not fit the columns that are there (a decimal
of more places), the files are taken again. One transaction a run: a run that is killed leaves the table of the run
before. Needs PGSB_URL, PGSB_API_KEY and publicgsb-sdk[duckdb].
"""

import argparse
import sys

import duckdb
import pyarrow

from publicgsb_sdk import Client, Dataset, GsbError, OverBudget, Release, ReleaseGone, ReleaseRecalled

POINTS = 100


def sync(gsb: Client, db: duckdb.DuckDBPyConnection, name: str, wanted: int | None = None) -> str:
    """Brings the table to a release, the current one unless it is named; says what was done."""
    dataset = gsb.dataset(name)
    name = dataset.id.replace("/", ".")
    table = name.partition(".")[2]
    db.execute("create table if not exists synced (dataset text primary key, release int, contract text)")
    others = "select dataset from synced where dataset <> ? and split_part(dataset, '.', 2) = ?"
    if other := db.execute(others, [name, table]).fetchone():
        raise SystemExit(f"The table {table} of this file holds {other[0]}: keep {name} in a file of its own.")
    release = _release(dataset, wanted)
    found = db.execute("select release, contract from synced where dataset = ?", [name]).fetchone()
    held, contract = found or (0, None)
    if held == release.seq:
        return f"{name} is at release {held}, nothing to do"
    how = None
    if 0 < held < release.seq and contract == release.contract:
        try:
            how = f"release {held} to {release.seq}: " + _apply(db, table, dataset.release(release.seq), held)
        except (OverBudget, ReleaseGone, ReleaseRecalled) as error:
            print(f"{error.message} The files are taken instead.", file=sys.stderr)
        except pyarrow.ArrowInvalid as error:
            print(f"{error}. The files are taken instead.", file=sys.stderr)
    if how is None:
        dataset.release(release.seq).duckdb(db, table=table)
        how = f"release {release.seq} from its files"
    (rows,) = db.execute(f'select count(*) from "{table}"').fetchall()[0]  # noqa: S608 - a dataset's name, checked
    if rows != release.rows:
        raise SystemExit(f"{name} has {rows} rows here and {release.rows} there: nothing was changed.")
    db.execute("insert or replace into synced values (?, ?, ?)", [name, release.seq, release.contract])
    return f"{name} {how}, {rows} rows"


def _release(dataset: Dataset, wanted: int | None) -> Release:
    readable = dataset.releases()
    for release in readable:
        if wanted is None or release.seq == wanted:
            return release
    raise SystemExit(f"{dataset.id} has no release {wanted}; there is {', '.join(str(one.seq) for one in readable)}.")


def _apply(db: duckdb.DuckDBPyConnection, table: str, dataset: Dataset, since: int) -> str:
    changes = list(dataset.changes(since=since))  # all of it is there, and paid, before anything is touched
    columns = db.execute(f'select * from "{table}" limit 0').to_arrow_table().schema  # noqa: S608 - names of a contract
    key = dataset.contract.primary_key
    gone = [one.key for one in changes if one.before is not None]
    come = [one.after for one in changes if one.after is not None]
    # As tables of the types that are there: a value that does not fit is an error here, and would be rounded in SQL.
    db.register("gone", pyarrow.Table.from_pylist(gone, schema=pyarrow.schema([columns.field(name) for name in key])))
    db.register("come", pyarrow.Table.from_pylist(come, schema=columns))
    same = " and ".join(f'"{table}"."{name}" = gone."{name}"' for name in key)
    db.execute(f'delete from "{table}" using gone where {same}')  # noqa: S608
    db.execute(f'insert into "{table}" select * from come')  # noqa: S608
    kinds = [one.kind for one in changes]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("added", "changed", "removed"))


def main() -> int:
    parser = argparse.ArgumentParser(description="Keep a dataset in a DuckDB file.")
    parser.add_argument("dataset", help="agency.dataset")
    parser.add_argument("file")
    parser.add_argument("--points", type=int, default=POINTS, help="to spend at most (%(default)s)")
    parser.add_argument("--release", type=int, help="instead of the current one")
    given = parser.parse_args()
    try:
        with Client() as client, duckdb.connect(given.file) as db:
            job = client.budget(given.points)
            db.begin()
            told = sync(job, db, given.dataset, given.release)
            db.commit()
            spent = job.spending.spent if job.spending else 0
            print(f"{told}; {spent} of {given.points} points")
    except (GsbError, duckdb.Error) as error:
        print(f"Nothing was changed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
