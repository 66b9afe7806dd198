"""What stands on the other side of a page's cursor."""

from dataclasses import replace

from publicgsb.schema.planning.tree.records import Connection
from publicgsb.schema.sql.conditions import restrictions
from publicgsb.schema.sql.context import Context
from publicgsb.schema.sql.order import keyset, order_by, terms_of
from publicgsb.schema.sql.search import read_from


def is_behind(context: Context, c: Connection, join: str | None) -> str:
    """Whether the list has a record at the cursor or beyond it, away from the page.

    It reads away from the cursor and stops at the first record, which is the cursor's own as long as the list is the
    one that the cursor came from. Not `exists`: PostgreSQL drops the ORDER BY inside one, and may then look for the
    record from the far end of the list.
    """
    if c.after is None:
        return "false"
    t = context.alias("t")
    away = replace(c, is_backward=not c.is_backward)
    terms = terms_of(context, c)
    place = [keyset(context, away, c.after, terms, t, equal="=")]
    source = read_from(context, c, t, restrictions(context, c, t, join), place)
    return f"coalesce((select true from {source} order by {order_by(away, terms, t)} limit 1), false)"
