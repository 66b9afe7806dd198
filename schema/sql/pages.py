"""Pages and records as sub-selects: to-one links are joins, to-many links LATERAL with their own limit."""

from dataclasses import dataclass, field

from publicgsb.datasets.contracts.model import ROW_COLUMN, Link
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.identifiers import quote
from publicgsb.schema.planning.tree.records import (
    ColumnItem,
    Connection,
    CountKind,
    NullItem,
    Record,
    ToManyItem,
    ToOneItem,
    TypenameItem,
)
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.around import is_behind
from publicgsb.schema.sql.conditions import output, restrictions
from publicgsb.schema.sql.context import Context, Sub
from publicgsb.schema.sql.counts import count
from publicgsb.schema.sql.near import shown_sql
from publicgsb.schema.sql.order import OrderTerm, cursor, cursor_payload, keyset, order_by, terms_of
from publicgsb.schema.sql.output import output_name
from publicgsb.schema.sql.parts import Parts, needs_of, typename
from publicgsb.schema.sql.search import read_from
from publicgsb.schema.sql.through import through_condition
from publicgsb.schema.types.connections import PAGE_MAX


@dataclass(slots=True)
class Row:
    """What a record needs in its FROM clause, and the JSON that it yields."""

    json: str = ""
    outputs: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    counts: list[tuple[int, str]] = field(default_factory=list)
    has_plain_join: bool = False


