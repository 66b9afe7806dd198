"""The only place that builds SQL from parts: quoted registry identifiers and bind parameters, nothing else.

One statement answers a whole operation. Each root field becomes one JSON text column, made by row_to_json over aliased
sub-selects: jsonb is 2.4 times slower and reorders keys, json_build_object 1.4 times slower and ends at 50 pairs
(measured). To-one links are joins, to-many links LATERAL sub-selects with their own limit.
"""

from dataclasses import dataclass, field

from publicgsb.datasets.contracts.model import ROW_COLUMN, Field, FieldType, FilterOp, Link
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.datasets.releases.ordering import Term, TermKind, order_terms
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.model import (
    All,
    ColumnItem,
    Compare,
    Condition,
    Connection,
    IsNull,
    Not,
    NullItem,
    Plan,
    Record,
    Root,
    Some,
    ToManyItem,
    ToOneItem,
    TypenameItem,
)
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.binding import PG_TYPES, Binder
from publicgsb.schema.sql.cursor import cursor_sql, fingerprint
from publicgsb.schema.sql.output import output_name
from publicgsb.schema.sql.parts import Parts, json_object, needs_of, typename

COUNT_MAX = 10_000
_OPERATORS = {FilterOp.EQ: "=", FilterOp.GT: ">", FilterOp.GTE: ">=", FilterOp.LT: "<", FilterOp.LTE: "<="}


@dataclass(frozen=True, slots=True)
class Statement:
    """`columns` says which root field each JSON column answers, `counts` which level each count column measures."""

    text: str
    binders: tuple[Binder, ...]
    columns: tuple[tuple[int, int], ...]  # (root index, column)
    counts: tuple[tuple[int, int], ...]  # (level index, column)


@dataclass(slots=True)
class _Sub:
    """A sub-select with a JSON column `j` and one count column per level."""

    sql: str
    levels: tuple[int, ...]


@dataclass(slots=True)
class _Row:
    """What a record needs in its FROM clause, and what it yields."""

    outputs: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    counts: list[tuple[int, str]] = field(default_factory=list)
    has_plain_join: bool = False


def build(plan: Plan, releases: tuple[ReleaseRef | None, ...]) -> Statement:
    """One SELECT for all root fields whose dataset is bound."""
    return _Builder(plan, releases).statement()


