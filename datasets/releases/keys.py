"""Unique keys are proved by the database: it builds the index, and when it cannot, it names the rows that clash."""

import asyncpg

from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract, Key, Label
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.datasets.releases.table import key_index
from publicgsb.platform.kernel.database import Connection

TOLD_MAX = 1_000


async def build_keys(
    connection: Connection, contract: Contract, table: str
) -> tuple[list[RowError], dict[ErrorCode, int]]:
    """Indexes for every unique key; what stands in their way, as errors with both row numbers."""
    errors: list[RowError] = []
    counts: dict[ErrorCode, int] = {}
    for key in contract.unique_keys:
        try:
            async with connection.transaction():  # a savepoint: the load goes on to find all keys that clash
                await connection.execute(key_index(table, key.fields))
        except asyncpg.UniqueViolationError:
            code = ErrorCode.PRIMARY_KEY if key.fields == contract.primary_key else ErrorCode.UNIQUE
            found, total = await clashes(connection, released(table), key, code)
            errors += found
            counts[code] = counts.get(code, 0) + total
    return errors, counts


async def clashes(connection: Connection, relation: str, key: Key, code: ErrorCode) -> tuple[list[RowError], int]:
    """Every row of a relation that repeats an earlier row's key; a key with a null in it clashes with nothing.

    `relation` is its name as SQL wants it, quoted.
    """
    columns = ", ".join(map(quote, key.fields))
    whole = " and ".join(f"{quote(column)} is not null" for column in key.fields)
    row = quote(ROW_COLUMN)
    rows = await connection.fetch(
        f"""
        select {row} as row, first, count(*) over () as total
        from (
          select {row}, min({row}) over (partition by {columns}) as first from {relation} where {whole}
        ) as numbered
        where {row} <> first
        order by {row}
        limit {TOLD_MAX}
        """  # noqa: S608 - names are quoted, nothing else varies
    )
    named = "، ".join(key.fields)
    errors = [
        RowError(
            row=clash["row"],
            field=", ".join(key.fields),
            code=code,
            shape=None,
            message=Label(
                f"همان کلید ({named}) را دارد که ردیف {clash['first']} دارد.",
                f"has the same key ({', '.join(key.fields)}) as row {clash['first']}.",
            ),
            fix=Label(
                "یکی از دو ردیف را حذف کنید یا کلید را در قرارداد کامل‌تر کنید.",
                "Remove one of the two rows, or name more columns in the contract's key.",
            ),
        )
        for clash in rows
    ]
    return errors, rows[0]["total"] if rows else 0
