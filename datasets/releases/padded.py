"""Whether lost zeros are why a link finds too little: how much it would find with them back, and at which width."""

from publicgsb.datasets.ingest.links import Padded
from publicgsb.datasets.registry import LinkRate
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.datasets.releases.links import Pair
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

WIDTH_MAX = 64  # of zeroPad

_TEXTS = load("publicgsb.datasets.releases", "sql/text_columns.sql")
_DIGITS = "~ '^[0-9]+$'"


async def would_pad(connection: Connection, pair: Pair, rate: LinkRate) -> Padded | None:
    """The field of the link by which it gains most, as zeroPad works; None where it gains nothing.

    The width is that of most keys of digits on the other side. Counted over all rows, as the rate is.
    """
    here = await _texts(connection, pair.source.table)
    there = await _texts(connection, pair.target.table)
    best: Padded | None = None
    for column, key in zip(pair.link.fields, pair.link.to_fields, strict=True):
        if column not in here or key not in there:
            continue  # a number has no zeros to lose
        width = await connection.fetchval(
            f"""
            select length({quote(key)}) from {released(pair.target.table)}
            where {quote(key)} {_DIGITS} and length({quote(key)}) <= {WIDTH_MAX}
            group by 1 order by count(*) desc, 1
            limit 1
            """  # noqa: S608 - names are quoted, nothing else varies
        )
        if width is None:
            continue
        matched: int = await connection.fetchval(_count(pair, column), width)
        if matched > (best.matched if best else rate.matched):
            best = Padded(column, width, matched)
    return best


def _count(pair: Pair, padded: str) -> str:
    """$1 is the width."""
    link = pair.link
    whole = " and ".join(f"s.{quote(column)} is not null" for column in link.fields)
    same = " and ".join(
        f"t.{quote(there)} = {_filled(here) if here == padded else f's.{quote(here)}'}"
        for here, there in zip(link.fields, link.to_fields, strict=True)
    )
    return f"""
        select count(*) from {released(pair.source.table)} as s
        join {released(pair.target.table)} as t on {same}
        where {whole}
        """  # noqa: S608 - names are quoted, nothing else varies


def _filled(column: str) -> str:
    cell = f"s.{quote(column)}"
    return f"case when {cell} {_DIGITS} and length({cell}) < $1::int then lpad({cell}, $1::int, '0') else {cell} end"


async def _texts(connection: Connection, table: str) -> set[str]:
    return {row["name"] for row in await connection.fetch(_TEXTS, released(table))}
