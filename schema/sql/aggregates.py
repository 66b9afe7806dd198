"""Aggregates as a sub-select: groups, then numbers, then JSON, so that only what is shown is written out.

Sums of floats are taken over their shortest decimal spelling: exact, the same in whatever order the rows come, and
without an overflow; what no float can hold is null.
"""

import sys
from decimal import Decimal

from publicgsb.datasets.contracts.model import Field, FieldType
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.cells import COUNT_COLUMN, measured_column, sum_column
from publicgsb.datasets.releases.identifiers import quote
from publicgsb.schema.planning.tree.aggregates import (
    Aggregate,
    Figure,
    FigureItem,
    GroupPartItem,
    GroupsItem,
    KeyPartItem,
    Statistic,
    WholePart,
    WholePartItem,
)
from publicgsb.schema.planning.tree.records import TypenameItem
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.binding import PG_TYPES
from publicgsb.schema.sql.calendar import Calendar, key_output
from publicgsb.schema.sql.conditions import condition_sql, output_of
from publicgsb.schema.sql.context import Context, Sub
from publicgsb.schema.sql.output import output_name
from publicgsb.schema.sql.parts import json_object, typename

_FLOAT_MOST = Decimal(sys.float_info.max)
_FLOAT_LEAST = Decimal("5e-324")
_PLACES = Decimal("0e-40")


def aggregate_sub(context: Context, aggregate: Aggregate) -> Sub:
    return _Builder(context, aggregate).sub()


