"""How many records a list has: exactly, exactly as far as that is cheap, or by a sample."""

from publicgsb.schema.planning.tree.records import Connection, CountKind
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.conditions import restrictions
from publicgsb.schema.sql.context import Context
from publicgsb.schema.sql.search import read_from
from publicgsb.schema.types.connections import COUNT_MAX, SAMPLE_PAGES

_BLOCK_BYTES = 8192  # as PostgreSQL is built; another size would only change how many pages are looked at


def count(context: Context, c: Connection, join: str | None, kind: CountKind) -> str:
    """SQL of one number. The count of a whole dataset is known since its release, so it costs nothing."""
    if c.condition is None and c.near is None and join is None and c.search is None:
        return context.param(binding.release_rows(c.slot), "int4", "rows", c.slot)
    t = context.alias("t")
    source = read_from(context, c, t, restrictions(context, c, t, join))
    if kind is CountKind.EXACT or (kind is CountKind.ESTIMATE and c.search is not None):
        return f"(select count(*) from {source})"
    beyond = f" else {_sampled(context, c, join)}" if kind is CountKind.ESTIMATE else ""
    counted = f"select 1 from {source} limit {COUNT_MAX + 1}"
    return f"(select case when count(*) <= {COUNT_MAX} then count(*){beyond} end from ({counted}) k)"


def _sampled(context: Context, c: Connection, join: str | None) -> str:
    """The share of matching records on table pages at equal distances, times all records; at least what is known.

    The pages are the same ones each time, so an answer that is kept and one that is made anew agree. Rows that arrive
    together tend to be alike; equal distances take a fair part of every such run, where pages drawn by lot
    (TABLESAMPLE) were off by 15 % on the same number of pages of rows in the order of their date (docs/decisions/0012).
    """
    t, z, b, k = (context.alias(kind) for kind in ("t", "z", "b", "k"))
    is_match = " and ".join(restrictions(context, c, t, join))
    rows = context.param(binding.release_rows(c.slot), "float8", "rows", c.slot)
    block_bytes = context.param(lambda _: _BLOCK_BYTES, "int8", "block bytes")
    half, wanted, one = (_number(context, number) for number in (2 * SAMPLE_PAGES, SAMPLE_PAGES, 1))
    low, high = (_text(context, form) for form in ("(%s,0)", "(%s,65535)"))
    table = context.table(c.slot)
    pages = f"select pg_relation_size({t}.tableoid) / {block_bytes} as n from {table} {t} limit 1"
    chosen = f"generate_series({z}.n / {half}, {z}.n, greatest({z}.n / {wanted}, {one}))"
    on_page = f"{t}.ctid between format({low}, {b})::tid and format({high}, {b})::tid"
    counted = f"select count(*) filter (where {is_match}) as m, count(*) as n from {table} {t} where {on_page}"
    share = f"sum({k}.m) * {rows} / sum({k}.n)"
    source = f"({pages}) {z} cross join lateral {chosen} {b} cross join lateral ({counted}) {k}"
    return f"(select greatest({COUNT_MAX + 1}, ({share})::int4) from {source})"


def _text(context: Context, text: str) -> str:
    return context.param(lambda _: text, "text", "text", text)


def _number(context: Context, number: int) -> str:
    return context.param(lambda _: number, "int8", "number", number)
