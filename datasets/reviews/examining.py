"""What a reviewer sees of a submission: how it differs from what is served, its contract, its links, its looks.

Counts and shapes, never a value of a cell: nobody has released them yet.
"""

from typing import Any

from publicgsb.datasets.contracts.change import breaks, touched_fields
from publicgsb.datasets.contracts.diff import differences
from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.ingest.shapes import shape
from publicgsb.datasets.registry import DatasetEntry, LinkRate
from publicgsb.datasets.releases.cells import cell_columns
from publicgsb.datasets.releases.identifiers import changes_name, quote, released
from publicgsb.datasets.releases.model import Built
from publicgsb.platform.kernel.database import Connection

SAMPLE_ROWS = 5


async def examined(connection: Connection, built: Built) -> dict[str, Any]:
    """Ready for a JSON encoder; run in the build's transaction, before it is undone."""
    contract = built.target.contract
    entry = built.registry.dataset(contract.agency, contract.dataset)
    served = entry.current.contract if entry.current else None
    return {
        "rows": await _rows(connection, built, entry),
        "sha256": built.ingested.sha256,
        "contract": {
            **contract_change(served, contract),
            "document": render(contract),
            "diff": [one.as_json() for one in differences(served, contract)] if served else [],
        },
        "links": _links(built, entry),
        "columns": await _columns(connection, built),
        "sample": await _sample(connection, built),
        "suppressedCells": built.ingested.suppressed_cells,
    }


def contract_change(old: Contract | None, new: Contract) -> dict[str, Any]:
    """The class of a change, as callers feel it: `first`, `none`, `patch`, `minor` or `major`."""
    if old is None:
        return {"class": "first", "from": None, "to": new.version, "breaks": [], "touchedFields": []}
    found = breaks(old, new)
    if old.sha256 == new.sha256:
        kind = "none"
    elif found or old.major != new.major:
        kind = "major"
    else:
        kind = "minor" if old.version.split(".")[1] != new.version.split(".")[1] else "patch"
    before, after = ({field.name for field in contract.released_fields} for contract in (old, new))
    return {
        "class": kind,
        "from": old.version,
        "to": new.version,
        "breaks": list(found),
        "addedFields": sorted(after - before),
        "removedFields": sorted(before - after),
        "touchedFields": list(touched_fields(old, new)),
    }


async def _rows(connection: Connection, built: Built, entry: DatasetEntry) -> dict[str, Any]:
    """With the release that is served, and where both have its key record by record with the last one of this major."""
    served = entry.current
    told: dict[str, Any] = {
        "rows": built.ingested.rows,
        "served": {"release": served.seq, "rows": served.rows} if served else None,
        "difference": built.ingested.rows - served.rows if served else built.ingested.rows,
        "comparedWith": None,
    }
    if built.before is None:
        return told
    compared = next((one for one in entry.releases.values() if one.id == built.before.id), None)
    row = await connection.fetchrow(_counts(built.target.contract, built.table, built.before.table))
    assert row is not None
    told["comparedWith"] = compared.seq if compared else None
    return told | {"added": row["added"], "removed": row["removed"], "changed": row["changed"]}


def _counts(contract: Contract, table: str, before: str) -> str:
    key = [quote(column) for column in contract.primary_key]
    new, old = (" and ".join(f"{side}.{column} = c.{column}" for column in key) for side in ("n", "o"))
    return f"""
        select
          count(*) filter (where o.{key[0]} is null) as added,
          count(*) filter (where n.{key[0]} is null) as removed,
          count(*) filter (where n.{key[0]} is not null and o.{key[0]} is not null) as changed
        from {released(changes_name(table))} as c
        left join {released(table)} as n on {new}
        left join {released(before)} as o on {old}
        """  # noqa: S608 - names are quoted, nothing else varies


def _links(built: Built, entry: DatasetEntry) -> list[dict[str, Any]]:
    """The submission's own links, and those of other datasets that lead to it, beside what they find now."""
    owners = {one.current.id: one for one in built.registry.datasets.values() if one.current is not None}
    told = []
    for (source, link, _), rate in sorted(built.counted.items()):
        owner = owners[source] if source else entry
        told.append(
            {
                "dataset": owner.name,
                "link": link,
                "rows": rate.rows,
                "matched": rate.matched,
                "matchRate": round(rate.ratio, 6),
                "servedMatchRate": _ratio(owner.link_rates.get(link)),
            }
        )
    return told


def _ratio(rate: LinkRate | None) -> float | None:
    return round(rate.ratio, 6) if rate else None


async def _columns(connection: Connection, built: Built) -> list[dict[str, Any]]:
    """How many rows have a value, by column."""
    names = _shown(built)
    counts = ", ".join(f"count({quote(name)})" for name in names)
    row = await connection.fetchrow(f"select {counts} from {released(built.table)}")  # noqa: S608 - quoted
    assert row is not None
    return [{"name": name, "values": row[at]} for at, name in enumerate(names)]


async def _sample(connection: Connection, built: Built) -> dict[str, Any]:
    """The shapes of the first rows."""
    names = _shown(built)
    cells = ", ".join(f"{quote(name)}::text" for name in names)
    rows = await connection.fetch(
        f"select {cells} from {released(built.table)} order by {quote(ROW_COLUMN)} limit {SAMPLE_ROWS}"  # noqa: S608
    )
    shapes = [[None if cell is None else shape(cell) for cell in row] for row in rows]
    return {"columns": names, "shapes": shapes}


def _shown(built: Built) -> list[str]:
    """The columns of its table that callers see."""
    if built.target.contract.is_aggregate_only:
        return list(cell_columns(built.target.contract))
    return [name for name in built.ingested.copy_columns if not name.startswith("_")]
