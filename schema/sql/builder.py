"""From a plan and its bound releases to one SELECT. Only `schema/sql/` builds SQL from parts: quoted registry
identifiers and bind parameters, nothing else.

Each root field becomes one JSON text column, made by row_to_json over aliased sub-selects: jsonb is slower and reorders
keys, json_build_object is slower and ends at 50 pairs (docs/decisions/0004).
"""

from dataclasses import dataclass

from publicgsb.datasets.contracts.model import FilterOp
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.schema.planning.model import KeyEquals, Plan, Root
from publicgsb.schema.planning.tree.aggregates import Aggregate
from publicgsb.schema.planning.tree.changes import Changes
from publicgsb.schema.planning.tree.records import Connection, Record
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.aggregates import aggregate_sub
from publicgsb.schema.sql.binding import PG_TYPES, Binder
from publicgsb.schema.sql.changes import changes_sub
from publicgsb.schema.sql.conditions import compare, stored
from publicgsb.schema.sql.context import Context, Sub, Trails
from publicgsb.schema.sql.pages import Pages


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """`columns` says which root field each JSON column answers, `counts` which level each count column measures.

    With a `key_count` it is a look-up for many keys at once: the first arguments, so many, are one member's key and are
    sent as arrays; its rows begin with the member's place in them, counted from 1. Members without a row found nothing.
    """

    text: str
    binders: tuple[Binder, ...]
    columns: tuple[tuple[int, int], ...]  # (root index, column)
    counts: tuple[tuple[int, int], ...]  # (level index, column)
    key_count: int = 0
    size: int | None = None  # the column that holds the bytes of all JSON of the row


def build(
    plan: Plan,
    releases: tuple[ReleaseRef | None, ...],
    trails: Trails | None = None,
    shorts: frozenset[Leaf] = frozenset(),
) -> Statement:
    """One SELECT for all root fields whose dataset is bound."""
    context = Context(releases, trails or {}, shorts)
    subs: list[tuple[int, Sub]] = []
    for index, root in enumerate(plan.roots):
        if not root.is_withheld and releases[root.slot] is not None:
            context.root = index
            subs.append((index, _root(context, root)))
    outputs: list[str] = []
    columns: list[tuple[int, int]] = []
    counts: list[tuple[int, int]] = []
    for number, (index, sub) in enumerate(subs):
        columns.append((index, len(outputs)))
        outputs.append(f"q{number}.j::text")
        for level in sub.levels:
            counts.append((level, len(outputs)))
            outputs.append(f"q{number}.c{level}")
    if len(subs) == 1:
        source = f"({subs[0][1].sql}) q0"
    else:
        joins = "".join(f" left join ({sub.sql}) q{n} on true" for n, (_, sub) in enumerate(subs))
        source = f"(select) z{joins}"
    named = ", ".join(f"{output} as o{number}" for number, output in enumerate(outputs))
    return Statement(f"select {named} from {source}", tuple(context.binders), tuple(columns), tuple(counts))


def is_look_up(plan: Plan) -> bool:
    """One record by its key and no other root field: the commonest question, asked together with others like it."""
    return len(plan.roots) == 1 and plan.roots[0].key is not None and not plan.roots[0].is_withheld


def build_look_up(plan: Plan, releases: tuple[ReleaseRef | None, ...]) -> Statement:
    """One SELECT that answers the look-up for many keys; `is_look_up` comes first."""
    context = Context(releases)
    root = plan.roots[0]
    assert isinstance(root.body, Record)
    assert root.key is not None
    key = root.key
    arrays = ", ".join(
        context.param(binding.operand(leaf, column), f"{PG_TYPES[column.type]}[]", "key", number)
        for number, (column, leaf) in enumerate(zip(key.fields, key.operands, strict=True))
    )
    t = context.alias("t")
    row = Pages(context).record(root.body, t)
    names = ", ".join(f"k{number}" for number in range(len(key.fields)))
    release = context.release(root.body.slot)
    matches = " and ".join(f"{stored(t, column, release)} = k.k{number}" for number, column in enumerate(key.fields))
    source = " ".join([f"join {context.table(root.body.slot)} {t} on {matches}", *row.joins])
    outputs = ["k.n as o0", f"{row.json}::text as o1"]
    outputs += [f"{sql} as o{number}" for number, (_, sql) in enumerate(row.counts, start=2)]
    return Statement(
        f"select {', '.join(outputs)} from unnest({arrays}) with ordinality k({names}, n) {source}",
        tuple(context.binders),
        ((0, 1),),
        tuple((level, number) for number, (level, _) in enumerate(row.counts, start=2)),
        len(key.fields),
    )


def _root(context: Context, root: Root) -> Sub:
    match root.body:
        case Connection():
            return Pages(context).connection(root.body, None)
        case Changes():
            return changes_sub(context, root.body)
        case Aggregate():
            return aggregate_sub(context, root.body)
        case Record():
            assert root.key is not None
            return _look_up(context, root.body, root.key)


def _look_up(context: Context, record: Record, key: KeyEquals) -> Sub:
    t = context.alias("t")
    row = Pages(context).record(record, t)
    where = " and ".join(
        compare(context, stored(t, column, context.release(record.slot)), column, FilterOp.EQ, leaf)
        for column, leaf in zip(key.fields, key.operands, strict=True)
    )
    source = " ".join([f"{context.table(record.slot)} {t}", *row.joins])
    counts = "".join(f", {sql} as c{level}" for level, sql in row.counts)
    return Sub(f"select {row.json} as j{counts} from {source} where {where}", tuple(level for level, _ in row.counts))
