"""How alone the rows of a table stand, where the file was a part of them: counted in the database, judged as ever."""

from dataclasses import replace

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.ingest.report import Ingested
from publicgsb.datasets.ingest.values import NULL, escape
from publicgsb.datasets.privacy.anonymity.combinations import COMBINATIONS_MAX, Combinations
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.platform.kernel.database import Connection


async def recounted(connection: Connection, contract: Contract, table: str, ingested: Ingested) -> Ingested:
    """The same, its report with the groups of the whole table. Runs in a transaction."""
    privacy, seen = ingested.report.privacy, Combinations(contract)
    if privacy is None or not seen.columns:
        return ingested
    columns = ", ".join(f"{quote(name)}::text" for name in seen.columns)
    by = ", ".join(str(at + 1) for at in range(len(seen.columns)))
    query = f"select {columns}, count(*) from {released(table)} group by {by} limit {COMBINATIONS_MAX + 1}"  # noqa: S608 - names are quoted, nothing else varies
    async for row in connection.cursor(query, prefetch=5_000):
        *values, rows = row
        seen.add([NULL if value is None else escape(value) for value in values], rows)
    return replace(ingested, report=replace(ingested.report, privacy=replace(privacy, anonymity=seen.anonymity())))
