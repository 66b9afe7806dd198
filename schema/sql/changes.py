"""A change feed as a sub-select: what is said of each change of a page, of the page, and of all changes."""

from publicgsb.schema.planning.tree.changes import (
    Change,
    ChangedFieldsItem,
    ChangeEdges,
    ChangeNodes,
    Changes,
    KeyItem,
    KindItem,
    Side,
    SideItem,
    TallyItem,
)
from publicgsb.schema.planning.tree.records import ColumnItem, CursorItem, PageInfoItem, TypenameItem
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.conditions import output
from publicgsb.schema.sql.context import Context, Sub
from publicgsb.schema.sql.differing import Differing, absent, present
from publicgsb.schema.sql.order import cursor
from publicgsb.schema.sql.output import output_name
from publicgsb.schema.sql.pages import Pages, Row
from publicgsb.schema.sql.parts import json_object, page_info, typename

_KINDS = ("ADDED", "REMOVED", "CHANGED")


class Feed:
    """Builds one change feed of one statement."""

    def __init__(self, context: Context, changes: Changes) -> None:
        self._context = context
        self._c = changes
        self._d = Differing(context, changes)
        self._p, self._a, self._y = context.alias("p"), context.alias("a"), context.alias("y")
        self._first = context.param(binding.page_size(changes.first), "int4", "first", changes.first)
        self._inside = f" filter (where {self._p}.rn <= {self._first})"
        self._is_tallied = any(isinstance(item, TallyItem) for item in changes.items)
        self._aggregates: list[str] = []
        self._rows: list[Row] = []

    def sub(self) -> Sub:
        c, d, p, a, inside = self._c, self._d, self._p, self._a, self._inside
        limit = self._context.param(binding.page_size(c.first, 1), "int4", "first+1", c.first)
        changes = [self._change(change) for change in c.changes]
        counts = [(level, sql) for row in self._rows for level, sql in row.counts]
        made = self._members()
        gathered = [f"count(*){inside} as n", *self._aggregates]
        gathered += [f"coalesce(sum({p}.c{level}){inside}, 0)::int8 as c{level}" for level, _ in counts]
        outputs = [f"{sql} as r{number}" for number, sql in enumerate(changes)]
        outputs += [f"{d.cursor_payload()} as k", f"{d.g}.rn", *(f"{sql} as c{level}" for level, sql in counts)]
        joins = " ".join(sql for row in self._rows for sql in row.joins)
        listed = f"select {', '.join(outputs)} from {d.page(limit)} {joins}"
        passed = ", ".join([f"{a}.n as c{c.level}", *(f"{a}.c{level}" for level, _ in counts)])
        tallies = f" cross join ({d.tallies()}) {self._y}" if self._is_tallied else ""
        return Sub(
            f"select {json_object(made)} as j, {passed} from (select {', '.join(gathered)} from ({listed}) {p}) {a}"
            f"{tallies}",
            (c.level, *(level for level, _ in counts)),
        )

    def _change(self, change: Change) -> str:
        outputs = []
        for item in change.items:
            match item:
                case TypenameItem(alias, name):
                    outputs.append(typename(alias, name))
                case KindItem(alias):
                    outputs.append(f"{self._kind()} as {output_name(alias)}")
                case ChangedFieldsItem(alias):
                    outputs.append(f"{self._changed_fields()} as {output_name(alias)}")
                case KeyItem(alias):
                    outputs.append(f"{self._key_object(item)} as {output_name(alias)}")
                case SideItem(alias):
                    outputs.append(f"{self._side(item)} as {output_name(alias)}")
        return json_object(outputs)

    def _kind(self) -> str:
        kinds = self._context.param(lambda _: list(_KINDS), "text[]", "change kinds")
        number = f"case when {absent(self._d.before)} then 1 when {absent(self._d.after)} then 2 else 3 end"
        return f"({kinds})[{number}]"

    def _changed_fields(self) -> str:
        d = self._d
        api_names = [field.api_name for field in d.compared]
        names = self._context.param(lambda _: api_names, "text[]", "compared", *api_names)
        flags = ", ".join(d.unequal((field,)) for field in d.compared)
        is_both = f"{present(d.before)} and {present(d.after)}"
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
                    outputs.append(f"{output(self._d.g, field, self._d.now)} as {output_name(alias)}")
        return json_object(outputs)

    def _side(self, item: SideItem) -> str:
        t = self._d.before if item.side is Side.SINCE else self._d.after
        self._context.side = item.side
        row = Pages(self._context).record(item.record, t)
        self._context.side = Side.NOW
        self._rows.append(row)
        return f"case when {present(t)} then {row.json} end"

    def _members(self) -> list[str]:
        made = []
        records = iter(range(len(self._c.changes)))
        for item in self._c.items:
            match item:
                case TypenameItem(alias, name):
                    made.append(typename(alias, name))
                case ChangeNodes(alias):
                    made.append(f"{self._list(f'{self._p}.r{next(records)}')} as {output_name(alias)}")
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
                    made.append(f"{self._list(json_object(outputs))} as {output_name(alias)}")
                case PageInfoItem(alias):
                    made.append(f"{page_info(item, self)} as {output_name(alias)}")
                case TallyItem(alias, kind):
                    made.append(f"{self._y}.{kind} as {output_name(alias)}")
        return made

    def _list(self, element: str) -> str:
        direction = " desc" if self.is_backward else ""
        gathered = self._aggregate(f"json_agg({element} order by {self._p}.rn{direction}){self._inside}")
        return f"coalesce({gathered}, json_build_array())"

    @property
    def is_backward(self) -> bool:
        return self._c.is_backward

    def has_more(self) -> str:
        return self._aggregate(f"count(*) > {self._first}")

    def is_behind(self) -> str:
        return self._d.is_behind()

    def bound(self, *, is_last: bool) -> str:
        direction = " desc" if is_last else ""
        keys = f"(array_agg({self._p}.k order by {self._p}.rn{direction}){self._inside})[1]"
        return self._cursor(self._aggregate(keys))

    def _cursor(self, payload: str) -> str:
        return cursor(self._context, payload)

    def _aggregate(self, sql: str) -> str:
        self._aggregates.append(f"{sql} as v{len(self._aggregates)}")
        return f"{self._a}.v{len(self._aggregates) - 1}"


def changes_sub(context: Context, changes: Changes) -> Sub:
    return Feed(context, changes).sub()
