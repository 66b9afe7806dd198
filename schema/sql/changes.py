"""A change feed as a sub-select: the keys of both releases, met with both tables, page by page.

Every part is read in key order off the key indexes, so a page ends as soon as it is full. Values are compared by their
binary image: 1.0 and 1.00 leave as different text, so they differ.
"""

from publicgsb.datasets.contracts.model import ROW_COLUMN, Field
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.schema.planning.tree.changes import (
    Change,
    ChangedFieldsItem,
    ChangeEdges,
    ChangeKind,
    ChangeNodes,
    Changes,
    KeyItem,
    KindItem,
    Side,
    SideItem,
    TallyItem,
)
from publicgsb.schema.planning.tree.records import ColumnItem, CursorItem, PageInfoItem, PagePart, TypenameItem
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.binding import PG_TYPES
from publicgsb.schema.sql.conditions import condition_sql, output, stored
from publicgsb.schema.sql.context import Context, Sub
from publicgsb.schema.sql.cursor import CHANGES, changes_cursor_length, fingerprint
from publicgsb.schema.sql.order import cursor
from publicgsb.schema.sql.output import output_name
from publicgsb.schema.sql.pages import Pages, Row
from publicgsb.schema.sql.parts import ahead, json_object, typename
from publicgsb.schema.types.connections import COUNT_MAX, PAGE_MAX

_KINDS = ("ADDED", "REMOVED", "CHANGED")


