"""Rows into cells, for datasets whose rows are too sensitive to be released.

The rows come into a temporary table, which no other session sees, no write-ahead log carries and the end of the
transaction drops. Cells are the full cross of the declared dimensions; those of fewer rows than the contract's minCell
are left out, and so is a measure that fewer rows of its cell have a value of: the sum over one person is that person's.
Where the contract says by how many percent, so is a sum that one row makes nearly all of.
Everything published of such a release is made of the cells that are left, its count of rows and its hash too, so that
no difference of two answers is about anything but published cells.
"""

import hashlib
from dataclasses import replace

from publicgsb.datasets.contracts.aggregates import Aggregates, Dimension, Grain
from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract, Field, FieldType, Label
from publicgsb.datasets.ingest.jalali import NEW_YEARS
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.ingest.report import Ingested, Report
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.datasets.releases.table import SQL_TYPES
from publicgsb.platform.kernel.database import Connection

COUNT_COLUMN = "_count"
ROWS_TABLE = "rows_to_count"  # temporary: each session has its own


def sum_column(measure: str) -> str:
    return f"_sum_{measure}"


def measured_column(measure: str) -> str:
    """How many rows of the cell have a value of the measure."""
    return f"_n_{measure}"


async def count_cells(connection: Connection, contract: Contract, table: str, ingested: Ingested) -> Ingested:
    """Makes the release's table out of ROWS_TABLE, drops the rows, and says of the cells what was said of the rows.

    The report has an error when no cell is left.
    """
    aggregates = contract.aggregates
    assert aggregates is not None and aggregates.min_cell is not None
    await connection.execute(_create(contract, table))
    new_years = list(NEW_YEARS)
    uses_calendar = any(d.grain in (Grain.JALALI_MONTH, Grain.JALALI_YEAR) for d in aggregates.dimensions)
    arguments = [aggregates.min_cell, *([new_years] if uses_calendar else [])]
    percent = None
    if aggregates.p_percent is not None:
        arguments.append(aggregates.p_percent)
        percent = f"${len(arguments)}::int4"
    row = await connection.fetchrow(_fill(contract, table, percent), *arguments)
    assert row is not None
    await connection.execute(f"drop table pg_temp.{quote(ROWS_TABLE)}")
    published, suppressed = row["published"], row["suppressed"]
    if not published:
        return replace(ingested, report=_with_nothing_left(ingested.report, aggregates.min_cell))
    return Ingested(
        report=_noted(ingested.report, published, suppressed, row["dominated"], aggregates),
        rows=published,
        sha256=await _digest(connection, contract, table),
        copy_columns=ingested.copy_columns,
        suppressed_cells=suppressed,
        file_sha256=ingested.file_sha256,
    )


def rows_table(contract: Contract) -> str:
    """SQL that creates the temporary table the file is copied into."""
    columns = [f"{quote(field.name)} {SQL_TYPES[field.type]}" for field in contract.released_fields]
    columns.append(f"{quote(ROW_COLUMN)} bigint not null")
    return f"create temporary table {quote(ROWS_TABLE)} ({', '.join(columns)}) on commit drop"


def cell_columns(contract: Contract) -> tuple[str, ...]:
    """Of a cell as it is published, in the order of `cell_file_names`."""
    assert contract.aggregates is not None
    measured = [
        column for measure in contract.aggregates.measures for column in (sum_column(measure), measured_column(measure))
    ]
    return (*(dimension.column for dimension in contract.aggregates.dimensions), COUNT_COLUMN, *measured)


def cell_indexes(contract: Contract, table: str) -> list[str]:
    """Cells are few and read whole; filters on a dimension still find their index."""
    filtered = [field.name for field in contract.released_fields if field.filters]
    return [f"create index on {released(table)} ({quote(column)})" for column in filtered]


def _create(contract: Contract, table: str) -> str:
    assert contract.aggregates is not None
    columns = [
        f"{quote(dimension.column)} {SQL_TYPES[contract.field(dimension.column).type]}"
        for dimension in contract.aggregates.dimensions
    ]
    columns.append(f"{quote(COUNT_COLUMN)} bigint not null")
    for measure in contract.aggregates.measures:
        columns.append(f"{quote(sum_column(measure))} numeric")
        columns.append(f"{quote(measured_column(measure))} bigint not null")
    columns.append(f"{quote(ROW_COLUMN)} bigint not null")
    return f"create table {released(table)} ({', '.join(columns)})"


