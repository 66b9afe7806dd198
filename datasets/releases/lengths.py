"""Texts that an index cannot hold: said with their rows, after the database has refused to index them."""

from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract, FieldType, Label
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.platform.kernel.database import Connection

INDEXED_BYTES_MAX = 1_300  # two of them and a key fit into the 2,704 bytes of a B-tree entry
TOLD_MAX = 1_000


async def too_long_to_index(
    connection: Connection, contract: Contract, table: str
) -> tuple[list[RowError], dict[ErrorCode, int]]:
    """Every text over the bound in a column that a key, filter, order or link needs an index for."""
    wanted = {column for key in contract.unique_keys for column in key.fields}
    wanted |= {column for ordering in contract.orderings for column in ordering.fields}
    wanted |= {column for link in contract.links for column in link.fields}
    wanted |= {field.name for field in contract.released_fields if field.filters}
    errors: list[RowError] = []
    total = 0
    for field in contract.released_fields:
        if field.name not in wanted or field.type is not FieldType.STRING:
            continue
        found = await connection.fetch(
            f"""
            select {quote(ROW_COLUMN)} as row, count(*) over () as total
            from {released(table)}
            where octet_length({quote(field.name)}) > $1
            order by 1 limit {TOLD_MAX}
            """,  # noqa: S608 - names are quoted, the rest are constants
            INDEXED_BYTES_MAX,
        )
        total += found[0]["total"] if found else 0
        errors += [_error(row["row"], field.name) for row in found]
    return errors[:TOLD_MAX], {ErrorCode.CONSTRAINT: total}


def _error(row: int, field: str) -> RowError:
    return RowError(
        row=row,
        field=field,
        code=ErrorCode.CONSTRAINT,
        shape=None,
        message=Label(
            f"متن از {INDEXED_BYTES_MAX} بایت بلندتر است و ستونی که کلید، فیلتر یا ترتیب دارد آن را نمی‌پذیرد.",
            f"Longer than {INDEXED_BYTES_MAX} bytes: a column with a key, filter, order or link cannot hold it.",
        ),
        fix=Label(
            "متن را کوتاه کنید، یا فیلتر و ترتیب این ستون را از قرارداد بردارید.",
            "Shorten it, or take the column's filters and orders out of the contract.",
        ),
    )