class _Builder:
    def __init__(self, plan: Plan, releases: tuple[ReleaseRef | None, ...]) -> None:
        self._plan = plan
        self._releases = releases
        self._binders: list[Binder] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._names = 0
        self._root = 0

    def statement(self) -> Statement:
        subs: list[tuple[int, _Sub]] = []
        for index, root in enumerate(self._plan.roots):
            if not root.is_withheld and self._releases[root.slot] is not None:
                self._root = index
                subs.append((index, self._root_sub(root)))
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
        return Statement(f"select {named} from {source}", tuple(self._binders), tuple(columns), tuple(counts))

    # Parts -------------------------------------------------------------------------------------------------

    def _root_sub(self, root: Root) -> _Sub:
        if isinstance(root.body, Connection):
            return self._connection(root.body, None)
        assert root.key is not None
        t = self._alias("t")
        row = self._record(root.body, t)
        conditions = [
            self._compare(f"{t}.{quote(column.name)}", column, FilterOp.EQ, leaf)
            for column, leaf in zip(root.key.fields, root.key.operands, strict=True)
        ]
        source = " ".join([f"{self._table(root.body.slot)} {t}", *row.joins])
        where = " and ".join(conditions)
        if not row.counts:
            return _Sub(
                f"select row_to_json(r) as j from (select {', '.join(row.outputs)} from {source} where {where}) r",
                (),
            )
        counts = ", ".join(f"{sql} as c{level}" for level, sql in row.counts)
        return _Sub(
            f"select {json_object(row.outputs)} as j, {counts} from {source} where {where}",
            tuple(level for level, _ in row.counts),
        )

    def _connection(self, c: Connection, join: str | None) -> _Sub:
        """`join` ties a nested connection to its parent; {t} in it is the child's alias."""
        t, p, a = self._alias("t"), self._alias("p"), self._alias("a")
        release = self._release(c.slot)
        terms = self._terms(c, release)
        needs = needs_of(c.items)
        first = self._param(binding.page_size(c.first), "int4", "first", c.first)
        limit = self._param(binding.page_size(c.first, 1), "int4", "first+1", c.first) if needs.more else first
        conditions = self._conditions(c, t, join)
        if c.after is not None:
            conditions.append(self._keyset(c, c.after, release, terms, t))
        rows = [self._record(record, t) for record in needs.records]
        joins = [sql for row in rows for sql in row.joins]
        direction = " desc" if c.is_descending else ""
        order = ", ".join(f"{term.sql(t)}{direction}" for term in terms)
        is_numbered = needs.more or needs.cursor or any(row.has_plain_join for row in rows)
        number = f", row_number() over (order by {order}) as rn" if is_numbered else ""
        where = f" where {' and '.join(conditions)}" if conditions else ""
        page = f"select {t}.*{number} from {self._table(c.slot)} {t}{where} order by {order} limit {limit}"
        outputs = [f"{json_object(row.outputs)} as r{i}" for i, row in enumerate(rows)]
        if needs.cursor:
            outputs.append(f"{self._payload(c, release, terms, t)} as k")
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
        return _Sub(
            f"select {json_object(made)} as j, {passed} from (select {', '.join(gathered)} from ({listed}) {p}) {a}",
            levels,
        )

    def _record(self, record: Record, t: str) -> _Row:
        row = _Row()
        release = self._release(record.slot)
        for item in record.items:
            match item:
                case ColumnItem(alias, column):
                    row.outputs.append(f"{_column(t, column, release)} as {output_name(alias)}")
                case TypenameItem(alias, name):
                    row.outputs.append(typename(alias, name))
                case NullItem(alias):
                    row.outputs.append(f"null::text as {output_name(alias)}")
                case ToOneItem():
                    self._to_one(row, item, release, t)
                case ToManyItem():
                    self._to_many(row, item, release, t)
        return row

    def _to_one(self, row: _Row, item: ToOneItem, release: ReleaseRef, t: str) -> None:
        target = self._releases[item.record.slot]
        if target is None or not set(item.link.fields) <= release.columns:
            row.outputs.append(f"null::json as {output_name(item.alias)}")
            return
        b = self._alias("t")
        on = " and ".join(
            f"{b}.{quote(there)} = {t}.{quote(here)}"
            for here, there in zip(item.link.fields, item.link.to_fields, strict=True)
        )
        inner = self._record(item.record, b)
        row.joins += [f"left join {self._table(item.record.slot)} {b} on {on}", *inner.joins]
        row.counts += inner.counts
        row.has_plain_join = True
        is_found = f"{b}.{quote(ROW_COLUMN)} is not null"
        row.outputs.append(f"case when {is_found} then {json_object(inner.outputs)} end as {output_name(item.alias)}")

    def _to_many(self, row: _Row, item: ToManyItem, release: ReleaseRef, t: str) -> None:
        target = self._releases[item.connection.slot]
        if target is None or not set(item.link.fields) <= target.columns:
            row.outputs.append(f"null::json as {output_name(item.alias)}")
            return
        name = self._alias("l")
        sub = self._connection(item.connection, _join_condition(item.link, t))
        row.joins.append(f"cross join lateral ({sub.sql}) {name}")
        row.counts += [(level, f"{name}.c{level}") for level in sub.levels]
        row.outputs.append(f"{name}.j as {output_name(item.alias)}")

    # Conditions and order ----------------------------------------------------------------------------------

    def _conditions(self, c: Connection, t: str, join: str | None) -> list[str]:
        conditions = [join.format(t=t)] if join else []
        if c.condition is not None:
            conditions.append(self._condition(c.condition, t, self._release(c.slot)))
        return conditions

    def _condition(self, condition: Condition, t: str, release: ReleaseRef) -> str:
        match condition:
            case All(of):
                return "(" + " and ".join(self._condition(part, t, release) for part in of) + ")"
            case Some(of):
                return "(" + " or ".join(self._condition(part, t, release) for part in of) + ")"
            case Not(of):
                return f"({self._condition(of, t, release)} is not true)"
            case IsNull(column, wanted):
                return f"{_stored(t, column, release)} is {'' if wanted else 'not '}null"
            case Compare(column, op, leaf):
                return self._compare(_stored(t, column, release), column, op, leaf)

    def _compare(self, sql: str, column: Field, op: FilterOp, leaf: Leaf) -> str:
        type_ = PG_TYPES[column.type]
        if op is FilterOp.IN:
            return f"{sql} = any({self._param(binding.operand_list(leaf, column), f'{type_}[]', op, leaf, column)})"
        if op is FilterOp.STARTS_WITH:
            lower, upper = binding.prefix_bounds(leaf, column)
            low = self._param(lower, type_, op, leaf, column)
            return f"({sql} >= {low} and {sql} < {self._param(upper, type_, 'end', leaf, column)})"
        return f"{sql} {_OPERATORS[op]} {self._param(binding.operand(leaf, column), type_, leaf, column)}"

    def _terms(self, c: Connection, release: ReleaseRef) -> tuple[Term, ...]:
        if c.ordering == "key":
            return order_terms(release.contract, None, c.is_descending)
        for ordering in release.contract.orderings:
            if ordering.name == c.ordering:
                return order_terms(release.contract, ordering, c.is_descending)
        raise InvalidRequest(
            f"Release {release.seq} of {release.contract.slug} has no order by {c.ordering}.",
            hint="Order an older release by its key.",
        )

    def _keyset(self, c: Connection, after: Leaf, release: ReleaseRef, terms: tuple[Term, ...], t: str) -> str:
        """One row comparison, which the ordering's index serves at any depth; OR-chains are 47 times slower."""
        name = fingerprint(release.contract, c.ordering, c.is_descending)
        values = [
            self._param(
                binding.cursor_part(after, name, i, len(terms), type_),
                PG_TYPES[type_],
                "cursor",
                after,
                i,
                name,
            )
            for i, type_ in enumerate(map(_term_type, terms))
        ]
        columns = ", ".join(term.sql(t) for term in terms)
        return f"({columns}) {'<' if c.is_descending else '>'} ({', '.join(values)})"

    def _payload(self, c: Connection, release: ReleaseRef, terms: tuple[Term, ...], t: str) -> str:
        name = fingerprint(release.contract, c.ordering, c.is_descending)
        label = self._param(lambda _: name, "text", "fingerprint", name)
        version = self._param(binding.root_version(self._root), "int8", "version", self._root)
        values = "".join(f", ({term.sql(t)})::text" for term in terms)
        return f"json_build_array({label}, {version}{values})::text"

    def cursor(self, payload: str) -> str:
        return cursor_sql(payload, self._param(binding.cursor_secret, "bytea", "secret"))

    def total(self, c: Connection, join: str | None) -> str:
        """Exact, or null above 10,000 when filtered; the whole dataset's count is known since its release."""
        if c.condition is None and join is None:
            return self._param(binding.release_rows(c.slot), "int4", "rows", c.slot)
        t = self._alias("t")
        where = " and ".join(self._conditions(c, t, join))
        counted = f"select 1 from {self._table(c.slot)} {t} where {where} limit {COUNT_MAX + 1}"
        return f"(select case when count(*) <= {COUNT_MAX} then count(*) end from ({counted}) k)"

    # Small things ------------------------------------------------------------------------------------------

    def _release(self, slot: int) -> ReleaseRef:
        release = self._releases[slot]
        assert release is not None
        return release

    def _table(self, slot: int) -> str:
        return released(self._release(slot).table)

    def _alias(self, kind: str) -> str:
        self._names += 1
        return f"{kind}{self._names}"

    def _param(self, binder: Binder, type_: str, *identity: object) -> str:
        """`$n::type`; the same identity and type share one parameter."""
        key = (type_, *identity)
        if key not in self._numbers:
            self._binders.append(binder)
            self._numbers[key] = len(self._binders)
        return f"${self._numbers[key]}::{type_}"


def _stored(t: str, column: Field, release: ReleaseRef) -> str:
    """The column, or null where the bound release lacks it."""
    if column.name not in release.columns:
        return f"null::{PG_TYPES[column.type]}"
    return f"{t}.{quote(column.name)}"


def _column(t: str, column: Field, release: ReleaseRef) -> str:
    """As it leaves: 64-bit and exact numbers as strings, so that no JSON reader rounds them."""
    sql = _stored(t, column, release)
    return f"{sql}::text" if column.type in (FieldType.BIGINT, FieldType.DECIMAL) else sql


def _term_type(term: Term) -> FieldType:
    return FieldType.BOOLEAN if term.kind is TermKind.NULL_FLAG else term.type


def _join_condition(link: Link, parent: str) -> str:
    return " and ".join(
        f"{{t}}.{quote(here)} = {parent}.{quote(there)}"
        for here, there in zip(link.fields, link.to_fields, strict=True)
    )