def _fill(contract: Contract, table: str, percent: str | None) -> str:
    """$1 is minCell, $2 the first days of the Jalali years; `percent` names the parameter of the p% rule."""
    assert contract.aggregates is not None
    dimensions = [f"d{i}" for i in range(len(contract.aggregates.dimensions))]
    keys = [
        f"{_group(contract.field(dimension.column), dimension)} as {name}"
        for name, dimension in zip(dimensions, contract.aggregates.dimensions, strict=True)
    ]
    sums, measured, dominated = [], [], []
    for i, measure in enumerate(contract.aggregates.measures):
        column = quote(measure)
        exact = f"{column}::text::numeric" if contract.field(measure).type is FieldType.NUMBER else column
        is_spread = _is_spread(exact, percent) if percent else "true"
        sums.append(f"sum({exact})::numeric as s{i}, count({column}) as n{i}, {is_spread} as ok{i}")
        is_told = f"n{i} >= $1::int8 and ok{i}"
        measured.append(f"case when {is_told} then s{i} end, case when {is_told} then n{i} else 0 end")
        dominated.append(f"count(*) filter (where rows >= $1::int8 and n{i} >= $1::int8 and not ok{i})")
    order = ", ".join(f"{name} nulls last" for name in dimensions)
    columns = ", ".join(map(quote, (*cell_columns(contract), ROW_COLUMN)))
    values = ", ".join((*dimensions, "rows", *measured, f"row_number() over (order by {order})"))
    by = ", ".join(str(i + 1) for i in range(len(keys)))
    return f"""
        with cell as (
          select {", ".join((*keys, "count(*) as rows", *sums))} from pg_temp.{quote(ROWS_TABLE)} group by {by}
        ),
        filled as (
          insert into {released(table)} ({columns}) select {values} from cell where rows >= $1::int8 returning 1
        )
        select
          (select count(*) from filled) as published, count(*) filter (where rows < $1::int8) as suppressed,
          {" + ".join(dominated) or "0"} as dominated
        from cell
        """  # noqa: S608 - names are quoted, nothing else varies


def _is_spread(value: str, percent: str) -> str:
    """SQL: whether all rows of a cell but the two largest come to the percentage of the largest; true without rows."""
    size = f"abs({value}::numeric)"  # the least bigint has none as a bigint
    largest = f"(array_agg({size} order by {size} desc nulls last))"
    rest = f"sum({size}) - {largest}[1] - coalesce({largest}[2], 0)"
    return f"coalesce({rest} >= {largest}[1] * {percent} / 100.0, true)"


def _group(field: Field, dimension: Dimension) -> str:
    column = quote(dimension.column)
    return column if dimension.grain is None else period(column, field.type, dimension.grain)


def period(column: str, type_: FieldType, grain: Grain) -> str:
    """SQL of the first day, or moment, of the period that a value lies in. $2 is where the Jalali years begin."""
    # The connection runs in UTC, which is what both casts of a moment go by.
    day = f"{column}::date" if type_ is FieldType.DATETIME else column
    year = f"nullif(nullif(width_bucket({day}, $2::date[]), 0), {len(NEW_YEARS)})"
    first = f"($2::date[])[{year}]"
    past = f"({day} - {first})"
    begins = {
        Grain.DAY: day,
        Grain.MONTH: f"date_trunc('month', {day}::timestamp)::date",
        Grain.YEAR: f"date_trunc('year', {day}::timestamp)::date",
        Grain.JALALI_YEAR: first,
        # Six months of 31 days, then months of 30.
        Grain.JALALI_MONTH: f"{day} - case when {past} < 186 then {past} % 31 else ({past} - 186) % 30 end",
    }[grain]
    return f"({begins})::timestamptz" if type_ is FieldType.DATETIME else begins


async def _digest(connection: Connection, contract: Contract, table: str) -> str:
    """Of the cells' own bytes: a hash of the rows would let a guess at the rows be proved."""
    hashed = hashlib.sha256()

    async def add(piece: bytes) -> None:
        hashed.update(piece)

    columns = ", ".join(map(quote, cell_columns(contract)))
    query = f"select {columns} from {released(table)} order by {quote(ROW_COLUMN)}"  # noqa: S608 - names are quoted
    await connection.copy_from_query(query, output=add)
    return hashed.hexdigest()


def _noted(report: Report, published: int, suppressed: int, dominated: int, aggregates: Aggregates) -> Report:
    least, percent = aggregates.min_cell, aggregates.p_percent
    notes = [
        Label(
            f"{published} خانه منتشر شد؛ {suppressed} خانه با کمتر از {least} ردیف منتشر نشد.",
            f"{published:,} cells are published; {suppressed:,} of fewer than {least} rows are suppressed.",
        )
    ]
    if percent is not None:
        notes.append(
            Label(
                f"{dominated} جمع که تقریباً همهٔ آن از یک ردیف است منتشر نشد (pPercent: {percent}).",
                f"Suppressed sums that one row makes nearly all of: {dominated:,} (pPercent: {percent}).",
            )
        )
    return replace(report, notes=(*report.notes, *notes))


def _with_nothing_left(report: Report, min_cell: int) -> Report:
    error = RowError(
        row=None,
        field=None,
        code=ErrorCode.CONSTRAINT,
        shape=None,
        message=Label(
            f"هیچ خانه‌ای {min_cell} ردیف ندارد، پس چیزی برای انتشار نمی‌ماند.",
            f"No cell has {min_cell} rows, so nothing is left to publish.",
        ),
        fix=Label(
            "بُعدهای کمتر یا درشت‌تر تعریف کنید.",
            "Declare fewer dimensions, or coarser grains.",
        ),
    )
    return report.with_errors([error])