class Feed:
    """Builds one change feed of one statement."""

    def __init__(self, context: Context, changes: Changes) -> None:
        self._context = context
        self._c = changes
        self._now = context.release(changes.slot)
        self._since = context.release(changes.since_slot)
        contract = self._now.contract
        self._key = tuple(contract.field(column) for column in contract.primary_key)
        self._trail = context.trails.get(context.root, ())
        stored_somewhere = self._now.columns | self._since.columns
        self._compared = tuple(field for field in changes.compared if field.name in stored_somewhere)
        self._o, self._n, self._g = context.alias("o"), context.alias("n"), context.alias("g")
        self._p, self._a, self._y = context.alias("p"), context.alias("a"), context.alias("y")
        self._is_tallied = any(isinstance(item, TallyItem) for item in changes.items)
        self._aggregates: list[str] = []
        self._rows: list[Row] = []

    def sub(self) -> Sub:
        c, context, p, a = self._c, self._context, self._p, self._a
        first = context.param(binding.page_size(c.first), "int4", "first", c.first)
        limit = context.param(binding.page_size(c.first, 1), "int4", "first+1", c.first)
        inside = f" filter (where {p}.rn <= {first})"
        changes = [self._change(change) for change in c.changes]
        counts = [(level, sql) for row in self._rows for level, sql in row.counts]
        made = self._members(first, inside)
        gathered = [f"count(*){inside} as n", *self._aggregates]
        gathered += [f"coalesce(sum({p}.c{level}){inside}, 0)::int8 as c{level}" for level, _ in counts]
        outputs = [f"{sql} as r{number}" for number, sql in enumerate(changes)]
        outputs += [f"{self._cursor_payload()} as k", f"{self._g}.rn", *(f"{sql} as c{level}" for level, sql in counts)]
        joins = " ".join(sql for row in self._rows for sql in row.joins)
        listed = f"select {', '.join(outputs)} from ({self._page(limit)}) {self._sides(self._g)} {joins}"
        passed = ", ".join([f"{a}.n as c{c.level}", *(f"{a}.c{level}" for level, _ in counts)])
        tallies = f" cross join ({self._tallies()}) {self._y}" if self._is_tallied else ""
        return Sub(
            f"select {json_object(made)} as j, {passed} from (select {', '.join(gathered)} from ({listed}) {p}) {a}"
            f"{tallies}",
            (c.level, *(level for level, _ in counts)),
        )

    def _page(self, limit: str) -> str:
        columns = _listed(self._g, self._key)
        order = _listed(self._g, self._key, " desc" if self._c.is_backward else "")
        scan = (
            f"select {columns}, row_number() over (order by {order}) as rn "
            f"from {self._candidates('<' if self._c.is_backward else '>')} "
            f"where {self._differs()} order by {order} limit {PAGE_MAX + 1}"
        )  # the bound limit stands where the query planner cannot look, as in pages.py
        return f"select {self._g}.* from ({scan}) {self._g} limit (select {limit})"

    def _candidates(self, side: str = "") -> str:
        """Every key that may differ, on that side of the cursor, with both tables beside it."""
        tables = [released(release.changes.table) for release in self._trail if release.changes]
        tables = tables or [self._context.table(slot) for slot in (self._c.since_slot, self._c.slot)]
        keys = " union all ".join(self._keys(table, side) for table in tables)
        names = _listed("u", self._key)
        return f"(select distinct {names} from ({keys}) u) {self._sides(self._g)}"

    def _keys(self, table: str, side: str) -> str:
        u = self._context.alias("u")
        columns = _listed(u, self._key)
        if not side or self._c.after is None:
            return f"select {columns} from {table} {u}"
        after, name, length = self._c.after, self._fingerprint, changes_cursor_length(self._now.contract)
        values = [
            self._context.param(
                binding.cursor_part(after, lambda _: name, 2 + number, length, field.type),
                PG_TYPES[field.type],
                *("cursor", after, number, name),
            )
            for number, field in enumerate(self._key)
        ]
        return f"select {columns} from {table} {u} where ({columns}) {side} ({', '.join(values)})"

    def _sides(self, keys: str) -> str:
        """The alias of a source of keys, and both tables joined to it."""
        joins = [keys]
        for alias, slot in ((self._o, self._c.since_slot), (self._n, self._c.slot)):
            on = " and ".join(f"{alias}.{quote(field.name)} = {keys}.{quote(field.name)}" for field in self._key)
            joins.append(f"left join {self._context.table(slot)} {alias} on {on}")
        return " ".join(joins)

    def _differs(self) -> str:
        if self._now.id == self._since.id:
            return "false"
        # A key that came and went between the two is in neither.
        is_change = f"({_absent(self._o)}) <> ({_absent(self._n)}) or {self._unequal(self._compared)}"
        if self._c.condition is None:
            return f"({is_change})"
        before = condition_sql(self._context, self._c.condition, self._o, self._since)
        after = condition_sql(self._context, self._c.condition, self._n, self._now)
        return f"({is_change}) and (({_present(self._o)} and {before}) or ({_present(self._n)} and {after}))"

    def _unequal(self, fields: tuple[Field, ...]) -> str:
        if not fields:
            return "false"
        before = ", ".join(stored(self._o, field, self._since) for field in fields)
        after = ", ".join(stored(self._n, field, self._now) for field in fields)
        return f"record_image_ne(row({before}), row({after}))"

    def _change(self, change: Change) -> str:
        outputs = []
        for item in change.items:
            match item:
                case TypenameItem(alias, name):
                    outputs.append(typename(alias, name))
                case KindItem(alias):
                    kinds = self._context.param(lambda _: list(_KINDS), "text[]", "change kinds")
                    number = f"case when {_absent(self._o)} then 1 when {_absent(self._n)} then 2 else 3 end"
                    outputs.append(f"({kinds})[{number}] as {output_name(alias)}")
                case ChangedFieldsItem(alias):
                    outputs.append(f"{self._changed_fields()} as {output_name(alias)}")
                case KeyItem(alias):
                    outputs.append(f"{self._key_object(item)} as {output_name(alias)}")
                case SideItem(alias):
                    outputs.append(f"{self._side(item)} as {output_name(alias)}")
        return json_object(outputs)

    def _changed_fields(self) -> str:
        api_names = [field.api_name for field in self._compared]
        names = self._context.param(lambda _: api_names, "text[]", "compared", *api_names)
        flags = ", ".join(self._unequal((field,)) for field in self._compared)
        is_both = f"{_present(self._o)} and {_present(self._n)}"
        return (
            f"(select coalesce(json_agg(f.name order by f.at), json_build_array()) from unnest({names}, "
            f"array[{flags}]::bool[]) with ordinality f(name, differs, at) where f.differs and {is_both})"
        )

    def _key_object(self, item: KeyItem) -> str:
        outputs = []
        for part in item.items:
            match part:
                case TypenameItem(alias, name):
                    outputs.append(typename(alias, name))
                case ColumnItem(alias, field):
                    outputs.append(f"{output(self._g, field, self._now)} as {output_name(alias)}")
        return json_object(outputs)

    def _side(self, item: SideItem) -> str:
        t = self._o if item.side is Side.SINCE else self._n
        self._context.side = item.side
        row = Pages(self._context).record(item.record, t)
        self._context.side = Side.NOW
        self._rows.append(row)
        return f"case when {_present(t)} then {row.json} end"

    def _members(self, first: str, inside: str) -> list[str]:
        made = []
        records = iter(range(len(self._c.changes)))
        for item in self._c.items:
            match item:
                case TypenameItem(alias, name):
                    made.append(typename(alias, name))
                case ChangeNodes(alias):
                    made.append(f"{self._list(f'{self._p}.r{next(records)}', inside)} as {output_name(alias)}")
                case ChangeEdges(alias, parts):
                    outputs = []
                    for part in parts:
                        match part:
                            case TypenameItem(inner, name):
                                outputs.append(typename(inner, name))
                            case CursorItem(inner):
                                outputs.append(f"{self._cursor(f'{self._p}.k')} as {output_name(inner)}")
                            case ChangeNodes(inner):
                                outputs.append(f"{self._p}.r{next(records)} as {output_name(inner)}")
                    made.append(f"{self._list(json_object(outputs), inside)} as {output_name(alias)}")
                case PageInfoItem(alias):
                    made.append(f"{self._page_info(item, first, inside)} as {output_name(alias)}")
                case TallyItem(alias, kind):
                    made.append(f"{self._y}.{kind} as {output_name(alias)}")
        return made

    def _list(self, element: str, inside: str) -> str:
        direction = " desc" if self._c.is_backward else ""
        gathered = self._aggregate(f"json_agg({element} order by {self._p}.rn{direction}){inside}")
        return f"coalesce({gathered}, json_build_array())"

    def _page_info(self, item: PageInfoItem, first: str, inside: str) -> str:
        outputs = []
        for part in item.parts:
            if isinstance(part, TypenameItem):
                outputs.append(typename(part.alias, part.name))
                continue
            alias, which = part
            if which is ahead(self._c):
                sql = self._aggregate(f"count(*) > {first}")
            elif which in (PagePart.HAS_NEXT, PagePart.HAS_PREVIOUS):
                sql = self._is_behind()
            else:
                direction = " desc" if (which is PagePart.END) is not self._c.is_backward else ""
                keys = f"(array_agg({self._p}.k order by {self._p}.rn{direction}){inside})[1]"
                sql = self._cursor(self._aggregate(keys))
            outputs.append(f"{sql} as {output_name(alias)}")
        return json_object(outputs)

    def _is_behind(self) -> str:
        """Whether a change stands at the cursor or beyond it, away from the page.

        Asked, not inferred: the cursor may come from a feed with another condition.
        """
        if self._c.after is None:
            return "false"
        side = ">=" if self._c.is_backward else "<="
        return f"exists (select from {self._candidates(side)} where {self._differs()})"

    def _tallies(self) -> str:
        """Over all changes, whatever page is read: exact, or null above COUNT_MAX."""
        kinds = {
            ChangeKind.ADDED: _absent(self._o),
            ChangeKind.REMOVED: _absent(self._n),
            ChangeKind.CHANGED: f"{_present(self._o)} and {_present(self._n)}",
        }
        flags = ", ".join(f"({sql}) as {kind}" for kind, sql in kinds.items())
        changes = f"select {flags} from {self._candidates()} where {self._differs()} limit {COUNT_MAX + 1}"
        counts = (
            f"case when count(*) <= {COUNT_MAX} then count(*) filter (where f.{kind}) end as {kind}" for kind in kinds
        )
        return f"select {', '.join(counts)} from ({changes}) f"

    def _aggregate(self, sql: str) -> str:
        self._aggregates.append(f"{sql} as v{len(self._aggregates)}")
        return f"{self._a}.v{len(self._aggregates) - 1}"

    @property
    def _fingerprint(self) -> str:
        return fingerprint(self._now.contract, CHANGES, False)

    def _cursor(self, payload: str) -> str:
        return cursor(self._context, payload)

    def _cursor_payload(self) -> str:
        """[order, newest version, version, since version, key…]: both releases stay what they are over all pages."""
        name, root = self._fingerprint, self._context.root
        label = self._context.param(lambda _: name, "text", "fingerprint", name)
        versions = [
            self._context.param(binding.newest_version(root), "int8", "newest version", root),
            self._context.param(binding.root_version(root, Side.NOW), "int8", "version", root, Side.NOW),
            self._context.param(binding.root_version(root, Side.SINCE), "int8", "version", root, Side.SINCE),
        ]
        values = [f"({self._g}.{quote(field.name)})::text" for field in self._key]
        return f"json_build_array({', '.join([label, *versions, *values])})::text"


def _listed(alias: str, fields: tuple[Field, ...], direction: str = "") -> str:
    return ", ".join(f"{alias}.{quote(field.name)}{direction}" for field in fields)


def _absent(alias: str) -> str:
    return f"{alias}.{quote(ROW_COLUMN)} is null"


def _present(alias: str) -> str:
    return f"{alias}.{quote(ROW_COLUMN)} is not null"


def changes_sub(context: Context, changes: Changes) -> Sub:
    return Feed(context, changes).sub()
