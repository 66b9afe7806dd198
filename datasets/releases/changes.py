"""The keys by which a release differs from the one before it, kept as a table beside the release's own.

With it a page of changes costs what it shows; without it both releases have to be met row by row
(docs/decisions/0013).
"""

from dataclasses import replace

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.releases.identifiers import changes_name, quote, released
from publicgsb.datasets.releases.model import Before
from publicgsb.datasets.releases.table import PG_CASTS
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_BEFORE = load("publicgsb.datasets.releases", "sql/release_before.sql")
_SET = load("publicgsb.datasets.releases", "sql/changes_set.sql")


async def make_changes(connection: Connection, dataset_id: int, contract: Contract, table: str) -> Before | None:
    """Run in the load's transaction, once the new table has its keys. None: there is nothing to compare with."""
    if not contract.primary_key:
        return None
    row = await connection.fetchrow(_BEFORE, dataset_id, str(contract.major))
    if row is None:
        return None
    before = Before(row["id"], row["table_name"], frozenset(row["columns"]))
    name = changes_name(table)
    keys = ", ".join(map(quote, contract.primary_key))
    await connection.execute(f"create table {released(name)} as {_differing(contract, table, before)}")
    await connection.execute(f"create unique index on {released(name)} ({keys})")
    await connection.execute(f"analyze {released(name)}")
    return replace(before, is_corrected=await connection.fetchval(_is_correction(contract, table, before)))


async def set_changes(connection: Connection, release_id: int, table: str, before: Before) -> None:
    await connection.execute(_SET, release_id, changes_name(table), before.id)


def _is_correction(contract: Contract, table: str, before: Before) -> str:
    """Whether records changed and none came or went; the first that did ends the search."""
    changed, new, old = released(changes_name(table)), released(table), released(before.table)
    same = " and ".join(f"r.{quote(column)} = c.{quote(column)}" for column in contract.primary_key)
    return f"""
        select exists (select from {changed})
          and not exists (select from {changed} c where not exists (select from {new} r where {same}))
          and not exists (select from {changed} c where not exists (select from {old} r where {same}))
        """  # noqa: S608 - names are quoted, nothing else varies


def _differing(contract: Contract, table: str, before: Before) -> str:
    """Keys that only one release has, or whose rows differ in the image of any stored value."""
    key = contract.primary_key
    keys = ", ".join(f"coalesce(n.{quote(column)}, o.{quote(column)}) as {quote(column)}" for column in key)
    on = " and ".join(f"n.{quote(column)} = o.{quote(column)}" for column in key)
    fields = [field for field in contract.released_fields if field.name not in key]
    new = ", ".join(f"n.{quote(field.name)}" for field in fields)
    old = ", ".join(
        f"o.{quote(field.name)}" if field.name in before.columns else f"null::{PG_CASTS[field.type]}"
        for field in fields
    )
    unequal = f" or record_image_ne(row({old}), row({new}))" if fields else ""
    first = quote(key[0])
    return f"""
        select {keys} from {released(before.table)} o
        full join {released(table)} n on {on}
        where o.{first} is null or n.{first} is null{unequal}
        """  # noqa: S608 - names are quoted, nothing else varies
