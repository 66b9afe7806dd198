"""What a release counts of itself when it is made.

Of a whole file reading it has counted all there is. What was built of a file of changes, or of cells, takes one scan of
its table; so does a release of before there were counts.
"""

from collections.abc import Iterable, Mapping

from publicgsb.datasets.contracts.model import Contract, Normalisation, TransformKind
from publicgsb.datasets.ingest.header import fields_in_file
from publicgsb.datasets.ingest.report import Ingested
from publicgsb.datasets.quality.model import Counted
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.platform.kernel.database import Connection

# What restores a cell. The other functions of a contract make another value on purpose, as for privacy.
PUT_RIGHT = frozenset({str(Normalisation.DIGITS), str(Normalisation.LETTERS), str(TransformKind.ZERO_PAD)})


async def count_release(connection: Connection, contract: Contract, table: str, ingested: Ingested) -> Counted:
    """Of a release that is being made: what was counted while its file was read, else its table is asked."""
    report = ingested.report
    if ingested.filled is None:
        return await count(connection, contract, table, report.rows_read, report.normalisations)
    return _counted(contract, ingested.filled, report.rows_read, report.normalisations)


async def count(
    connection: Connection, contract: Contract, table: str, rows_read: int, normalisations: Mapping[str, int]
) -> Counted:
    """By one scan of a release's table. `normalisations` is the report's: by "what:field", how many cells changed."""
    names = counted_columns(contract)
    filled = ", ".join(f"count({quote(name)})" for name in names)
    row = await connection.fetchrow(f"select {filled} from {released(table)}")  # noqa: S608 - names are quoted
    assert row is not None
    return _counted(contract, dict(zip(names, row, strict=True)), rows_read, normalisations)


def _counted(
    contract: Contract, filled: Mapping[str, int], rows_read: int, normalisations: Mapping[str, int]
) -> Counted:
    cells_read = rows_read * len(fields_in_file(contract))
    return Counted(filled, cells_read, min(cells_read, put_right(normalisations.items())))


def counted_columns(contract: Contract) -> tuple[str, ...]:
    """Of cells their dimensions: a sum that is left out is withheld and not absent."""
    if contract.is_aggregate_only:
        assert contract.aggregates is not None
        return tuple(dict.fromkeys(dimension.column for dimension in contract.aggregates.dimensions))
    return tuple(field.name for field in contract.released_fields)


def put_right(changes: Iterable[tuple[str, int]]) -> int:
    """A cell with both digits and letters of another script counts for each: it was wrong twice."""
    return sum(number for what, number in changes if what.partition(":")[0] in PUT_RIGHT)
