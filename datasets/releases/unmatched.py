"""What the keys that found nothing look like: enough to see lost zeros or a wrong column, and never a key itself."""

from collections import Counter
from dataclasses import replace

from publicgsb.datasets.contracts.model import MOSTLY
from publicgsb.datasets.ingest.links import LinkFound
from publicgsb.datasets.ingest.shapes import shape
from publicgsb.datasets.registry import LinkRate
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.datasets.releases.links import Pair
from publicgsb.datasets.releases.padded import would_pad
from publicgsb.platform.kernel.database import Connection

KEYS_LOOKED_AT_MAX = 10_000
SHAPES_TOLD_MAX = 10


async def look(connection: Connection, pair: Pair, rate: LinkRate) -> LinkFound:
    """The shapes of the distinct keys of this link without a record, the commonest first; what zeroPad would mend."""
    link = pair.link
    found: Counter[str] = Counter()
    distinct = 0
    if rate.matched < rate.rows:
        keys = ", ".join(f"s.{quote(column)}::text as k{at}" for at, column in enumerate(link.fields))
        whole = " and ".join(f"s.{quote(column)} is not null" for column in link.fields)
        same = " and ".join(
            f"t.{quote(there)} = s.{quote(here)}" for here, there in zip(link.fields, link.to_fields, strict=True)
        )
        rows = await connection.fetch(
            f"""
            select missing.*, count(*) over () as total
            from (
              select distinct {keys} from {released(pair.source.table)} as s
              where {whole} and not exists (select from {released(pair.target.table)} as t where {same})
            ) as missing
            order by 1
            limit {KEYS_LOOKED_AT_MAX}
            """  # noqa: S608 - names are quoted, nothing else varies
        )
        distinct = rows[0]["total"] if rows else 0
        found.update(" + ".join(shape(row[f"k{at}"]) for at in range(len(link.fields))) for row in rows)
    shapes = tuple(sorted(found.items(), key=lambda one: (-one[1], one[0]))[:SHAPES_TOLD_MAX])
    told = LinkFound(
        *(link.name, "/".join(link.target), rate.rows, rate.matched, distinct, shapes, link.fields),
        mostly=MOSTLY if link.mostly is None else link.mostly,
        severity=link.severity,
    )
    if told.is_too_seldom or (rate.rows and not rate.matched):  # which is counted once more, so only where it matters
        told = replace(told, padded=await would_pad(connection, pair, rate))
    return told
