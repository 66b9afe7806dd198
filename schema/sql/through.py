"""The tie between a record and its children where rows of a link dataset make it."""

from publicgsb.datasets.contracts.model import Link
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.identifiers import quote
from publicgsb.schema.planning.tree.records import Through
from publicgsb.schema.sql.context import Context


def through_condition(
    context: Context, inward: Link, through: Through, parent: tuple[str, ReleaseRef], child: ReleaseRef
) -> str | None:
    """What a child meets that some row ties to the parent; {t} stands for its alias. None: nothing can tie them.

    However many rows tie the two, the child comes once: it is a condition, not a join. The rows of the parent are read
    by the index of their link, made distinct, and the children found by their key.
    """
    via = context.releases[through.slot]
    t, release = parent
    outward = through.outward
    if via is None or not {*inward.fields, *outward.fields} <= via.columns:
        return None
    if not (set(inward.to_fields) <= release.columns and set(outward.to_fields) <= child.columns):
        return None
    v = context.alias("v")
    child_key = ", ".join(f"{{t}}.{quote(column)}" for column in outward.to_fields)
    tied = ", ".join(f"{v}.{quote(column)}" for column in outward.fields)
    ours = " and ".join(
        f"{v}.{quote(here)} = {t}.{quote(there)}" for here, there in zip(inward.fields, inward.to_fields, strict=True)
    )
    return f"({child_key}) in (select distinct {tied} from {context.table(through.slot)} {v} where {ours})"