class _Builder:
    """One aggregate: `t` are the rows or cells, `g` the groups, `p` the groups numbered, `a` one row over them."""

    def __init__(self, context: Context, aggregate: Aggregate) -> None:
        self._context = context
        self._aggregate = aggregate
        self._release: ReleaseRef = context.release(aggregate.slot)
        self._has_cells = self._release.contract.is_aggregate_only
        self._t, self._g, self._p, self._a = (context.alias(kind) for kind in "tgpa")
        self._calendar = Calendar(context, self._t)
        self._columns: list[str] = []  # of g, beside the key
        self._used: list[str] = []  # of t

    def sub(self) -> Sub:
        aggregate, context, p, a = self._aggregate, self._context, self._p, self._a
        shown = most = ""
        if aggregate.groupings:
            first = context.param(binding.page_size(aggregate.first), "int4", "first", aggregate.first)
            least_one = context.param(binding.at_least_one(aggregate.first), "int4", "first>0", aggregate.first)
            shown, most = f" filter (where {p}.rn <= {first})", f" where {p}.rn <= {least_one}"
        gathered = [f"count(*){shown} as n", f"coalesce(max({p}.total), 0) as total"]
        outputs: list[str] = []
        for item in aggregate.items:
            match item:
                case TypenameItem(alias, name):
                    outputs.append(typename(alias, name))
                case WholePartItem(alias, part):
                    outputs.append(f"{self._whole(part)} as {output_name(alias)}")
                case GroupsItem(alias):
                    group = json_object(self._group(item))
                    name = f"v{len(gathered)}"
                    gathered.append(f"coalesce(json_agg({group} order by {p}.rn){shown}, '[]'::json) as {name}")
                    outputs.append(f"{a}.{name} as {output_name(alias)}")
        numbered = self._numbered()
        gathered_sql = f"select {', '.join(gathered)} from ({numbered}) {p}{most}"
        level = aggregate.level
        return Sub(f"select {json_object(outputs)} as j, {a}.n as c{level} from ({gathered_sql}) {a}", (level,))

    def _numbered(self) -> str:
        """Every group with its place in the order and how many there are. Built last: it lists what was asked for."""
        context, aggregate, t, g = self._context, self._aggregate, self._t, self._g
        direction = " desc" if aggregate.is_descending else ""
        order = []
        if aggregate.order is not None and aggregate.groupings:  # one group has no order, and its parameters no place
            order.append(f"{self._measure(g, aggregate.order)}{direction} nulls last")
            direction = ""
        keys = [self._calendar.key(self._stored(k.field), k) for k in aggregate.groupings]
        order += [f"{g}.k{i}{direction} nulls last" for i in range(len(keys))]
        listed = [*(f"{sql} as k{i}" for i, sql in enumerate(keys)), *self._listed()]
        source = f"{context.table(aggregate.slot)} {t}"
        if aggregate.condition is not None:
            source += f" where {condition_sql(context, aggregate.condition, t, self._release)}"
        source = self._calendar.layers(source, self._used)
        by = f" group by {', '.join(str(i + 1) for i in range(len(keys)))}" if keys else ""
        grouped = f"select {', '.join(listed)} from {source}{by}"
        over = f"order by {', '.join(order)}" if keys else ""
        return f"select {g}.*, row_number() over ({over}) as rn, count(*) over () as total from ({grouped}) {g}"

    def _listed(self) -> list[str]:
        return [f"{sql} as f{i}" for i, sql in enumerate(self._columns)] or ["count(*) as f0"]

    def _whole(self, part: WholePart) -> str:
        if part is WholePart.TOTAL_GROUPS:
            return f"{self._a}.total"
        slot = self._aggregate.slot
        if part is WholePart.SUPPRESSED_CELLS:
            return self._context.param(binding.suppressed_cells(slot), "int4", "suppressed", slot)
        return self._context.param(binding.min_cell(slot), "int4", "min cell", slot)

    def _group(self, groups: GroupsItem) -> list[str]:
        outputs = []
        for item in groups.items:
            match item:
                case TypenameItem(alias, name):
                    outputs.append(typename(alias, name))
                case FigureItem(alias, figure):
                    outputs.append(f"{self._shown(figure)} as {output_name(alias)}")
                case GroupPartItem(alias, items):
                    outputs.append(f"{json_object([self._part(part) for part in items])} as {output_name(alias)}")
        return outputs

    def _part(self, item: FigureItem | KeyPartItem | TypenameItem) -> str:
        match item:
            case TypenameItem(alias, name):
                return typename(alias, name)
            case KeyPartItem(alias, grouping):
                k = self._aggregate.groupings.index(grouping)
                return f"{key_output(f'{self._p}.k{k}', grouping)} as {output_name(alias)}"
            case FigureItem(alias, figure):
                return f"{self._shown(figure)} as {output_name(alias)}"

    def _shown(self, figure: Figure) -> str:
        """A figure as it leaves: exact and wide numbers as strings, floats only where a float can hold them."""
        sql, field = self._measure(self._p, figure), figure.field
        if field is None or figure.statistic is Statistic.DISTINCT:
            return sql
        if figure.statistic in (Statistic.LEAST, Statistic.MOST):
            return self._extreme(sql, field)
        if field.type is FieldType.NUMBER:
            return self._as_float(sql)
        if figure.statistic is Statistic.SUM:
            return f"{sql}::text"
        return f"trim_scale(round({sql}, 20))::text" if field.type is FieldType.DECIMAL else f"{sql}::float8"

    def _extreme(self, sql: str, field: Field) -> str:
        """Of equal values in several spellings PostgreSQL takes the one that it meets last: 10.5 or 10.50, 0 or -0."""
        if field.type is FieldType.DECIMAL:
            return f"trim_scale({sql})::text"
        return f"{sql} + 0::float8" if field.type is FieldType.NUMBER else output_of(sql, field)

    def _as_float(self, sql: str) -> str:
        most = self._context.param(lambda _: _FLOAT_MOST, "numeric", "float most")
        least = self._context.param(lambda _: _FLOAT_LEAST, "numeric", "float least")
        return f"case when abs({sql}) < {least} then 0::float8 when abs({sql}) <= {most} then {sql}::float8 end"

    def _measure(self, of: str, figure: Figure) -> str:
        """SQL of a figure over the columns of `g` (or of `p`, which has the same)."""
        field = figure.field
        if field is None:
            return self._column(of, f"coalesce(sum({self._use(COUNT_COLUMN)}), 0)" if self._has_cells else "count(*)")
        match figure.statistic:
            case Statistic.SUM:
                return self._total(of, field)
            case Statistic.AVERAGE:
                # A quotient has at least the decimal places of its dividend: enough of them, and equal means are equal.
                places = self._context.param(lambda _: _PLACES, "numeric", "places")
                return f"(({self._total(of, field)} + {places}) / nullif({self._measured(of, field)}, 0))"
            case Statistic.DISTINCT:
                return self._column(of, f"count(distinct {self._stored(field)})")
            case Statistic.LEAST | Statistic.MOST:
                return self._column(of, f"{figure.statistic}({self._stored(field)})")
            case _:
                raise AssertionError(figure.statistic)

    def _total(self, of: str, field: Field) -> str:
        if self._has_cells:
            return self._column(of, f"sum({self._cell(sum_column(field.name), field)})")
        column = self._stored(field)
        return self._column(of, f"sum({column}::text::numeric)" if field.type is FieldType.NUMBER else f"sum({column})")

    def _measured(self, of: str, field: Field) -> str:
        """How many values a total has."""
        if self._has_cells:
            return self._column(of, f"sum({self._cell(measured_column(field.name), field)})")
        return self._column(of, f"count({self._stored(field)})")

    def _cell(self, column: str, field: Field) -> str:
        return self._use(column) if field.name in self._release.columns else "null::numeric"

    def _stored(self, field: Field) -> str:
        """The column, or null where the bound release lacks it."""
        return self._use(field.name) if field.name in self._release.columns else f"null::{PG_TYPES[field.type]}"

    def _use(self, column: str) -> str:
        sql = f"{self._t}.{quote(column)}"
        if sql not in self._used:
            self._used.append(sql)
        return sql

    def _column(self, of: str, sql: str) -> str:
        if sql not in self._columns:
            self._columns.append(sql)
        return f"{of}.f{self._columns.index(sql)}"