class Pages:
    """Builds connections and the records in them, for one statement."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def connection(self, c: Connection, join: str | None) -> Sub:
        """`join` ties a nested connection to its parent; {t} in it is the child's alias."""
        context = self._context
        t, p, a = context.alias("t"), context.alias("p"), context.alias("a")
        terms = terms_of(context, c)
        needs = needs_of(c)
        first = context.param(binding.page_size(c.first), "int4", "first", c.first)
        limit = context.param(binding.page_size(c.first, 1), "int4", "first+1", c.first) if needs.more else first
        rows = [self.record(record, t) for record in needs.records]
        counts = [(level, sql) for row in rows for level, sql in row.counts]
        # A join may hand records on in another order, and what is beyond the page counts for nothing.
        is_numbered = c.is_backward or any(row.has_plain_join for row in rows) or (needs.more and bool(counts))
        outputs = [f"{row.json} as r{i}" for i, row in enumerate(rows)]
        if needs.cursor:
            outputs.append(f"{cursor_payload(context, c, [term.sql(t) for term in terms])} as k")
        if needs.bounds:
            outputs += [f"{term.sql(t)} as k{i}" for i, term in enumerate(terms)]
        if c.near is not None:
            outputs.append(f"{shown_sql(context, c.near, t)} as km")
        if is_numbered:
            outputs.append(f"{t}.rn")
        outputs += [f"{sql} as c{level}" for level, sql in counts] or ([] if outputs else ["1"])
        joins = [sql for row in rows for sql in row.joins]
        page = self._page(c, join, t, terms, limit, is_numbered=is_numbered)
        listed = f"select {', '.join(outputs)} from {' '.join([f'({page}) {t}', *joins])}"
        parts = Parts(self, c, join, p, a, first, len(terms), reads_beyond=needs.more, is_numbered=is_numbered)
        made = [parts.item(item) for item in c.items]
        gathered = [f"{parts.count} as n", *(f"{parts.sum(f'c{level}')} as c{level}" for level, _ in counts)]
        gathered += parts.aggregates
        levels = (c.level, *(level for level, _ in counts))
        passed = ", ".join([f"{a}.n as c{c.level}", *(f"{a}.c{level}" for level, _ in counts)])
        o = context.alias("o")
        return Sub(
            f"select row_to_json({o}) as j, {passed} from (select {', '.join(gathered)} from ({listed}) {p}) {a} "
            f"cross join lateral (select {', '.join(made)}) {o}",
            levels,
        )

    def _page(
        self, c: Connection, join: str | None, t: str, terms: tuple[OrderTerm, ...], limit: str, *, is_numbered: bool
    ) -> str:
        """The records of the page, read off the order's index.

        The bound limit stands outside a constant one and inside a sub-select, where the query planner cannot look: so
        it settles for one generic plan, made for a whole page, instead of planning anew at each request, which takes
        longer than reading a page of 100.
        """
        context = self._context
        place = [keyset(context, c, c.after, terms, t)] if c.after is not None else []
        source = read_from(context, c, t, restrictions(context, c, t, join), place)
        order = order_by(c, terms, t)
        # Numbered where the index gives the order: outside, the planner would sort the constant limit's 1,001 records.
        number = f", row_number() over (order by {order}) as rn" if is_numbered else ""
        scan = f"select {t}.*{number} from {source} order by {order} limit {PAGE_MAX + 1}"
        return f"select {t}.* from ({scan}) {t} limit (select {limit})"

    def record(self, record: Record, t: str) -> Row:
        row = Row()
        release = self._context.release(record.slot)
        for item in record.items:
            match item:
                case ColumnItem(alias, column):
                    row.outputs.append(f"{output(t, column, release)} as {output_name(alias)}")
                case TypenameItem(alias, name):
                    row.outputs.append(typename(alias, name))
                case NullItem(alias):
                    row.outputs.append(f"null::text as {output_name(alias)}")
                case ToOneItem():
                    self._to_one(row, item, release, t)
                case ToManyItem():
                    self._to_many(row, item, release, t)
        o = self._context.alias("o")
        row.joins.append(f"cross join lateral (select {', '.join(row.outputs)}) {o}")
        row.json = f"row_to_json({o})"
        return row

    def cursor(self, payload: str) -> str:
        return cursor(self._context, payload)

    def payload(self, c: Connection, values: list[str]) -> str:
        return cursor_payload(self._context, c, values)

    def is_behind(self, c: Connection, join: str | None) -> str:
        return is_behind(self._context, c, join)

    def total(self, c: Connection, join: str | None, kind: CountKind) -> str:
        return count(self._context, c, join, kind)

    def _to_one(self, row: Row, item: ToOneItem, release: ReleaseRef, t: str) -> None:
        target = self._context.releases[item.record.slot]
        if target is None or not _is_joined(item.link, release, target):
            row.outputs.append(f"null::json as {output_name(item.alias)}")
            return
        b = self._context.alias("t")
        on = " and ".join(
            f"{b}.{quote(there)} = {t}.{quote(here)}"
            for here, there in zip(item.link.fields, item.link.to_fields, strict=True)
        )
        inner = self.record(item.record, b)
        row.joins += [f"left join {self._context.table(item.record.slot)} {b} on {on}", *inner.joins]
        row.counts += inner.counts
        row.has_plain_join = True
        is_found = f"{b}.{quote(ROW_COLUMN)} is not null"
        row.outputs.append(f"case when {is_found} then {inner.json} end as {output_name(item.alias)}")

    def _to_many(self, row: Row, item: ToManyItem, release: ReleaseRef, t: str) -> None:
        target = self._context.releases[item.connection.slot]
        join = None if target is None else self._join(item, (t, release), target)
        if join is None:
            row.outputs.append(f"null::json as {output_name(item.alias)}")
            return
        name = self._context.alias("l")
        sub = self.connection(item.connection, join)
        row.joins.append(f"cross join lateral ({sub.sql}) {name}")
        row.counts += [(level, f"{name}.c{level}") for level in sub.levels]
        row.outputs.append(f"{name}.j as {output_name(item.alias)}")

    def _join(self, item: ToManyItem, parent: tuple[str, ReleaseRef], target: ReleaseRef) -> str | None:
        """The condition that makes a record a child of this parent; None when no column can tell."""
        if item.through is not None:
            return through_condition(self._context, item.link, item.through, parent, target)
        return _join_condition(item.link, parent[0]) if _is_joined(item.link, target, parent[1]) else None


def _is_joined(link: Link, holder: ReleaseRef, pointed: ReleaseRef) -> bool:
    """A release older than the link, or than the key it leads to, lacks columns: then nothing is linked."""
    return set(link.fields) <= holder.columns and set(link.to_fields) <= pointed.columns


def _join_condition(link: Link, parent: str) -> str:
    return " and ".join(
        f"{{t}}.{quote(here)} = {parent}.{quote(there)}"
        for here, there in zip(link.fields, link.to_fields, strict=True)
    )
