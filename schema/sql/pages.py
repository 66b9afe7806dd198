"""Pages and records as sub-selects: to-one links are joins, to-many links LATERAL with their own limit."""

from dataclasses import dataclass, field

from publicgsb.datasets.contracts.model import ROW_COLUMN, Link
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.identifiers import quote
from publicgsb.schema.planning.model import (
    ColumnItem,
    Connection,
    NullItem,
    Record,
    ToManyItem,
    ToOneItem,
    TypenameItem,
)
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.conditions import condition_sql, output
from publicgsb.schema.sql.context import Context, Sub
from publicgsb.schema.sql.order import cursor, cursor_payload, keyset, terms_of
from publicgsb.schema.sql.output import output_name
from publicgsb.schema.sql.parts import Parts, json_object, needs_of, typename

COUNT_MAX = 10_000


@dataclass(slots=True)
class Row:
    """What a record needs in its FROM clause, and what it yields."""

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
        terms = terms_of(c, context.release(c.slot))
        needs = needs_of(c.items)
        first = context.param(binding.page_size(c.first), "int4", "first", c.first)
        limit = context.param(binding.page_size(c.first, 1), "int4", "first+1", c.first) if needs.more else first
        conditions = self._conditions(c, t, join)
        if c.after is not None:
            conditions.append(keyset(context, c, c.after, terms, t))
        rows = [self.record(record, t) for record in needs.records]
        joins = [sql for row in rows for sql in row.joins]
        direction = " desc" if c.is_descending else ""
        order = ", ".join(f"{term.sql(t)}{direction}" for term in terms)
        is_numbered = needs.more or needs.cursor or any(row.has_plain_join for row in rows)
        number = f", row_number() over (order by {order}) as rn" if is_numbered else ""
        where = f" where {' and '.join(conditions)}" if conditions else ""
        page = f"select {t}.*{number} from {context.table(c.slot)} {t}{where} order by {order} limit {limit}"
        outputs = [f"{json_object(row.outputs)} as r{i}" for i, row in enumerate(rows)]
        if needs.cursor:
            outputs.append(f"{cursor_payload(context, c, terms, t)} as k")
        if is_numbered:
            outputs.append(f"{t}.rn")
        counts = [(level, sql) for row in rows for level, sql in row.counts]
        outputs += [f"{sql} as c{level}" for level, sql in counts]
        listed = f"select {', '.join(outputs)} from {' '.join([f'({page}) {t}', *joins])}"
        inside = f" filter (where {p}.rn <= {first})" if needs.more else ""
        sequence = f" order by {p}.rn" if is_numbered else ""
        gathered = [f"count(*){inside} as n"]
        gathered += [f"coalesce(sum({p}.c{level}){inside}, 0)::int8 as c{level}" for level, _ in counts]
        parts = Parts(self, c, p, a, first, inside, sequence, join)
        made = [parts.item(item) for item in c.items]
        gathered += parts.aggregates
        levels = (c.level, *(level for level, _ in counts))
        passed = ", ".join([f"{a}.n as c{c.level}", *(f"{a}.c{level}" for level, _ in counts)])
        return Sub(
            f"select {json_object(made)} as j, {passed} from (select {', '.join(gathered)} from ({listed}) {p}) {a}",
            levels,
        )

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
                    self._to_many(row, item, t)
        return row

    def cursor(self, payload: str) -> str:
        return cursor(self._context, payload)

    def total(self, c: Connection, join: str | None) -> str:
        """Exact, or null above 10,000 when filtered; the whole dataset's count is known since its release."""
        context = self._context
        if c.condition is None and join is None:
            return context.param(binding.release_rows(c.slot), "int4", "rows", c.slot)
        t = context.alias("t")
        where = " and ".join(self._conditions(c, t, join))
        counted = f"select 1 from {context.table(c.slot)} {t} where {where} limit {COUNT_MAX + 1}"
        return f"(select case when count(*) <= {COUNT_MAX} then count(*) end from ({counted}) k)"

    def _to_one(self, row: Row, item: ToOneItem, release: ReleaseRef, t: str) -> None:
        target = self._context.releases[item.record.slot]
        if target is None or not set(item.link.fields) <= release.columns:
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
        row.outputs.append(f"case when {is_found} then {json_object(inner.outputs)} end as {output_name(item.alias)}")

    def _to_many(self, row: Row, item: ToManyItem, t: str) -> None:
        target = self._context.releases[item.connection.slot]
        if target is None or not set(item.link.fields) <= target.columns:
            row.outputs.append(f"null::json as {output_name(item.alias)}")
            return
        name = self._context.alias("l")
        sub = self.connection(item.connection, _join_condition(item.link, t))
        row.joins.append(f"cross join lateral ({sub.sql}) {name}")
        row.counts += [(level, f"{name}.c{level}") for level in sub.levels]
        row.outputs.append(f"{name}.j as {output_name(item.alias)}")

    def _conditions(self, c: Connection, t: str, join: str | None) -> list[str]:
        conditions = [join.format(t=t)] if join else []
        if c.condition is not None:
            conditions.append(condition_sql(self._context, c.condition, t, self._context.release(c.slot)))
        return conditions


def _join_condition(link: Link, parent: str) -> str:
    return " and ".join(
        f"{{t}}.{quote(here)} = {parent}.{quote(there)}"
        for here, there in zip(link.fields, link.to_fields, strict=True)
    )
