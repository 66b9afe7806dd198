"""Counts of one join, in the database that has both tables. Every name in the SQL is quoted, nothing else varies."""

from collections.abc import Sequence

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.privacy.linkage.joins import Join, joins
from publicgsb.datasets.privacy.linkage.model import Linkage
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.platform.kernel.database import Connection

_BY_MAX = 3


async def linkage(
    connection: Connection, contract: Contract, table: str, quasi: Sequence[str], registry: Registry
) -> tuple[Linkage, ...]:
    """`table` holds the new rows, in the schema of releases; joins that find nothing are left out."""
    found = [await _count(connection, table, quasi, join) for join in joins(contract, quasi, registry)]
    return tuple(one for one in found if one is not None)


async def _count(connection: Connection, table: str, quasi: Sequence[str], join: Join) -> Linkage | None:
    joined = _joined(table, quasi, join)
    row = await connection.fetchrow(
        f"""
        with j as ({joined})
        select
          count(*) as rows,
          count(*) filter (where there is not null) as matched,
          count(*) filter (where there = 1 and here = 1) as one_to_one
        from j
        """  # noqa: S608 - names are quoted, nothing else varies
    )
    assert row is not None
    if not row["matched"]:
        return None
    unique = await _unique(connection, joined, len(quasi), len(join.added))
    before, after, *single = unique
    by = sorted(zip(join.added, (one - before for one in single), strict=True), key=lambda one: -one[1])
    return Linkage(
        dataset=join.dataset,
        release=join.release.seq,
        via=join.via,
        shared=join.shared,
        rows=row["rows"],
        matched=row["matched"],
        one_to_one=row["one_to_one"],
        unique_before=before,
        unique_after=after,
        by=tuple(one for one in by[:_BY_MAX] if one[1] > 0),
    )


def _joined(table: str, quasi: Sequence[str], join: Join) -> str:
    """Each new row with what the other table adds, which is known where its shared fields stand there once."""
    keys = [f"{quote(other)} as k{at}" for at, (_, other) in enumerate(join.shared)]
    present = " and ".join(f"{quote(other)} is not null" for _, other in join.shared)
    added = [f"min({quote(name)}::text) as a{at}" for at, name in enumerate(join.added)]
    by = ", ".join(str(at + 1) for at in range(len(keys)))
    same = " and ".join(f"t.{quote(here)} = r.k{at}" for at, (here, _) in enumerate(join.shared))
    shared = ", ".join(f"t.{quote(here)}" for here, _ in join.shared)
    columns = [f"t.{quote(name)} as q{at}" for at, name in enumerate(quasi)]
    columns += [f"case when r.n = 1 then r.a{at} end as a{at}" for at in range(len(join.added))]
    return f"""
        select {", ".join(columns)}, r.n as there, count(*) over (partition by {shared}) as here
        from {released(table)} as t
        left join (
          select {", ".join((*keys, "count(*) as n", *added))} from {released(join.release.table)}
          where {present} group by {by}
        ) as r on {same}
        """  # noqa: S608 - names are quoted, nothing else varies


async def _unique(connection: Connection, joined: str, quasi: int, added: int) -> list[int]:
    """Rows that stand alone: by the quasi-identifiers, with all that is added, then with each added column."""
    base = [f"q{at}" for at in range(quasi)]
    more = [f"a{at}" for at in range(added)]
    sets = [base, [*base, *more], *([*base, one] for one in more)]
    unique = []
    for columns in sets:
        found = await connection.fetchval(
            f"""
            select count(*) from (
              select 1 from ({joined}) as j group by {", ".join(columns)} having count(*) = 1
            ) as alone
            """  # noqa: S608 - names are quoted, nothing else varies
        )
        unique.append(int(found))
    return unique
